"""Regimes and proposals in the console."""

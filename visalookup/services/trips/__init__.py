"""Checks of whole trips."""

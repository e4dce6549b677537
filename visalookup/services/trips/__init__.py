"""Checking whole trips."""

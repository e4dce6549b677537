"""Whole trips: limits of stay, passport validity, transit."""

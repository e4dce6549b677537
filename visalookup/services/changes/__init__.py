"""Changing the data, and following the changes."""

"""Agencies in the console."""

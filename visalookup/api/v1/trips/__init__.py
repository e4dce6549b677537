"""Trips as JSON."""

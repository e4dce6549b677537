"""Agencies, their keys and their usage in the database."""

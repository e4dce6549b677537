"""Rows of agencies, their keys and their usage."""

"""Agencies, their keys and their usage."""

"""Agencies: keys and usage."""

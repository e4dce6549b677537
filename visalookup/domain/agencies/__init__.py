"""Agencies: their keys and limits."""

"""Rows of proposals and their decisions."""

"""Comparisons with outside tables in the database."""

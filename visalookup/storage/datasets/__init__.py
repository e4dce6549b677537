"""Rows of comparisons with outside tables."""

"""Uploads and comparisons in the console."""

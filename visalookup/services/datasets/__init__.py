"""Whole bodies of data: loading, exporting, comparing, measuring."""

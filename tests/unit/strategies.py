"""How hypothesis makes the records of the field, and how long it may search."""

from __future__ import annotations

from hypothesis import settings

quick = settings(max_examples=50, deadline=None, derandomize=True, database=None)
"""A short search, the same on every run."""

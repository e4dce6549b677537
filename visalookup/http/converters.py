"""URL converters for row numbers."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter

MAX_ROW_NUMBER = 2**63 - 1
"""The largest integer SQLite accepts in a query; no table has so many rows."""


class RowNumber(IntegerConverter):
    """A row number. One too large for the database becomes the largest, at which there is no row."""

    def to_python(self, value: str) -> int:
        """The row number in a URL."""
        return min(int(super().to_python(value)), MAX_ROW_NUMBER)

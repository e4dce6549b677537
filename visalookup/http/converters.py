"""Numbers of rows in addresses."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter

LARGEST = 2**63 - 1
"""No database numbers its rows up to this; beyond it SQLite cannot even be asked."""


class RowNumber(IntegerConverter):
    """A number of a row. One too large for any database is taken for the largest, at which there is nothing."""

    def to_python(self, value: str) -> int:
        """The number that an address names."""
        return min(int(super().to_python(value)), LARGEST)

"""One way to write a value down before it is hashed, the same on every database and in every language.

It is the JSON Canonicalization Scheme (RFC 8785): no white space, keys in order, text unescaped in UTF-8. We write
neither fractions nor keys outside ASCII, on which the scheme has rules of its own.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def canonical(value: Any) -> bytes:
    """The canonical text of what JSON can say; days and instants as RFC 3339 writes them, instants in UTC."""
    return orjson.dumps(value, default=_written, option=_OPTIONS)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")

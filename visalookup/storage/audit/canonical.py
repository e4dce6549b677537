"""Canonical JSON for hashing, the same on every database and in every language.

It follows the JSON Canonicalization Scheme (RFC 8785): no white space, sorted keys, unescaped text in UTF-8. We write
neither fractions nor keys outside ASCII, for which the scheme has special rules.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def canonical(value: Any) -> bytes:
    """Return the canonical text of a JSON value; days and instants are written as in RFC 3339, instants in UTC."""
    return orjson.dumps(value, default=_format_time, option=_OPTIONS)


def _format_time(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")

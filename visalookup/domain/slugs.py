"""Ids that people give to regimes and sources: lower case, digits and hyphens, fit for an address or a file."""

from __future__ import annotations

import re

from visalookup.domain.errors import InvalidValue, quoted

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 100


def check_slug(text: str) -> str:
    """The text, if it can be an id; raise InvalidValue otherwise."""
    if len(text) > _LONGEST or not SLUG.fullmatch(text):
        raise InvalidValue(f"{quoted(text)} cannot be an id: use lower case letters, digits and single hyphens.")
    return text

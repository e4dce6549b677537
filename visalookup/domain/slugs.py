"""Ids that people give to regimes and sources: lower case, digits and hyphens, fit for an address or a file."""

from __future__ import annotations

import re
import unicodedata

from visalookup.domain.errors import InvalidValue, quoted

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 100


def check_slug(text: str) -> str:
    """The text, if it can be an id; raise InvalidValue otherwise."""
    if len(text) > _LONGEST or not SLUG.fullmatch(text):
        raise InvalidValue(f"{quoted(text)} cannot be an id: use lower case letters, digits and single hyphens.")
    return text


def slug_of(text: str, otherwise: str) -> str:
    """An id made of a text: its plain letters and digits; `otherwise` where it has none."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST].strip("-") or otherwise

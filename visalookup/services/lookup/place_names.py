"""Names of places in the languages whose input we understand, from Unicode CLDR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale

INPUT_LANGUAGES = (
    "en", "ru", "kk", "he", "ar", "az", "be", "de", "es", "fa", "fr", "hi", "hy",
    "it", "ja", "ka", "ko", "ky", "mn", "pl", "pt", "tr", "uk", "uz", "vi", "zh",
)  # fmt: skip
"""Languages in which a place may be typed; answers are written in English so far."""

ANSWER_LANGUAGES = ("en",)
"""Languages in which sentences are written."""


@cache
def names_in_shipped_languages() -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Each language with its names of places by alpha-2 code."""
    return tuple(_names())


def _names() -> Iterator[tuple[str, Mapping[str, str]]]:
    for language in INPUT_LANGUAGES:
        territories = Locale.parse(language).territories
        yield language, {code: name for code, name in territories.items() if len(code) == 2 and code.isalpha()}

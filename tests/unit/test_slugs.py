"""Ids of regimes and sources: what may be one, and how one is made of a title."""

from __future__ import annotations

import pytest

from visalookup.domain.errors import InvalidValue
from visalookup.domain.slugs import check_slug, slug_of

LONGEST = 100


@pytest.mark.parametrize("text", ["kaz-isr-2026", "a", "7", "1951-convention", "x" * LONGEST])
def test_lower_case_letters_digits_and_single_hyphens_make_an_id(text: str) -> None:
    assert check_slug(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "KAZ-ISR", "kaz--isr", "-kaz", "kaz-", "kaz isr", "kaz_isr", "kaz/isr", "kaz\n", "côte", "x" * (LONGEST + 1)],
)
def test_nothing_else_does(text: str) -> None:
    with pytest.raises(InvalidValue):
        check_slug(text)


def test_what_cannot_be_an_id_is_named_with_what_to_write_instead() -> None:
    with pytest.raises(InvalidValue) as refusal:
        check_slug("Kaz Isr")
    assert str(refusal.value) == "'Kaz Isr' cannot be an id: use lower case letters, digits and single hyphens."


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Agreement of 27 January 2026", "agreement-of-27-january-2026"),
        ("  Côte d'Ivoire -- Décret n° 12/2024 ", "cote-d-ivoire-decret-n-12-2024"),
        ("Straße", "strae"),
        ("Казахстан", "regime"),
        ("", "regime"),
    ],
)
def test_a_title_gives_an_id_of_its_plain_letters_and_digits(text: str, slug: str) -> None:
    assert slug_of(text, "regime") == slug


def test_a_long_title_is_cut_to_what_an_id_may_have_and_never_ends_in_a_hyphen() -> None:
    assert slug_of("x" * (LONGEST + 1), "regime") == "x" * LONGEST
    assert slug_of("x" * (LONGEST - 1) + " and more", "regime") == "x" * (LONGEST - 1)
    assert check_slug(slug_of("word " * 50, "regime")).endswith("-word")

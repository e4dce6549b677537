"""How well a fact was checked, and how long a check stays fresh."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from visalookup.domain.sources import Verification, VerificationLevel

CHECKED = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("level", "age", "stale"),
    [
        ("official", 0, False),
        ("official", 365, False),
        ("official", 366, True),
        ("secondary", 180, False),
        ("secondary", 181, True),
    ],
)
def test_a_check_of_the_official_text_stays_fresh_for_longer(level: str, age: int, stale: bool) -> None:
    verification = Verification(VerificationLevel(level), CHECKED)
    assert verification.is_stale(CHECKED + timedelta(days=age)) is stale


@pytest.mark.parametrize("level", VerificationLevel)
def test_what_nobody_read_is_always_stale(level: VerificationLevel) -> None:
    assert Verification(level).is_stale(CHECKED)


def test_a_check_is_fresh_for_who_looks_from_before_it() -> None:
    """A question about what was known earlier looks at a check from before its day."""
    assert not Verification(VerificationLevel.SECONDARY, CHECKED).is_stale(CHECKED - timedelta(days=30))

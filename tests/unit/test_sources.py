"""How well a fact was checked, and how long a check stays fresh."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.builders import source
from visalookup.domain.moments import PartialDate
from visalookup.domain.sources import Verification, VerificationLevel

CHECKED = date(2026, 1, 1)


def stale(level: str, age: int, state_on: str | None = None) -> bool:
    """Whether a check of that level is stale at that age, in days."""
    state = PartialDate.parse(state_on) if state_on else None
    check = Verification(VerificationLevel(level), CHECKED)
    return check.is_stale(CHECKED + timedelta(days=age), source(state_on=state))


@pytest.mark.parametrize(("level", "days"), [("official", 365), ("secondary", 180)])
def test_a_check_of_the_official_text_stays_fresh_for_longer(level: str, days: int) -> None:
    assert not stale(level, 0)
    assert not stale(level, days)
    assert stale(level, days + 1)


@pytest.mark.parametrize("level", VerificationLevel)
def test_what_nobody_read_is_always_stale(level: VerificationLevel) -> None:
    assert Verification(level).is_stale(CHECKED, source())


def test_a_check_is_fresh_for_who_looks_from_before_it() -> None:
    """A question about what was known earlier looks at a check from before its day."""
    assert not stale("secondary", -30)


@pytest.mark.parametrize(
    ("state_on", "age", "expected"),
    [
        ("2025-12-01", 334, False),
        ("2025-12-01", 335, True),
        ("2024-06", 0, True),
        ("2020", 0, True),
        ("2026-01-01", 365, False),
    ],
)
def test_reading_an_old_state_of_a_text_makes_no_fresh_check(state_on: str, age: int, expected: bool) -> None:
    assert stale("official", age, state_on) is expected


def test_a_state_dated_after_the_check_makes_it_no_fresher() -> None:
    assert stale("official", 366, "2026-06-01")

"""Days counted in a calendar year, by examples: what was used before, the turn of the year, and no limit at all."""

from __future__ import annotations

from datetime import date

import pytest

from visalookup.domain.trips.stay_limits import Days, Limit, LimitKind, Span, last_day_allowed

NOTHING = Days([])


def a_year(days: int) -> Limit:
    return Limit(LimitKind.CALENDAR_YEAR, days)


def last(limit: Limit, first: str, before: Days = NOTHING) -> str:
    allowed = last_day_allowed(limit, before, date.fromisoformat(first))
    return str(allowed)


def spent(first: str, until: str) -> Days:
    return Days([Span(date.fromisoformat(first), date.fromisoformat(until))])


def test_the_days_of_a_visit_count_from_the_first() -> None:
    assert last(a_year(10), "2026-06-01") == "2026-06-10"


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        (spent("2026-01-01", "2026-01-04"), "2026-06-06"),
        (spent("2026-01-01", "2026-01-01"), "2026-06-09"),
        (spent("2026-05-28", "2026-05-31"), "2026-06-06"),
        (spent("2026-05-31", "2026-05-31"), "2026-06-09"),
        (spent("2026-01-15", "2026-01-31"), "2026-05-31"),
        (spent("2025-12-01", "2025-12-31"), "2026-06-10"),
    ],
)
def test_days_of_the_same_year_count_to_its_first_and_to_the_day_before_arrival(before: Days, allowed: str) -> None:
    assert last(a_year(10), "2026-06-01", before) == allowed


def test_a_new_year_brings_all_its_days() -> None:
    assert last(a_year(31), "2026-12-01") == "2027-01-31", "the last day of the year is the last of its limit"
    assert last(a_year(30), "2026-12-01") == "2026-12-30"
    assert last(a_year(32), "2026-12-01") == "2027-02-01"


def test_a_limit_as_long_as_the_longest_year_never_ends_a_stay() -> None:
    assert last(a_year(366), "2026-06-01") == "None"
    assert last(a_year(365), "2026-06-01") == "2028-12-30", "a leap year has a day more"

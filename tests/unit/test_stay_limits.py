"""Limits of stay: against a slow count, day by day, that nobody can doubt."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.strategies import thorough
from visalookup.domain.requirements import Stay, StayTotal
from visalookup.domain.trips.stay_limits import Days, Limit, LimitKind, Span, check_limit, limits_of

ROLLING = Limit(LimitKind.ROLLING, 90, within_days=180)
DAY = timedelta(days=1)
START = date(2026, 11, 1)
SEARCHED = 2 * 366 + 1
few = settings(thorough, max_examples=25)


def span(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last))


def days_of(each: Span) -> set[date]:
    return {each.first + timedelta(days=number) for number in range(each.length)}


def counted(limit: Limit, present: set[date], day: date) -> int:
    """How many of the days present a limit counts together on one day."""
    first = day - timedelta(days=(limit.within_days or 0) - 1)
    if limit.kind is not LimitKind.ROLLING:
        first = date(day.year, 1, 1)
    return sum(first <= each <= day for each in present)


def slow_excess(limit: Limit, spent: set[date], visit: Span) -> date | None:
    """The first day of a visit on which too many days are counted."""
    present = spent | days_of(visit)
    for day in sorted(days_of(visit)):
        if counted(limit, present, day) > (limit.days or 0):
            return day
    return None


def slow_earliest(limit: Limit, spent: set[date], length: int, start: date) -> date | None:
    """The first day from which a visit fits, tried one by one."""
    for number in range(SEARCHED):
        first = start + timedelta(days=number)
        if slow_excess(limit, spent, Span(first, first + timedelta(days=length - 1))) is None:
            return first
    return None


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first = START + timedelta(days=draw(st.integers(-40, 90)))
    return Span(first, first + timedelta(days=draw(st.integers(0, 30))))


def limits() -> st.SearchStrategy[Limit]:
    rolling = st.tuples(st.integers(1, 20), st.integers(0, 25)).map(
        lambda both: Limit(LimitKind.ROLLING, both[0], within_days=both[0] + both[1])
    )
    yearly = st.integers(1, 40).map(lambda days: Limit(LimitKind.CALENDAR_YEAR, days))
    return rolling | yearly


@thorough
@given(limits(), st.lists(spans(), max_size=5), spans())
def test_days_used_and_the_first_day_too_many_are_those_of_a_slow_count(
    limit: Limit, earlier: list[Span], visit: Span
) -> None:
    found = check_limit(limit, Days(earlier), visit)
    spent = {day for each in earlier for day in days_of(each)}
    present = spent | days_of(visit)
    assert found.used == counted(limit, present, visit.last)
    assert found.first_overstay == slow_excess(limit, spent, visit)


@thorough
@given(limits(), st.lists(spans(), max_size=5), spans())
def test_whoever_stays_until_the_last_day_allowed_keeps_the_limit_and_a_day_more_breaks_it(
    limit: Limit, earlier: list[Span], visit: Span
) -> None:
    spent = {day for each in earlier for day in days_of(each)}
    found = check_limit(limit, Days(earlier), visit)
    last = found.last_allowed
    if found.first_overstay == visit.first:
        assert last is None, "no day is left on arrival"
        assert slow_excess(limit, spent, Span(visit.first, visit.first)) == visit.first
        return
    if last is None:
        assert slow_excess(limit, spent, Span(visit.first, visit.first + timedelta(days=100))) is None
        return
    assert last >= visit.first
    assert slow_excess(limit, spent, Span(visit.first, last)) is None
    assert slow_excess(limit, spent, Span(visit.first, last + DAY)) == last + DAY


@few
@given(limits(), st.lists(spans(), max_size=4), st.integers(-40, 90), st.integers(1, 6))
def test_the_next_day_on_which_it_is_allowed_is_the_first_that_a_slow_search_finds(
    limit: Limit, earlier: list[Span], number: int, length: int
) -> None:
    first = START + timedelta(days=number)
    visit = Span(first, first + timedelta(days=length - 1))
    found = check_limit(limit, Days(earlier), visit)
    spent = {day for each in earlier for day in days_of(each)}
    assert found.earliest_arrival == slow_earliest(limit, spent, visit.length, visit.first)
    assert found.again_from == slow_earliest(limit, spent | days_of(visit), visit.length, visit.last + DAY)


@thorough
@given(st.lists(spans(), max_size=6), st.integers(-60, 140), st.integers(-1, 60))
def test_days_spent_are_counted_once_however_many_stays_they_are_in(stays: list[Span], first: int, more: int) -> None:
    spent = {day for each in stays for day in days_of(each)}
    start = START + timedelta(days=first)
    end = start + timedelta(days=more)
    assert Days(stays).between(start, end) == len([day for day in spent if start <= day <= end])


def test_ninety_days_in_a_row_are_allowed_and_the_ninety_first_is_not() -> None:
    kept = check_limit(ROLLING, Days([]), span("2027-01-01", "2027-03-31"))
    assert (kept.used, kept.left, kept.first_overstay) == (90, 0, None)
    over = check_limit(ROLLING, Days([]), span("2027-01-01", "2027-04-01"))
    assert (over.used, over.left, over.first_overstay) == (91, 0, date(2027, 4, 1))
    assert over.earliest_arrival is None, "no stay of 91 days is ever allowed"


def test_after_ninety_days_one_must_be_away_for_ninety() -> None:
    visit = span("2027-01-01", "2027-03-31")
    assert check_limit(ROLLING, Days([]), visit).again_from == visit.last + timedelta(days=91)


@pytest.mark.parametrize(
    ("months", "first", "last"),
    [
        (1, "2027-01-10", "2027-02-09"),
        (1, "2027-01-31", "2027-02-28"),
        (1, "2027-01-29", "2027-02-28"),
        (1, "2028-01-30", "2028-02-29"),
        (1, "2027-03-01", "2027-03-31"),
        (6, "2027-08-31", "2028-02-29"),
        (3, "2026-12-15", "2027-03-14"),
    ],
)
def test_months_run_until_the_day_before_the_same_date_or_the_end_of_a_shorter_month(
    months: int, first: str, last: str
) -> None:
    limit = Limit(LimitKind.PER_VISIT, months=months)
    kept = check_limit(limit, Days([]), span(first, last))
    assert kept.last_allowed == date.fromisoformat(last)
    assert kept.first_overstay is None
    over = check_limit(limit, Days([]), Span(date.fromisoformat(first), date.fromisoformat(last) + DAY))
    assert over.first_overstay == date.fromisoformat(last) + DAY


def test_a_limit_of_one_visit_begins_anew_with_each_visit() -> None:
    limit = Limit(LimitKind.PER_VISIT, 30)
    found = check_limit(limit, Days([span("2027-01-01", "2027-01-30")]), span("2027-01-31", "2027-03-01"))
    assert (found.used, found.first_overstay) == (30, None)
    assert found.again_from == date(2027, 3, 2)


def test_days_of_the_old_year_do_not_count_in_the_new() -> None:
    limit = Limit(LimitKind.CALENDAR_YEAR, 30)
    found = check_limit(limit, Days([span("2026-12-01", "2026-12-20")]), span("2026-12-25", "2027-01-20"))
    assert (found.used, found.left, found.first_overstay) == (20, 10, None)
    assert found.last_allowed == date(2027, 1, 30)


def test_a_stay_sets_the_limits_it_names() -> None:
    assert limits_of(None) == ()
    assert limits_of(Stay(unlimited=True)) == ()
    assert limits_of(Stay(days=90, within_days=180)) == (ROLLING,)
    assert limits_of(Stay(months=3)) == (Limit(LimitKind.PER_VISIT, months=3),)
    yearly = Stay(days=30, total=StayTotal(90, calendar_year=True))
    assert limits_of(yearly) == (Limit(LimitKind.PER_VISIT, 30), Limit(LimitKind.CALENDAR_YEAR, 90))
    rolling = Stay(days=30, total=StayTotal(90, within_days=180))
    assert limits_of(rolling) == (Limit(LimitKind.PER_VISIT, 30), ROLLING)

"""What a published date means as an instant, and how exactly it is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.strategies import quick
from visalookup.domain.errors import InvalidValue
from visalookup.domain.moments import (
    YEARS_OF_LAW,
    YEARS_OF_QUESTIONS,
    EffectiveDate,
    PartialDate,
    Precision,
    Years,
    day_bounds,
    format_instant,
    months_after,
    parse_instant,
    start_of_day,
)


@pytest.mark.parametrize(
    ("text", "first_day", "precision"),
    [
        ("2024-08-28", date(2024, 8, 28), Precision.DAY),
        ("2024-08", date(2024, 8, 1), Precision.MONTH),
        ("2024", date(2024, 1, 1), Precision.YEAR),
    ],
)
def test_a_source_prints_a_day_a_month_or_a_year(text: str, first_day: date, precision: Precision) -> None:
    printed = PartialDate.parse(text)
    assert (printed.first_day, printed.precision) == (first_day, precision)
    assert str(printed) == text


@pytest.mark.parametrize("text", ["", "28 August 2024", "2024-8-1", "20240828", "2024-08-28T00:00:00Z", "24"])
def test_what_is_no_date_is_refused_with_the_way_to_write_one(text: str) -> None:
    with pytest.raises(InvalidValue, match="write it as 2024-08-28, 2024-08 or 2024"):
        PartialDate.parse(text)


@pytest.mark.parametrize("text", ["2024-13", "2024-02-30", "2023-02-29", "0000"])
def test_a_day_that_the_calendar_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not a day of the calendar"):
        PartialDate.parse(text)


def test_an_instant_is_kept_in_utc() -> None:
    effective = EffectiveDate.parse("2024-09-10T15:00:00+01:00")
    assert effective.instant == datetime(2024, 9, 10, 14, tzinfo=UTC)
    assert str(effective) == "2024-09-10T14:00:00Z"


def test_an_instant_without_its_offset_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(InvalidValue, match=r"has no offset; write it as 2024-09-10T15:00:00Z"):
        parse_instant("2024-09-10T15:00:00")
    with pytest.raises(InvalidValue, match="needs its offset"):
        EffectiveDate(instant=datetime(2024, 9, 10, 15))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize("text", ["3 pm on 10 September", "2024-09-10T25:00:00Z", "T", ""])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not an instant"):
        parse_instant(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"])
def test_an_instant_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="outside the years 1 to 9999"):
        parse_instant(text)


def test_a_fraction_of_a_second_is_printed_only_where_there_is_one() -> None:
    assert format_instant(datetime(2024, 9, 10, 14, tzinfo=UTC)) == "2024-09-10T14:00:00Z"
    assert format_instant(datetime(2024, 9, 10, 14, 0, 0, 5, tzinfo=UTC)) == "2024-09-10T14:00:00.000005Z"


def test_an_effective_date_is_a_day_or_an_instant_and_never_both() -> None:
    with pytest.raises(InvalidValue, match="either a day or an instant"):
        EffectiveDate()
    with pytest.raises(InvalidValue, match="either a day or an instant"):
        EffectiveDate(day=date(2024, 9, 10), instant=datetime(2024, 9, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "exact"),
    [("2024-09-10T15:00:00Z", True), ("2024-09-10", True), ("2024-09", False), ("2024", False)],
)
def test_a_month_or_a_year_is_not_exact(text: str, exact: bool) -> None:
    assert EffectiveDate.parse(text).is_exact is exact


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Asia/Tokyo", "2024-08-27T15:00:00Z"),
        ("Asia/Baku", "2024-08-27T20:00:00Z"),
        ("Africa/Casablanca", "2024-08-27T23:00:00Z"),
        ("UTC", "2024-08-28T00:00:00Z"),
        ("America/New_York", "2024-08-28T04:00:00Z"),
    ],
)
def test_a_day_of_law_starts_at_midnight_where_it_is_law(zone: str, instant: str) -> None:
    assert EffectiveDate.parse("2024-08-28").moment(ZoneInfo(zone)) == parse_instant(instant)


def test_an_instant_is_the_same_everywhere() -> None:
    effective = EffectiveDate.parse("2024-09-10T15:00:00+01:00")
    assert effective.moment(ZoneInfo("Asia/Tokyo")) == effective.moment(ZoneInfo("America/New_York"))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-06-01", 24), ("2026-10-25", 25)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    start, end = day_bounds(date.fromisoformat(day), ZoneInfo("Europe/London"))
    assert end - start == timedelta(hours=hours)


def test_a_day_whose_midnight_the_clocks_skip_starts_when_they_jump() -> None:
    assert start_of_day(date(2024, 4, 26), ZoneInfo("Africa/Cairo")) == parse_instant("2024-04-25T22:00:00Z")


@quick
@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(list(Precision)[1:]))
def test_a_printed_date_reads_back_as_itself(day: date, precision: Precision) -> None:
    printed = PartialDate.parse(str(PartialDate(day, precision)))
    assert printed.precision is precision
    assert PartialDate.parse(str(printed)) == printed


@quick
@given(
    st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.sampled_from(["Asia/Tokyo", "Europe/London", "America/Havana"]),
)
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: str) -> None:
    _, end = day_bounds(day, ZoneInfo(zone))
    assert end == start_of_day(day + timedelta(days=1), ZoneInfo(zone))
    assert end.astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "9999", "9999-12-31T23:59:59Z"])
def test_a_date_of_law_beyond_all_calendars_is_a_slip(text: str) -> None:
    """A day after it could not even be counted."""
    with pytest.raises(InvalidValue, match="is outside 1800 to 2200"):
        EffectiveDate.parse(text)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2026-11-30", 3, "2027-02-28"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-01-31", 0, "2026-01-31"),
        ("2016-02-29", 120, "2026-02-28"),
    ],
)
def test_months_lead_to_the_same_date_or_the_end_of_a_shorter_month(day: str, months: int, after: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(after)


@pytest.mark.parametrize(("years", "first", "last"), [(YEARS_OF_LAW, 1800, 2200), (YEARS_OF_QUESTIONS, 1900, 2199)])
def test_both_ends_of_the_years_are_within_them(years: Years, first: int, last: int) -> None:
    for day in (date(first, 1, 1), date(last, 12, 31)):
        assert years.check(day) is day
    for day in (date(first - 1, 12, 31), date(last + 1, 1, 1)):
        with pytest.raises(InvalidValue, match=f"The year {day.year} is outside {first} to {last}"):
            years.check(day)

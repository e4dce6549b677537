"""Days and moments in English, as exact as they are known."""

from __future__ import annotations

from datetime import date, datetime

from visalookup.domain.moments import EffectiveDate, PartialDate, Precision
from visalookup.domain.periods import Period
from visalookup.domain.places import Place


def describe_day(day: date) -> str:
    """A day as "27 January 2026"."""
    return f"{day.day} {day:%B} {day.year}"


def describe_period(period: Period) -> str:
    """The days of a period: "from 1 February 2027 until 31 March 2027"; empty where it has no dates."""
    days = [("from", period.first), ("until", period.last)]
    return " ".join(f"{word} {describe_day(day)}" for word, day in days if day is not None)


def describe_partial(partial: PartialDate) -> str:
    """A date as exact as it was printed: "27 January 2026", "May 2024" or "2024"."""
    return _describe_as(partial.first_day, partial.precision)


def _describe_as(day: date, precision: Precision) -> str:
    if precision is Precision.YEAR:
        return str(day.year)
    return f"{day:%B} {day.year}" if precision is Precision.MONTH else describe_day(day)


def describe_instant(instant: datetime, place: Place) -> str:
    """An instant by the clock of a place: "10 September 2024, 15:00 (UTC+01:00)"; midnight without the hour."""
    local = instant.astimezone(place.zone)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return describe_day(local.date())
    offset = local.strftime("%z")
    return f"{describe_day(local.date())}, {local:%H:%M} (UTC{offset[:3]}:{offset[3:5]})"


def describe_when(effective: EffectiveDate, place: Place) -> str:
    """An effective date with its preposition: "on 27 January 2026", "in May 2024", "by 2025"."""
    bare = describe_effective(effective, place)
    if effective.attested:
        return f"by {bare}"
    return f"on {bare}" if effective.is_exact else f"in {bare}"


def describe_effective(effective: EffectiveDate, place: Place) -> str:
    """An effective date without a preposition: "27 January 2026", "May 2024"."""
    if effective.instant is not None:
        return describe_instant(effective.instant, place)
    assert effective.day is not None  # noqa: S101 - an effective date is a day or an instant
    return _describe_as(effective.day, effective.precision)

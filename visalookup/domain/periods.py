"""Periods: days at a destination, the first and the last both included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from visalookup.domain.errors import InvalidValue
from visalookup.domain.moments import YEARS_OF_LAW, day_bounds


class Phase(StrEnum):
    """Where a moment lies, seen from a period."""

    AHEAD = "ahead"
    """The period is still to come."""
    WITHIN = "within"
    OVER = "over"
    NEVER = "never"
    """The period holds no day at all."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last; None where it is open on that side.

    What two periods have in common may be no day at all: then the first lies after the last.
    """

    first: date | None = None
    last: date | None = None

    def __and__(self, other: Period) -> Period:
        """The days that both have."""
        firsts = [day for day in (self.first, other.first) if day is not None]
        lasts = [day for day in (self.last, other.last) if day is not None]
        return Period(max(firsts, default=None), min(lasts, default=None))

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no day."""
        return self.first is not None and self.last is not None and self.first > self.last

    def start(self, zone: ZoneInfo) -> datetime | None:
        """The moment it begins at a destination in `zone`."""
        return day_bounds(self.first, zone)[0] if self.first is not None else None

    def end(self, zone: ZoneInfo) -> datetime | None:
        """The first moment after it."""
        return day_bounds(self.last, zone)[1] if self.last is not None else None

    def moments(self, zone: ZoneInfo) -> list[datetime]:
        """The moments at which it begins and ends."""
        if self.is_empty:
            return []
        return [moment for moment in (self.start(zone), self.end(zone)) if moment is not None]

    def phase(self, moment: datetime, zone: ZoneInfo) -> Phase:
        """Whether it is still to come, runs or is over."""
        if self.is_empty:
            return Phase.NEVER
        start, end = self.start(zone), self.end(zone)
        if start is not None and moment < start:
            return Phase.AHEAD
        return Phase.OVER if end is not None and moment >= end else Phase.WITHIN


ALWAYS = Period()
"""What has no dates of its own."""


def checked_period(first: date | None, last: date | None) -> Period:
    """The period; raise InvalidValue where it ends before it begins, or a day is outside the years of law."""
    for day in (first, last):
        if day is not None:
            YEARS_OF_LAW.check(day)
    period = Period(first, last)
    if period.is_empty:
        raise InvalidValue(f"What holds from {first} cannot end on {last}, before it begins.")
    return period

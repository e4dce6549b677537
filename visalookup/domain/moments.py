"""Moments of law: what a published date means as an instant, and how exactly it is known."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from visalookup.domain.errors import InvalidValue, quoted

Moment = TypeVar("Moment", bound=date)


class Precision(StrEnum):
    """How exactly a published date is given."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


_SHAPES = {
    Precision.YEAR: re.compile(r"[0-9]{4}"),
    Precision.MONTH: re.compile(r"[0-9]{4}-[0-9]{2}"),
    Precision.DAY: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
}


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as a source prints it: a day, a month or a year.

    `first_day` is the first day it can mean; `precision` says how much of it was printed.
    """

    first_day: date
    precision: Precision

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2024-08-28`, `2024-08` or `2024`; raise InvalidValue for anything else."""
        for precision, shape in _SHAPES.items():
            if shape.fullmatch(text):
                return cls(_first_day(text), precision)
        raise InvalidValue(f"{quoted(text)} is not a date; write it as 2024-08-28, 2024-08 or 2024.")

    @property
    def last_day(self) -> date:
        """The last day it can mean."""
        return _day_after(self.first_day, self.precision) - timedelta(days=1)

    def __str__(self) -> str:
        return _printed(self.first_day, self.precision)


@dataclass(frozen=True, slots=True)
class EffectiveDate:
    """When a step of a regime takes effect.

    Exactly one of `day` and `instant` is set. A day means 00:00 in the destination's time zone, so a mutual
    agreement begins at a different instant on each side. `attested` says that the regime was already so on that
    day and that its true beginning is not known.
    """

    day: date | None = None
    instant: datetime | None = None
    precision: Precision = Precision.DAY
    attested: bool = False

    def __post_init__(self) -> None:
        """Refuse a date that is neither or both, and an instant without its offset."""
        if (self.day is None) == (self.instant is None):
            raise InvalidValue("An effective date is either a day or an instant.")
        if self.instant is not None and self.instant.tzinfo is None:
            raise InvalidValue("An instant needs its offset, as in 2024-09-10T15:00:00+01:00.")
        for moment in (self.day, self.instant):
            if moment is not None:
                YEARS_OF_LAW.check(moment)

    @classmethod
    def parse(cls, text: str, *, attested: bool = False) -> Self:
        """Read an ISO 8601 instant with offset, or a day, month or year."""
        if is_instant_shaped(text):
            return cls(instant=parse_instant(text).astimezone(UTC), precision=Precision.INSTANT, attested=attested)
        partial = PartialDate.parse(text)
        return cls(day=partial.first_day, precision=partial.precision, attested=attested)

    @property
    def is_exact(self) -> bool:
        """Whether it names a day or an instant, not merely a month or a year."""
        return self.precision in (Precision.INSTANT, Precision.DAY)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The first moment it can mean, and the first after those it can mean, by a clock in UTC."""
        if self.instant is not None:
            return self.instant, self.instant
        assert self.day is not None  # noqa: S101 - the constructor guarantees it
        return _midnight(self.day), _midnight(_day_after(self.day, self.precision))

    def is_before(self, other: EffectiveDate) -> bool:
        """Whether every moment it can mean lies before the first that `other` can mean, by a clock in UTC."""
        start, end = self.span
        return start < other.span[0] and end <= other.span[0]

    def moment(self, zone: ZoneInfo) -> datetime:
        """The instant it takes effect at a destination in `zone`, in UTC."""
        if self.instant is not None:
            return self.instant
        assert self.day is not None  # noqa: S101 - the constructor guarantees it
        return start_of_day(self.day, zone)

    def __str__(self) -> str:
        if self.instant is not None:
            return format_instant(self.instant)
        assert self.day is not None  # noqa: S101 - the constructor guarantees it
        return _printed(self.day, self.precision)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Midnight at the start of `day` in `zone`, as an instant in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def parse_day(text: str) -> date:
    """Read a day of the calendar, as 2024-08-28 and in no other form; raise InvalidValue otherwise."""
    if not _SHAPES[Precision.DAY].fullmatch(text):
        raise InvalidValue(f"{quoted(text)} is not a day; write it as 2024-08-28.")
    return _first_day(text)


@lru_cache(maxsize=1024)
def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of `day` in `zone` and the first instant after it, in UTC."""
    return start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True)
class Years:
    """The years from `first` to `last`, both included, in which a date may lie."""

    first: int
    last: int

    def check(self, moment: Moment) -> Moment:
        """The day or instant; raise InvalidValue where it lies outside these years."""
        if moment not in self:
            raise InvalidValue(f"The year {moment.year} is outside {self}.")
        return moment

    def __contains__(self, moment: date) -> bool:
        return self.first <= moment.year <= self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


YEARS_OF_LAW = Years(1800, 2200)
"""When a step of a regime may take effect; outside them it is a typing error."""
YEARS_OF_QUESTIONS = Years(1900, 2199)
"""About which days one may ask."""


def months_after(day: date, months: int) -> date:
    """The same date some months later, or the last day of a shorter month."""
    number = day.month - 1 + months
    year, month = day.year + number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_instant_shaped(text: str) -> bool:
    """Whether a text means to be an instant rather than a day: a day, then a `T`."""
    return text[10:11].upper() == "T"


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant with offset (RFC 3339); raise InvalidValue otherwise."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"{quoted(text)} is not an instant; write it as 2024-09-10T14:00:00Z.") from None
    if instant.tzinfo is None:
        full = text if is_instant_shaped(text) else f"{text}T00:00:00"
        raise InvalidValue(f"{quoted(text)} has no offset; write it as {full}Z or {full}+01:00.")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(f"{quoted(text)} is outside the years 1 to 9999.") from None


def format_instant(instant: datetime) -> str:
    """An instant in UTC as RFC 3339, with `Z`, and fractions only where there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _first_day(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        raise InvalidValue(f"{quoted(text)} is not a day of the calendar.") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _day_after(first: date, precision: Precision) -> date:
    """The first day after the day, month or year that begins on `first`."""
    longest = {Precision.MONTH: 31, Precision.YEAR: 366}.get(precision, 1)
    after = first + timedelta(days=longest)
    if precision is Precision.MONTH:
        return after.replace(day=1)
    return after.replace(month=1, day=1) if precision is Precision.YEAR else after


def _printed(day: date, precision: Precision) -> str:
    length = {Precision.YEAR: 4, Precision.MONTH: 7}.get(precision, 10)
    return day.isoformat()[:length]

"""Limits of stay over several visits: days of the calendar counted, day of arrival and day of departure both.

A rolling limit looks back: on each day of a stay, the days spent within the window that ends on that day count
(Regulation (EU) 2016/399, article 6(1) and (2), for 90 days in any 180).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate

from visalookup.domain.moments import months_after
from visalookup.domain.requirements import Stay

_DAY = timedelta(days=1)
_LONGEST_YEAR = 366


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many days of the calendar it touches."""
        return (self.last - self.first).days + 1


class Days:
    """Days spent somewhere, each counted once however many spans it is in."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans = tuple(_merged(spans))
        self._firsts = [span.first for span in self.spans]
        self._totals = [0, *accumulate(span.length for span in self.spans)]

    def between(self, first: date, last: date) -> int:
        """How many of the days from `first` to `last` are among them."""
        return self._up_to(last) - self._up_to(first - _DAY) if first <= last else 0

    @property
    def last(self) -> date | None:
        """The last of them; None where there are none."""
        return self.spans[-1].last if self.spans else None

    def with_span(self, span: Span) -> Days:
        """These and those of one more span."""
        return Days([*self.spans, span])

    def _up_to(self, day: date) -> int:
        index = bisect_right(self._firsts, day)
        if index == 0:
            return 0
        return self._totals[index] - max(0, (self.spans[index - 1].last - day).days)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.first <= merged[-1].last + _DAY:
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged


class LimitKind(StrEnum):
    """Over what the days of a limit are counted."""

    PER_VISIT = "per_visit"
    ROLLING = "rolling"
    CALENDAR_YEAR = "calendar_year"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: `days`, or `months` of one visit; `within_days` is the window of a rolling one."""

    kind: LimitKind
    days: int | None = None
    months: int | None = None
    within_days: int | None = None


def limits_of(stay: Stay | None) -> tuple[Limit, ...]:
    """The limits that a stay sets; none where it is unlimited or not stated."""
    if stay is None or stay.unlimited:
        return ()
    if stay.within_days is not None:
        first = Limit(LimitKind.ROLLING, stay.days, within_days=stay.within_days)
    else:
        first = Limit(LimitKind.PER_VISIT, stay.days, stay.months)
    if stay.total is None:
        return (first,)
    kind = LimitKind.CALENDAR_YEAR if stay.total.calendar_year else LimitKind.ROLLING
    return first, Limit(kind, stay.total.days, within_days=stay.total.within_days)


def days_used(limit: Limit, before: Days, visit_first: date, day: date) -> int:
    """How many days a limit counts on one day of a visit that began on `visit_first`."""
    match limit.kind:
        case LimitKind.PER_VISIT:
            return (day - visit_first).days + 1
        case LimitKind.ROLLING:
            window_first = day - timedelta(days=(limit.within_days or 1) - 1)
        case LimitKind.CALENDAR_YEAR:
            window_first = date(day.year, 1, 1)
    earlier = before.between(window_first, visit_first - _DAY)
    return earlier + (day - max(window_first, visit_first)).days + 1


def last_day_allowed(limit: Limit, before: Days, visit_first: date) -> date | None:
    """The last day on which a traveller who stays on from `visit_first` keeps a limit.

    None where the limit never ends the stay; the day before `visit_first` where not even that day is allowed.
    """
    match limit.kind:
        case LimitKind.PER_VISIT:
            return _last_of_visit(limit, visit_first)
        case LimitKind.ROLLING:
            return _last_of_window(limit, before, visit_first)
        case LimitKind.CALENDAR_YEAR:
            return _last_of_year(limit, before, visit_first)


def _last_of_visit(limit: Limit, first: date) -> date:
    """A month that begins on arrival ends the day before the same date, or on the last day of a shorter month."""
    if limit.months is None:
        return first + timedelta(days=(limit.days or 0) - 1)
    end = months_after(first, limit.months)
    return end - _DAY if end.day == first.day else end


def _last_of_window(limit: Limit, before: Days, first: date) -> date | None:
    """Each day stayed adds one to the count and drops at most one, so the count never falls during a stay."""
    reach = range((limit.within_days or 1) + 1)
    kept = bisect_right(
        reach,
        limit.days or 0,
        key=lambda number: days_used(limit, before, first, first + timedelta(days=number)),
    )
    return None if kept == len(reach) else first + timedelta(days=kept - 1)


def _last_of_year(limit: Limit, before: Days, first: date) -> date | None:
    most = limit.days or 0
    if most >= _LONGEST_YEAR:
        return None
    left = most - before.between(date(first.year, 1, 1), first - _DAY)
    day = first
    while True:
        end = date(day.year, 12, 31)
        if left < (end - day).days + 1:
            return day + timedelta(days=max(left, 0) - 1)
        day, left = end + _DAY, most


def is_kept(limit: Limit, before: Days, visit: Span) -> bool:
    """Whether a whole visit keeps a limit."""
    if limit.kind is LimitKind.ROLLING:
        return days_used(limit, before, visit.first, visit.last) <= (limit.days or 0)
    last = last_day_allowed(limit, before, visit.first)
    return last is None or visit.last <= last


def earliest_visit(limit: Limit, spent: Days, length: int, not_before: date) -> date | None:
    """The first day, not earlier than `not_before`, from which a visit of `length` days keeps a limit.

    `spent` are the days spent otherwise, on that day and after it too: they stay spent when the visit is moved. None
    where no such visit ever keeps the limit.
    """

    def is_kept_from(first: date) -> bool:
        return is_kept(limit, spent, Span(first, first + timedelta(days=length - 1)))

    after = max(not_before, spent.last + _DAY) if spent.last is not None else not_before
    during = (not_before + timedelta(days=wait) for wait in range((after - not_before).days))
    found = next((first for first in during if is_kept_from(first)), None)
    return found or _first_kept(limit, is_kept_from, after)


def _first_kept(limit: Limit, is_kept_from: Callable[[date], bool], after: date) -> date | None:
    """Once nothing more is spent, waiting only empties a window; of a calendar year each day is tried."""
    match limit.kind:
        case LimitKind.PER_VISIT:
            days = [after]
        case LimitKind.ROLLING:
            reach = [after + timedelta(days=wait) for wait in range((limit.within_days or 0) + 1)]
            days = reach[bisect_left(reach, True, key=is_kept_from) :][:1]
        case LimitKind.CALENDAR_YEAR:
            days = [after + timedelta(days=wait) for wait in range(2 * _LONGEST_YEAR + 1)]
    return next((first for first in days if is_kept_from(first)), None)


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """What a limit means for one visit.

    Where the day of departure is not known, `used_on` is the day of arrival. `left` are the days not yet used on
    that day. `last_allowed` is None where the limit never ends the stay, and where not even the first day is allowed;
    then `first_overstay` is that day. `earliest_arrival` is the first day from that of arrival, and `again_from` the
    first after departure, from which a visit of the same length keeps the limit; None where none ever does.
    """

    limit: Limit
    used_on: date
    used: int
    left: int | None
    last_allowed: date | None
    first_overstay: date | None
    earliest_arrival: date | None
    again_from: date | None

    @property
    def is_kept(self) -> bool:
        """Whether the visit is within the limit."""
        return self.first_overstay is None


def check_limit(limit: Limit, spent: Days, visit: Span) -> LimitCheck:
    """Hold a visit against a limit, with the days spent otherwise; a day shared with the visit counts once."""
    used = days_used(limit, spent, visit.first, visit.last)
    allowed = last_day_allowed(limit, spent, visit.first)
    over = allowed is not None and visit.last > allowed
    after = visit.last + _DAY
    return LimitCheck(
        limit=limit,
        used_on=visit.last,
        used=used,
        left=_left(limit, used, allowed, visit.last),
        last_allowed=allowed if allowed is None or allowed >= visit.first else None,
        first_overstay=allowed + _DAY if over and allowed is not None else None,
        earliest_arrival=earliest_visit(limit, spent, visit.length, visit.first),
        again_from=earliest_visit(limit, spent.with_span(visit), visit.length, after),
    )


def _left(limit: Limit, used: int, allowed: date | None, last: date) -> int | None:
    """Days not yet used; of months, the days until the last one allowed."""
    if limit.days is not None:
        return max(0, limit.days - used)
    return max(0, (allowed - last).days) if allowed else None

"""Days in the Schengen area over random histories, against a count on the fingers, through a leap day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import PLACES
from tests.unit.strategies import thorough
from tests.unit.test_trips import TO_FRANCE, TO_GERMANY, TO_ISRAEL, check
from visalookup.domain.documents import DocumentType
from visalookup.domain.trips.passport_validity import Validity
from visalookup.domain.trips.route import Leg
from visalookup.domain.trips.stay_limits import LimitCheck, Span
from visalookup.domain.trips.trip import EarlierStay, TripDocument

START = date(2027, 11, 1)
"""The searched days hold the turn of a year and 29 February 2028."""
IN_THE_AREA = frozenset({"DEU", "FRA"})
Stays = list[tuple[str, Span]]


def days_of(span: Span) -> set[date]:
    return {span.first + timedelta(days=number) for number in range(span.length)}


def used_on(day: date, present: set[date]) -> int:
    """The days of the area in the 180 that end on a day, counted one by one."""
    return sum(day - timedelta(days=back) in present for back in range(180))


def first_too_many(present: set[date], visit: Span) -> date | None:
    return next((day for day in sorted(days_of(visit)) if used_on(day, present | days_of(visit)) > 90), None)


def first_possible(present: set[date], length: int, start: date) -> date | None:
    if length > 90:
        return None
    for wait in count():
        first = start + timedelta(days=wait)
        if first_too_many(present, Span(first, first + timedelta(days=length - 1))) is None:
            return first
    return None


@st.composite
def histories(draw: st.DrawFn) -> tuple[Stays, Span]:
    """Stays one after the other, each begun on the day the last one ended or later, and the leg that follows."""
    day, stays = START, []
    for _ in range(draw(st.integers(0, 5))):
        first = day + timedelta(days=draw(st.integers(0, 40)))
        day = first + timedelta(days=draw(st.integers(0, 70)))
        stays.append((draw(st.sampled_from(["DEU", "FRA", "ISR"])), Span(first, day)))
    first = day + timedelta(days=draw(st.integers(0, 30)))
    return stays, Span(first, first + timedelta(days=draw(st.integers(0, 95))))


def checked_leg(stays: Stays, visit: Span) -> LimitCheck:
    held = TripDocument(PLACES.by_code["KAZ"], DocumentType.ORDINARY, Validity())
    earlier = [EarlierStay(PLACES.by_code[code], span) for code, span in stays]
    leg = Leg(PLACES.by_code["KAZ"], PLACES.by_code["DEU"], visit.first, visit.last)
    found = check(leg, grants=[TO_GERMANY, TO_FRANCE, TO_ISRAEL], documents=[held], earlier=earlier).legs[0].best
    assert found is not None
    (limit,) = found.limits
    return limit


@thorough
@given(histories())
def test_a_leg_after_any_history_stands_as_a_count_on_the_fingers_says(history: tuple[Stays, Span]) -> None:
    stays, visit = history
    present = {day for code, span in stays if code in IN_THE_AREA for day in days_of(span)}
    limit = checked_leg(stays, visit)
    assert limit.used == used_on(visit.last, present | days_of(visit))
    assert limit.first_overstay == first_too_many(present, visit)
    assert limit.earliest_arrival == first_possible(present, visit.length, visit.first)
    after = visit.last + timedelta(days=1)
    assert limit.again_from == first_possible(present | days_of(visit), visit.length, after)


@thorough
@given(histories(), st.integers(1, 60))
def test_two_legs_of_one_visit_are_counted_as_one(history: tuple[Stays, Span], more: int) -> None:
    stays, visit = history
    held = TripDocument(PLACES.by_code["KAZ"], DocumentType.ORDINARY, Validity())
    earlier = [EarlierStay(PLACES.by_code[code], span) for code, span in stays]
    last = visit.last + timedelta(days=more)
    legs = [
        Leg(PLACES.by_code["KAZ"], PLACES.by_code["DEU"], visit.first, visit.last),
        Leg(PLACES.by_code["DEU"], PLACES.by_code["FRA"], visit.last, last),
    ]
    best = check(*legs, grants=[TO_GERMANY, TO_FRANCE], documents=[held], earlier=earlier).legs[1].best
    assert best is not None
    assert best.limits == (checked_leg(stays, Span(visit.first, last)),)

"""The legs of a trip in order, and in which of them the days of stay are counted together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from visalookup.domain.circumstances import Transit
from visalookup.domain.conditions import TravelMode
from visalookup.domain.places import Place, Places
from visalookup.domain.trips.stay_limits import Span

SCHENGEN = "SCHENGEN"
"""The one bloc whose days of stay are counted together: its members have no borders between them."""

ENCLAVES = {"MCO": "FRA", "SMR": "ITA", "VAT": "ITA"}
"""States outside the Schengen area that are entered from it without a check, and the member around them.

Exits are recorded at the external borders of the area, and none lies between, so a visitor cannot prove to have left
it: the days there are counted with it.
"""

_DAY = timedelta(days=1)


class LegKind(StrEnum):
    """What the traveller does where a leg leads."""

    STAY = "stay"
    TRANSIT = "transit"


@dataclass(frozen=True, slots=True)
class Leg:
    """A journey and the time spent where it leads; a day or an instant, `departure` None where not known."""

    origin: Place
    destination: Place
    arrival: date | datetime
    departure: date | datetime | None
    kind: LegKind = LegKind.STAY
    by: TravelMode | None = None
    transit: Transit | None = None

    @property
    def first_day(self) -> date:
        """The day of arrival by the destination's clock."""
        return self._day(self.arrival)

    @property
    def last_day(self) -> date | None:
        """The day of departure by the destination's clock."""
        return None if self.departure is None else self._day(self.departure)

    @property
    def days(self) -> Span:
        """The days there; that of arrival alone where departure is not known."""
        return Span(self.first_day, self.last_day or self.first_day)

    def _day(self, moment: date | datetime) -> date:
        return moment.astimezone(self.destination.zone).date() if isinstance(moment, datetime) else moment


@dataclass(frozen=True)
class Route:
    """The legs of a trip, for a traveller whose days in the enclaves `apart` are not counted with the area around."""

    places: Places
    legs: Sequence[Leg]
    apart: Collection[str] = frozenset()

    def area_of(self, destination: Place, day: date) -> str:
        """The code of the area in which a day at a destination is counted: Schengen, or the destination alone."""
        code = destination.code
        around = code if code in self.apart else ENCLAVES.get(code, code)
        return SCHENGEN if self.places.is_member(SCHENGEN, around, day) else code

    @cached_property
    def areas(self) -> list[str]:
        """The area of each leg."""
        return [self.area_of(leg.destination, leg.first_day) for leg in self.legs]

    @cached_property
    def counted(self) -> list[bool]:
        """Whether the days of each leg count: a transit only inside a visit to the same area."""
        return [
            leg.kind is LegKind.STAY or self._continues(number) or self._continues(number + 1)
            for number, leg in enumerate(self.legs)
        ]

    def visit(self, number: int) -> Span:
        """The continuous visit that a leg belongs to, until the end of that leg."""
        return Span(self.legs[self._first_of_visit(number)].first_day, self.legs[number].days.last)

    def days_before(self, number: int) -> Iterator[Span]:
        """The days of the legs in the same area before the visit that a leg belongs to."""
        for earlier in range(self._first_of_visit(number)):
            if self.counted[earlier] and self.areas[earlier] == self.areas[number]:
                yield self.legs[earlier].days

    def _continues(self, number: int) -> bool:
        """Whether a leg goes on from the one before within the same area, without a day outside."""
        if not 0 < number < len(self.legs) or self.areas[number - 1] != self.areas[number]:
            return False
        return self.legs[number].first_day <= self.legs[number - 1].days.last + _DAY

    def _first_of_visit(self, number: int) -> int:
        while self._continues(number):
            number -= 1
        return number

"""A trip: for each traveller and leg the answer, the best document, the limits of stay and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from visalookup.domain.documents import DocumentType
from visalookup.domain.lookup import Answer, Basis, Question, look_up
from visalookup.domain.places import Place, Places
from visalookup.domain.requirements import AnswerKind, Purpose
from visalookup.domain.rulebook import Rulebook
from visalookup.domain.trips.passport_validity import Validity, ValidityCheck, ValidityStatus, check_validity
from visalookup.domain.trips.stay_limits import Days, LimitCheck, Span, check_limit, limits_of

SCHENGEN = "SCHENGEN"
"""The one bloc whose days of stay are counted together: its members have no borders between them."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TripDocument:
    """A travel document that is held, and the days printed in it."""

    passport: Place
    document: DocumentType
    validity: Validity


@dataclass(frozen=True, slots=True)
class EarlierStay:
    """Days spent at a place before the trip, both days included."""

    destination: Place
    days: Span


@dataclass(frozen=True, slots=True)
class Traveller:
    """A traveller, under the caller's label."""

    label: str
    documents: tuple[TripDocument, ...]
    earlier_stays: tuple[EarlierStay, ...] = ()


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


class TransitRule(StrEnum):
    """What is known of a transit."""

    OWN_COUNTRY = "own_country"
    COVERED = "covered"
    """The rule that answers is for transit too."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DocumentOnLeg:
    """One document on one leg; `number` counts the traveller's documents from 0."""

    number: int
    answer: Answer
    limits: tuple[LimitCheck, ...]
    validity: ValidityCheck

    @property
    def keeps_limits(self) -> bool:
        """Whether the stay is within every limit known."""
        return all(limit.is_kept for limit in self.limits)

    @property
    def is_fit(self) -> bool:
        """Whether nothing known stands in its way but a visa."""
        refused = self.answer.verdict.answer in (AnswerKind.NOT_ADMITTED, AnswerKind.UNKNOWN)
        return not refused and self.keeps_limits and self.validity.status is not ValidityStatus.TOO_SHORT

    @property
    def order(self) -> tuple[int, tuple[int, float], int]:
        """Smaller is better: fit for the leg, then unknown, then unfit, then refused; the milder rule first."""
        answer = self.answer.verdict.answer
        if answer is AnswerKind.NOT_ADMITTED:
            group = 3
        elif answer is AnswerKind.UNKNOWN:
            group = 1
        else:
            group = 0 if self.is_fit else 2
        return group, self.answer.verdict.strictness, self.number


@dataclass(frozen=True, slots=True)
class LegCheck:
    """One leg for one traveller; `documents` the best first, and empty where none is valid on arrival."""

    number: int
    leg: Leg
    area: str
    documents: tuple[DocumentOnLeg, ...]
    transit: TransitRule | None
    is_counted: bool

    @property
    def best(self) -> DocumentOnLeg | None:
        """The document to use."""
        return self.documents[0] if self.documents else None


@dataclass(frozen=True, slots=True)
class TravellerCheck:
    """A traveller's whole trip."""

    traveller: Traveller
    legs: tuple[LegCheck, ...]

    @property
    def best_document(self) -> int | None:
        """The one document that serves best on all legs: the best on its worst leg; None where none is valid."""
        found = {number: order for number in range(len(self.traveller.documents)) if (order := self._orders(number))}
        return min(found, key=lambda number: (found[number], number)) if found else None

    def _orders(self, number: int) -> list[tuple[int, tuple[int, float]]]:
        orders = [document.order[:2] for leg in self.legs for document in leg.documents if document.number == number]
        return sorted(orders, reverse=True) if len(orders) == len(self.legs) else []


@dataclass
class TripCheck:
    """Checks one trip for any number of travellers; what only depends on document and leg is looked up once."""

    rulebook: Rulebook
    legs: Sequence[Leg]
    _answers: dict[Question, Answer] = field(default_factory=dict)

    def check(self, traveller: Traveller) -> TravellerCheck:
        """What the trip means for one traveller."""
        return TravellerCheck(traveller, tuple(self._check_leg(traveller, number) for number in range(len(self.legs))))

    @cached_property
    def areas(self) -> list[str]:
        """The area of each leg in which days are counted together."""
        return [stay_area(self.rulebook.places, leg.destination) for leg in self.legs]

    @cached_property
    def counted(self) -> list[bool]:
        """Whether the days of each leg count: a transit only inside a visit to the same area."""
        return [
            leg.kind is LegKind.STAY or self._continues(number) or self._continues(number + 1)
            for number, leg in enumerate(self.legs)
        ]

    def _continues(self, number: int) -> bool:
        """Whether a leg goes on from the one before within the same area, without a day outside."""
        if not 0 < number < len(self.legs) or self.areas[number - 1] != self.areas[number]:
            return False
        return self.legs[number].first_day <= self.legs[number - 1].days.last + _DAY

    def _visit(self, number: int) -> Span:
        """The continuous visit that a leg belongs to, until the end of that leg."""
        first = number
        while self._continues(first):
            first -= 1
        return Span(self.legs[first].first_day, self.legs[number].days.last)

    def _spent(self, traveller: Traveller, number: int) -> Days:
        places, area = self.rulebook.places, self.areas[number]
        earlier = (stay.days for stay in traveller.earlier_stays if stay_area(places, stay.destination) == area)
        ahead = range(number)
        return Days([*earlier, *(self.legs[i].days for i in ahead if self.counted[i] and self.areas[i] == area)])

    def _check_leg(self, traveller: Traveller, number: int) -> LegCheck:
        leg, spent, visit = self.legs[number], self._spent(traveller, number), self._visit(number)
        documents = sorted(
            (self._on_leg(index, document, number, spent, visit) for index, document in _valid(traveller, leg)),
            key=lambda check: check.order,
        )
        transit = _transit_rule(documents) if leg.kind is LegKind.TRANSIT else None
        return LegCheck(number, leg, self.areas[number], tuple(documents), transit, self.counted[number])

    def _on_leg(self, index: int, document: TripDocument, number: int, spent: Days, visit: Span) -> DocumentOnLeg:
        leg = self.legs[number]
        answer = self._answer(Question(document.passport, leg.destination, leg.arrival, document.document))
        best = answer.verdict.best
        limits = limits_of(best.rule.terms.stay) if best and self.counted[number] else ()
        checks = tuple(check_limit(limit, spent, visit) for limit in limits)
        in_schengen = self.areas[number] == SCHENGEN
        validity = check_validity(answer, document.validity, leg.first_day, leg.last_day, in_schengen=in_schengen)
        return DocumentOnLeg(index, answer, checks, validity)

    def _answer(self, question: Question) -> Answer:
        if question not in self._answers:
            self._answers[question] = look_up(self.rulebook, question)
        return self._answers[question]


def _valid(traveller: Traveller, leg: Leg) -> Iterator[tuple[int, TripDocument]]:
    """The documents that are valid on arrival: an expired document is none."""
    for number, document in enumerate(traveller.documents):
        expires = document.validity.expires_on
        if expires is None or expires >= leg.first_day:
            yield number, document


def stay_area(places: Places, destination: Place) -> str:
    """The code of the area in which days at a destination are counted: Schengen, or the destination alone."""
    return SCHENGEN if destination.code in places.members(SCHENGEN) else destination.code


def _transit_rule(documents: Sequence[DocumentOnLeg]) -> TransitRule:
    if not documents:
        return TransitRule.UNKNOWN
    verdict = documents[0].answer.verdict
    if verdict.basis is Basis.OWN_COUNTRY:
        return TransitRule.OWN_COUNTRY
    known = verdict.best is not None and Purpose.TRANSIT in verdict.best.rule.terms.purposes
    return TransitRule.COVERED if known else TransitRule.UNKNOWN

"""A trip: for each traveller and leg the answer, the best document, the limits of stay and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from visalookup.domain.circumstances import NOTHING_STATED, Circumstances, beside_other_passports
from visalookup.domain.documents import DocumentType
from visalookup.domain.entry_at import entry_for
from visalookup.domain.lookup import Answer, Basis, Question, look_up
from visalookup.domain.places import Place
from visalookup.domain.requirements import AnswerKind, Purpose, Requirement
from visalookup.domain.rulebook import Rulebook
from visalookup.domain.trips.passport_validity import Validity, ValidityCheck, ValidityStatus, check_validity
from visalookup.domain.trips.route import ENCLAVES, SCHENGEN, Leg, LegKind, Route
from visalookup.domain.trips.stay_limits import Days, Limit, LimitCheck, Span, check_limit, limits_of


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
    stated: Circumstances = NOTHING_STATED

    def circumstances(self, shown: TripDocument, leg: Leg) -> Circumstances:
        """What is known of the traveller who shows one of the documents on a leg."""
        held = ((document.passport, document.document) for document in self.documents)
        stated = beside_other_passports(self.stated, shown.passport, held)
        if leg.by is None and leg.transit is None:
            return stated
        return replace(stated, by=leg.by, transit=leg.transit)


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
        answer = self.answer.verdict.answer
        is_open = answer is not AnswerKind.UNKNOWN and not answer.refuses
        return is_open and self.keeps_limits and self.validity.status is not ValidityStatus.TOO_SHORT

    @property
    def order(self) -> tuple[int, tuple[int, float], int]:
        """Smaller is better: fit for the leg, then unknown, then unfit, then refused; the milder rule first."""
        answer = self.answer.verdict.answer
        if answer.refuses:
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
    _routes: dict[frozenset[str], Route] = field(default_factory=dict)

    def check(self, traveller: Traveller) -> TravellerCheck:
        """What the trip means for one traveller."""
        return TravellerCheck(traveller, tuple(self._check_leg(traveller, number) for number in range(len(self.legs))))

    def _route(self, traveller: Traveller) -> Route:
        """The legs as the traveller's days are counted on them."""
        visited = {leg.destination.code for leg in self.legs}
        visited |= {stay.destination.code for stay in traveller.earlier_stays}
        apart = frozenset(code for code in visited & ENCLAVES.keys() if self._is_free_around(traveller, code))
        if apart not in self._routes:
            self._routes[apart] = Route(self.rulebook.places, self.legs, apart)
        return self._routes[apart]

    def _is_free_around(self, traveller: Traveller, enclave: str) -> bool:
        """Whether a traveller is at home in an enclave, or moves freely around it: no days in the area are counted."""
        start, around = self.legs[0], self.rulebook.places.by_code[ENCLAVES[enclave]]
        for held in traveller.documents:
            if not held.validity.includes(start.first_day):
                continue
            verdict = self._answer(Question(held.passport, around, start.arrival, held.document)).verdict
            moves_freely = verdict.requirement is Requirement.FREEDOM_OF_MOVEMENT
            if held.passport.code == enclave or verdict.basis is Basis.OWN_COUNTRY or moves_freely:
                return True
        return False

    def _spent(self, traveller: Traveller, route: Route, number: int) -> Days:
        """The days spent in the area of a leg before the visit that it belongs to."""
        area = route.areas[number]
        earlier = (
            stay.days for stay in traveller.earlier_stays if route.area_of(stay.destination, stay.days.last) == area
        )
        return Days([*earlier, *route.days_before(number)])

    def _check_leg(self, traveller: Traveller, number: int) -> LegCheck:
        leg, route = self.legs[number], self._route(traveller)
        spent = self._spent(traveller, route, number)
        checks = (
            self._on_leg(traveller, index, document, route, number, spent) for index, document in _valid(traveller, leg)
        )
        documents = sorted(checks, key=lambda check: check.order)
        transit = _transit_rule(documents) if leg.kind is LegKind.TRANSIT else None
        return LegCheck(number, leg, route.areas[number], tuple(documents), transit, route.counted[number])

    def _on_leg(
        self, traveller: Traveller, index: int, document: TripDocument, route: Route, number: int, spent: Days
    ) -> DocumentOnLeg:
        leg, in_schengen = self.legs[number], route.areas[number] == SCHENGEN
        stated = traveller.circumstances(document, leg)
        answer = self._answer(
            Question(document.passport, leg.destination, leg.arrival, document.document, stated=stated)
        )
        around = self._around(answer) if in_schengen else answer
        limits = _limits(around) if route.counted[number] else ()
        checks = tuple(check_limit(limit, spent, route.visit(number)) for limit in limits)
        entry = entry_for(self.rulebook, around)
        validity = check_validity(
            around, document.validity, leg.first_day, leg.last_day, entry, in_schengen=in_schengen
        )
        return DocumentOnLeg(index, answer, checks, validity)

    def _around(self, answer: Answer) -> Answer:
        """The answer that limits a stay: in an enclave it is that of the member around it."""
        question, around = answer.question, ENCLAVES.get(answer.question.destination.code)
        if around is None:
            return answer
        return self._answer(replace(question, destination=self.rulebook.places.by_code[around]))

    def _answer(self, question: Question) -> Answer:
        if question not in self._answers:
            self._answers[question] = look_up(self.rulebook, question)
        return self._answers[question]


def _limits(answer: Answer) -> tuple[Limit, ...]:
    best = answer.verdict.best
    return limits_of(best.rule.terms.stay) if best else ()


def _valid(traveller: Traveller, leg: Leg) -> Iterator[tuple[int, TripDocument]]:
    """The documents that can be used on arrival: not one that has expired, nor one that is not issued yet."""
    for number, document in enumerate(traveller.documents):
        if document.validity.includes(leg.first_day):
            yield number, document


def _transit_rule(documents: Sequence[DocumentOnLeg]) -> TransitRule:
    if not documents:
        return TransitRule.UNKNOWN
    verdict = documents[0].answer.verdict
    if verdict.basis is Basis.OWN_COUNTRY:
        return TransitRule.OWN_COUNTRY
    if verdict.best is None:
        return TransitRule.UNKNOWN
    known = documents[0].answer.question.stated.transit is not None
    return TransitRule.COVERED if known or Purpose.TRANSIT in verdict.best.rule.terms.purposes else TransitRule.UNKNOWN

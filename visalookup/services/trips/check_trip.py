"""Check a trip: every leg for every traveller, from one edition of the rulebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from visalookup.domain.documents import DocumentType
from visalookup.domain.errors import InvalidValue
from visalookup.domain.moments import YEARS_OF_QUESTIONS, parse_day
from visalookup.domain.places import Place
from visalookup.domain.rulebook import Edition
from visalookup.domain.trips.passport_validity import Validity
from visalookup.domain.trips.route import Leg, LegKind
from visalookup.domain.trips.stay_limits import Span
from visalookup.domain.trips.trip import EarlierStay, Traveller, TravellerCheck, TripCheck, TripDocument
from visalookup.services.lookup.circumstances import NOTHING_SENT, StatedForm, read_transit, read_travel_mode
from visalookup.services.lookup.questions import (
    LONGEST_STAY,
    InputFault,
    InputReader,
    read_circumstances,
    read_document,
    read_on,
)
from visalookup.services.lookup.rulebook_store import LoadedRulebook

MAX_TRAVELLERS, MAX_DOCUMENTS, MAX_LEGS, MAX_EARLIER_STAYS = 50, 5, 50, 200
_ACROSS_THE_DATE_LINE = timedelta(days=1)
_LONGEST_TRIP = timedelta(days=LONGEST_STAY)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class DocumentForm:
    """A document as sent."""

    passport: str
    document: str | None = None
    issued_on: str | None = None
    expires_on: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierStayForm:
    """An earlier stay as sent."""

    destination: str
    arrival: str
    departure: str


@dataclass(frozen=True, slots=True)
class TravellerForm:
    """A traveller as sent."""

    label: str
    documents: tuple[DocumentForm, ...]
    earlier_stays: tuple[EarlierStayForm, ...] = ()
    stated: StatedForm = NOTHING_SENT


@dataclass(frozen=True, slots=True)
class LegForm:
    """A leg as sent."""

    origin: str
    destination: str
    arrival: str
    departure: str | None = None
    kind: str | None = None
    by: str | None = None
    transit: str | None = None


@dataclass(frozen=True, slots=True)
class TripForm:
    """A trip as sent: text, not parsed yet."""

    travellers: tuple[TravellerForm, ...]
    legs: tuple[LegForm, ...]


@dataclass(frozen=True, slots=True)
class TripWarning:
    """A possible mistake in the trip, at a JSON pointer (RFC 6901)."""

    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class TripResult:
    """The result for each traveller, and possible mistakes."""

    loaded: LoadedRulebook
    travellers: tuple[TravellerCheck, ...]
    warnings: tuple[TripWarning, ...]
    now: datetime

    @property
    def edition(self) -> Edition:
        """The revision it was answered from."""
        return self.loaded.rulebook.edition


@dataclass(frozen=True, slots=True)
class Trip:
    """A parsed trip."""

    travellers: tuple[Traveller, ...]
    legs: tuple[Leg, ...]

    @property
    def questions(self) -> int:
        """How many questions it counts as: one for each document on each leg."""
        return len(self.legs) * sum(len(traveller.documents) for traveller in self.travellers)


def understand_trip(loaded: LoadedRulebook, form: TripForm) -> Trip:
    """Parse a trip; raise BadQuestion with every fault in it, each at a JSON pointer (RFC 6901)."""
    reading = _TripReading(InputReader(loaded.gazetteer, loaded.rulebook.places))
    legs = reading.legs(form.legs)
    travellers = reading.travellers(form.travellers, legs)
    reading.reading.raise_if_invalid()
    return Trip(tuple(travellers), tuple(legs))


def check_trip(loaded: LoadedRulebook, trip: Trip, now: datetime) -> TripResult:
    """Check every leg for every traveller."""
    check = TripCheck(loaded.rulebook, trip.legs)
    travellers = tuple(check.check(traveller) for traveller in trip.travellers)
    return TripResult(loaded, travellers, tuple(_warnings(trip.legs)), now)


def _warnings(legs: Sequence[Leg]) -> list[TripWarning]:
    """Warn about legs that do not start where the previous one ended; the traveller may have gone overland."""
    return [
        TripWarning(
            f"/legs/{number}/from",
            f"This leg begins in {leg.origin.in_sentence}, but the one before leads to"
            f" {legs[number - 1].destination.in_sentence}; what lies between is not checked.",
        )
        for number, leg in enumerate(legs)
        if number and leg.origin.code != legs[number - 1].destination.code
    ]


@dataclass(slots=True)
class _TripReading:
    """Parses a trip part by part, and collects faults at JSON pointers."""

    reading: InputReader

    def fault(self, pointer: str, detail: str, value: str | None = None) -> None:
        self.reading.faults.append(InputFault(pointer, detail, value))

    def bounded(self, pointer: str, sent: Sequence[Item], least: int, most: int) -> Sequence[Item]:
        """Check the number of items; return at most as many as are allowed."""
        if not least <= len(sent) <= most:
            self.fault(pointer, f"Send {least} to {most} of them; these are {len(sent)}.")
        return sent[:most]

    def legs(self, forms: Sequence[LegForm]) -> list[Leg]:
        sent = self.bounded("/legs", forms, 1, MAX_LEGS)
        read = [self.leg(f"/legs/{number}", form) for number, form in enumerate(sent)]
        legs = [leg for leg in read if leg is not None]
        if len(legs) == len(sent):
            self.check_order(legs)
        return legs

    def leg(self, pointer: str, form: LegForm) -> Leg | None:
        origin = self.place(f"{pointer}/from", form.origin)
        destination = self.place(f"{pointer}/to", form.destination)
        arrival = self.reading.value(f"{pointer}/arrival", form.arrival, read_on, None)
        departure = self.reading.value(f"{pointer}/departure", form.departure, read_on, None)
        kind = self.reading.value(f"{pointer}/kind", form.kind, _read_kind, LegKind.STAY)
        by = self.reading.value(f"{pointer}/by", form.by, read_travel_mode, None)
        transit = self.reading.value(f"{pointer}/transit", form.transit, read_transit, None)
        if transit is not None and kind is not LegKind.TRANSIT:
            self.fault(f"{pointer}/transit", "Send it with the kind transit, or leave it out.", form.transit)
        if origin is None or destination is None or arrival is None:
            return None
        leg = Leg(origin, destination, arrival, departure, kind, by, transit)
        self.check_span(f"{pointer}/departure", leg.days, form.departure)
        if isinstance(arrival, datetime) and isinstance(departure, datetime) and departure < arrival:
            self.fault(f"{pointer}/departure", "It is before the arrival; send the later instant.", form.departure)
        return leg

    def place(self, pointer: str, text: str) -> Place | None:
        """Parse a place that can be entered."""
        place = self.reading.place(pointer, text)
        if place is not None and not place.can_be_entered:
            self.fault(pointer, f"{place.name} is a travel document; send a country or territory.", text)
            return None
        return place

    def check_span(self, pointer: str, span: Span, text: str | None) -> None:
        if span.last < span.first:
            self.fault(pointer, "It is before the arrival; send a day on or after it.", text)
        elif span.length > LONGEST_STAY:
            self.fault(pointer, f"Send a stay of at most {LONGEST_STAY} days.", text)

    def check_order(self, legs: Sequence[Leg]) -> None:
        """Check that the legs are in order of time; only the last may have no departure."""
        for number, (leg, following) in enumerate(pairwise(legs), start=1):
            if leg.departure is None:
                detail = "It is missing; send it for every leg but the last."
                self.fault(f"/legs/{number - 1}/departure", detail)
            elif _overlap(leg, following):
                detail = "It is before the departure of the leg before; send legs in order of time."
                self.fault(f"/legs/{number}/arrival", detail, str(following.arrival))
        if legs and legs[-1].days.last - legs[0].first_day > _LONGEST_TRIP:
            self.fault("/legs", f"The trip is too long; send at most {LONGEST_STAY} days.")

    def travellers(self, forms: Sequence[TravellerForm], legs: Sequence[Leg]) -> list[Traveller]:
        sent = self.bounded("/travellers", forms, 1, MAX_TRAVELLERS)
        seen: set[str] = set()
        for number, form in enumerate(sent):
            if form.label in seen:
                detail = "Another traveller has this label; send each label once."
                self.fault(f"/travellers/{number}/label", detail, form.label)
            seen.add(form.label)
        return [self.traveller(f"/travellers/{number}", form, legs) for number, form in enumerate(sent)]

    def traveller(self, pointer: str, form: TravellerForm, legs: Sequence[Leg]) -> Traveller:
        documents = self.bounded(f"{pointer}/documents", form.documents, 1, MAX_DOCUMENTS)
        stays = self.bounded(f"{pointer}/earlier_stays", form.earlier_stays, 0, MAX_EARLIER_STAYS)
        held = [self.document(f"{pointer}/documents/{number}", sent) for number, sent in enumerate(documents)]
        spent = [
            self.earlier_stay(f"{pointer}/earlier_stays/{number}", sent, legs) for number, sent in enumerate(stays)
        ]
        return Traveller(
            form.label,
            tuple(document for document in held if document is not None),
            tuple(stay for stay in spent if stay is not None),
            read_circumstances(self.reading, form.stated, f"{pointer}/"),
        )

    def document(self, pointer: str, form: DocumentForm) -> TripDocument | None:
        place = self.reading.place(f"{pointer}/passport", form.passport)
        kind = self.reading.value(f"{pointer}/document", form.document, read_document, DocumentType.ORDINARY)
        issued = self.reading.value(f"{pointer}/issued_on", form.issued_on, _read_day, None)
        expires = self.reading.value(f"{pointer}/expires_on", form.expires_on, _read_day, None)
        if issued is not None and expires is not None and expires < issued:
            detail = "It is before issued_on; send the later day."
            self.fault(f"{pointer}/expires_on", detail, form.expires_on)
        if place is None:
            return None
        holder = self.reading.places.by_code[place.citizens_of] if place.citizens_of else place
        return TripDocument(holder, kind, Validity(issued, expires))

    def earlier_stay(self, pointer: str, form: EarlierStayForm, legs: Sequence[Leg]) -> EarlierStay | None:
        destination = self.place(f"{pointer}/destination", form.destination)
        arrival = self.reading.value(f"{pointer}/arrival", form.arrival, _read_day, None)
        departure = self.reading.value(f"{pointer}/departure", form.departure, _read_day, None)
        if destination is None or arrival is None or departure is None:
            return None
        span = Span(arrival, departure)
        self.check_span(f"{pointer}/departure", span, form.departure)
        if legs and departure > legs[0].first_day + _ACROSS_THE_DATE_LINE:
            detail = "It is after the trip begins; send what follows as a leg."
            self.fault(f"{pointer}/departure", detail, form.departure)
        return EarlierStay(destination, span)


def _overlap(leg: Leg, following: Leg) -> bool:
    """Whether a leg starts before the previous one ended. By days alone, an eastward flight may land a day earlier."""
    if isinstance(leg.departure, datetime) and isinstance(following.arrival, datetime):
        return following.arrival < leg.departure
    return following.first_day < leg.days.last - _ACROSS_THE_DATE_LINE


def _read_kind(text: str) -> LegKind:
    try:
        return LegKind(text.lower())
    except ValueError:
        raise InvalidValue(f"It is not a kind of leg; send one of {', '.join(LegKind)}.") from None


def _read_day(text: str) -> date:
    return YEARS_OF_QUESTIONS.check(parse_day(text))

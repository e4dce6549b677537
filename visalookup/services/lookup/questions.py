"""Understanding a question as people and programs send it, with every fault named at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from visalookup.domain.circumstances import NOTHING_STATED, Circumstances, beside_other_passports
from visalookup.domain.documents import DocumentType
from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.gazetteer import Gazetteer, UnknownPlace
from visalookup.domain.lookup import Question
from visalookup.domain.moments import YEARS_OF_QUESTIONS, is_instant_shaped, parse_day, parse_instant
from visalookup.domain.places import Place, Places
from visalookup.services.lookup.circumstances import (
    NOTHING_SENT,
    StatedForm,
    holdings_reader,
    nationalities_reader,
    read_purpose,
    read_transit,
    read_travel_mode,
)
from visalookup.services.lookup.place_names import ANSWER_LANGUAGES

MOST_PASSPORTS = 10
LONGEST_STAY = 3650

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """A question as it was sent: text, not yet understood."""

    passports: tuple[str, ...]
    destination: str
    on: str | None = None
    as_of: str | None = None
    document: str | None = None
    stay_days: str | None = None
    lang: str | None = None
    stated: StatedForm = NOTHING_SENT


@dataclass(frozen=True, slots=True)
class InputFault:
    """What is wrong with one field, and what might have been meant."""

    field: str
    detail: str
    value: str | None = None
    suggestions: tuple[Place, ...] = ()


class BadQuestion(Exception):
    """A question that cannot be understood; `faults` says why, field by field."""

    def __init__(self, faults: list[InputFault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.detail}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Understood:
    """The same question for each passport held, and the moment of knowledge asked for, if any."""

    questions: tuple[Question, ...]
    as_of: datetime | None


@dataclass(slots=True)
class InputReader:
    """Reads values one by one and keeps the faults."""

    gazetteer: Gazetteer
    places: Places
    faults: list[InputFault] = field(default_factory=list)

    def value(self, name: str, text: str | None, read: Callable[[str], Value], default: Value) -> Value:
        """The value read from text, or the default where it is left out or wrong."""
        if text is None or not text.strip():
            return default
        try:
            return read(text.strip())
        except InvalidValue as error:
            suggestions = error.suggestions if isinstance(error, UnknownPlace) else ()
            self.faults.append(InputFault(name, str(error), text, suggestions))
            return default

    def place(self, name: str, text: str) -> Place | None:
        """The place meant by text."""
        try:
            return self.gazetteer.find(text)
        except UnknownPlace as error:
            self.faults.append(InputFault(name, str(error), text, error.suggestions))
            return None

    def passport(self, text: str) -> Place | None:
        """The place whose passport is meant: for a territory without its own, the state's."""
        place = self.place("passport", text)
        if place is not None and place.citizens_of is not None:
            return self.places.by_code[place.citizens_of]
        return place

    def destination(self, text: str) -> Place | None:
        """The place to be entered."""
        place = self.place("destination", text)
        if place is not None and not place.can_be_entered:
            detail = f"{place.name} is a travel document, not a place to travel to; send a country or territory."
            self.faults.append(InputFault("destination", detail, text))
            return None
        return place

    def raise_if_invalid(self) -> None:
        """Raise BadQuestion if anything was wrong."""
        if self.faults:
            raise BadQuestion(self.faults)


def understand(form: QuestionForm, gazetteer: Gazetteer, places: Places, now: datetime) -> Understood:
    """Turn a form into questions; raise BadQuestion with every fault in it."""
    reading = InputReader(gazetteer, places)
    if len(form.passports) > MOST_PASSPORTS:
        detail = f"Send at most {MOST_PASSPORTS} passports in one question."
        reading.faults.append(InputFault("passport", detail))
    if not form.passports:
        reading.faults.append(InputFault("passport", "It is missing; send the passport held."))
    passports = [reading.passport(text) for text in form.passports[:MOST_PASSPORTS]]
    destination = reading.destination(form.destination)
    document = reading.value("document", form.document, read_document, DocumentType.ORDINARY)
    stay_days = reading.value("stay_days", form.stay_days, read_stay_days, None)
    as_of = reading.value("as_of", form.as_of, lambda text: read_as_of(text, now), None)
    on = reading.value("on", form.on, read_on, None)
    stated = read_circumstances(reading, form.stated)
    reading.value("lang", form.lang, read_language, ANSWER_LANGUAGES[0])
    reading.raise_if_invalid()
    assert destination is not None  # noqa: S101 - a missing one is a fault
    day = on if on is not None else now.astimezone(destination.zone).date()
    held = dict.fromkeys(each for each in passports if each is not None)
    documents = [(passport, document) for passport in held]
    questions = (
        Question(
            *(passport, destination, day, document, stay_days),
            stated=beside_other_passports(stated, passport, documents),
        )
        for passport in held
    )
    return Understood(tuple(questions), as_of)


def read_circumstances(reading: InputReader, form: StatedForm, path: str = "") -> Circumstances:
    """What is said of the traveller, in fields under `path`; where nothing is, there is nothing to judge by."""
    if form == NOTHING_SENT:
        return NOTHING_STATED
    read_holdings = holdings_reader(reading.gazetteer, reading.places)
    read_nationalities = nationalities_reader(reading.gazetteer)
    found = Circumstances(
        holdings=reading.value(f"{path}holds", form.holds, read_holdings, frozenset()),
        also_nationals=reading.value(f"{path}also_national", form.also_national, read_nationalities, frozenset()),
        purpose=reading.value(f"{path}purpose", form.purpose, read_purpose, None),
        by=reading.value(f"{path}by", form.by, read_travel_mode, None),
        transit=reading.value(f"{path}transit", form.transit, read_transit, None),
    )
    return NOTHING_STATED if found == NOTHING_STATED else found


def read_on(text: str) -> date | datetime:
    """A day, or an instant with its offset."""
    if is_instant_shaped(text):
        return YEARS_OF_QUESTIONS.check(parse_instant(text.upper().replace(" ", "+")))
    try:
        day = parse_day(text)
    except InvalidValue:
        raise InvalidValue(
            f"{quoted(text)} is not a day; write it as 2026-12-01, or an instant as 2026-12-01T09:00:00Z."
        ) from None
    return YEARS_OF_QUESTIONS.check(day)


def read_as_of(text: str, now: datetime) -> datetime:
    """An instant of knowledge, not after now: what will be known tomorrow is not known today."""
    moment = parse_instant(text.upper().replace(" ", "+"))
    if moment > now:
        raise InvalidValue(f"{quoted(text)} is in the future; as_of asks what was known at a moment past.")
    return moment


def read_document(text: str) -> DocumentType:
    """A document type by its name."""
    try:
        return DocumentType(text.lower())
    except ValueError:
        choices = ", ".join(DocumentType)
        raise InvalidValue(f"{quoted(text)} is not a document type; send one of {choices}.") from None


def read_stay_days(text: str) -> int:
    """A number of days, at least one."""
    days = read_number(text, 1, LONGEST_STAY)
    if days is None:
        raise InvalidValue(f"{quoted(text)} is not a number of days from 1 to {LONGEST_STAY}.")
    return days


def read_number(text: str, least: int, most: int) -> int | None:
    """A whole number between two bounds; None for anything else, however long."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if least <= number <= most else None


def read_language(text: str) -> str:
    """A language in which sentences are written."""
    if text.lower() not in ANSWER_LANGUAGES:
        raise InvalidValue(f"{quoted(text)} is not a language we answer in; send {' or '.join(ANSWER_LANGUAGES)}.")
    return text.lower()

"""Everything one passport meets, and everything one destination asks, on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from visalookup.domain.entry_at import entry_at
from visalookup.domain.entry_facts import CitedEntry
from visalookup.domain.lookup import Answer, Question, look_up
from visalookup.domain.places import Place
from visalookup.domain.rulebook import Edition, Rulebook
from visalookup.services.lookup.questions import InputReader, QuestionForm, Understood, understand
from visalookup.services.lookup.rulebook_store import LoadedRulebook, RulebookStore


@dataclass(frozen=True, slots=True)
class ViewForm:
    """Which place is viewed, and the circumstances, as sent."""

    place: str
    on: str | None = None
    as_of: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """The answers for one place, in order of the other side's name."""

    place: Place
    on: date | datetime
    answers: tuple[Answer, ...]
    edition: Edition
    as_of: datetime
    now: datetime
    entry: CitedEntry | None = None
    """What the destination asks of every visitor, where one destination is viewed."""


def view_passport(session: Session, rulebook_store: RulebookStore, form: ViewForm, now: datetime) -> View:
    """What this passport meets at every destination; raise BadQuestion where it is not understood."""
    loaded = rulebook_store.current(session)
    places = loaded.rulebook.places
    reading = InputReader(loaded.gazetteer, places)
    passport = reading.passport(form.place)
    reading.raise_if_invalid()
    assert passport is not None  # noqa: S101 - a missing one is a fault
    destinations = places.destinations
    anywhere = QuestionForm((passport.code,), destinations[0].code, form.on, form.as_of, form.document)
    understood = understand(anywhere, loaded.gazetteer, places, now)
    questions = (
        replace(understood.questions[0], destination=each, on=_day(understood, form, each, now))
        for each in destinations
    )
    return _view(session, rulebook_store, loaded, understood, passport, questions, now)


def view_destination(session: Session, rulebook_store: RulebookStore, form: ViewForm, now: datetime) -> View:
    """What this destination asks of every passport; raise BadQuestion where it is not understood."""
    loaded = rulebook_store.current(session)
    places = loaded.rulebook.places
    passports = places.passports
    anybody = QuestionForm((passports[0].code,), form.place, form.on, form.as_of, form.document)
    understood = understand(anybody, loaded.gazetteer, places, now)
    question = understood.questions[0]
    questions = (replace(question, passport=each) for each in passports)
    view = _view(session, rulebook_store, loaded, understood, question.destination, questions, now)
    known = loaded if understood.as_of is None else rulebook_store.as_of(session, understood.as_of)
    return replace(view, entry=entry_at(known.rulebook, question.destination.code))


def _day(understood: Understood, form: ViewForm, destination: Place, now: datetime) -> date | datetime:
    """The day asked about; where none was, today by the destination's own clock."""
    return understood.questions[0].on if form.on else now.astimezone(destination.zone).date()


def _view(
    session: Session,
    rulebook_store: RulebookStore,
    loaded: LoadedRulebook,
    understood: Understood,
    place: Place,
    questions: Iterable[Question],
    now: datetime,
) -> View:
    if understood.as_of is not None:
        loaded = rulebook_store.as_of(session, understood.as_of)
    answers = _answers(loaded.rulebook, questions)
    return View(
        place,
        understood.questions[0].on,
        tuple(sorted(answers, key=lambda each: _other_side(each, place).name)),
        loaded.rulebook.edition,
        understood.as_of or loaded.rulebook.edition.recorded_at,
        now,
    )


def _answers(rulebook: Rulebook, questions: Iterable[Question]) -> list[Answer]:
    return [look_up(rulebook, question) for question in questions]


def _other_side(answer: Answer, place: Place) -> Place:
    question = answer.question
    return question.destination if question.passport is place else question.passport

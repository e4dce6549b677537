"""Answer one question, for every passport the traveller holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.entry_at import entry_for
from visalookup.domain.entry_facts import CitedEntry
from visalookup.domain.lookup import Answer, look_up_all
from visalookup.domain.places import Places
from visalookup.domain.rulebook import Rulebook
from visalookup.services.lookup.questions import QuestionForm, Understood, understand
from visalookup.services.lookup.rulebook_store import LoadedRulebook, RulebookStore


@dataclass(frozen=True, slots=True)
class LookupResult:
    """Answers, the best first, with what was asked and all that is needed to present them.

    `as_of` is the moment of knowledge asked for; where none was, the moment the newest revision was recorded,
    so that the same words come back until something changes.
    """

    answers: tuple[Answer, ...]
    places: Places
    understood: Understood
    as_of: datetime
    now: datetime
    entries: tuple[CitedEntry | None, ...]
    """What the destination asks of visitors, for each answer."""

    @property
    def best(self) -> Answer:
        """The answer for the passport that fares best."""
        return self.answers[0]


def answer_question(session: Session, rulebook_store: RulebookStore, form: QuestionForm, now: datetime) -> LookupResult:
    """Answer a question from what is known now; raise BadQuestion where it cannot be understood."""
    return answer_from(rulebook_store.current(session), session, rulebook_store, form, now)


def answer_from(
    loaded: LoadedRulebook, session: Session, rulebook_store: RulebookStore, form: QuestionForm, now: datetime
) -> LookupResult:
    """Answer a question from a rulebook, or from an earlier one where `as_of` asks for it."""
    understood = understand(form, loaded.gazetteer, loaded.rulebook.places, now)
    if understood.as_of is not None:
        loaded = rulebook_store.as_of(session, understood.as_of)
    answers = look_up_all(loaded.rulebook, understood.questions)
    known_at = understood.as_of or loaded.rulebook.edition.recorded_at
    return lookup_result(loaded.rulebook, answers, understood, known_at, now)


def lookup_result(
    rulebook: Rulebook, answers: Sequence[Answer], understood: Understood, known_at: datetime, now: datetime
) -> LookupResult:
    """Answers from a rulebook with what surrounds them."""
    entries = tuple(entry_for(rulebook, answer) for answer in answers)
    return LookupResult(tuple(answers), rulebook.places, understood, known_at, now, entries)

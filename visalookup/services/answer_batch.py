"""Answer many questions from one edition, each in its own place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.services.answer_question import Reply, answer_from
from visalookup.services.library import Library
from visalookup.services.questions import BadQuestion, QuestionForm

MOST_QUESTIONS = 10_000


def answer_batch(
    session: Session, library: Library, forms: Iterable[QuestionForm | BadQuestion], now: datetime
) -> Iterator[Reply | BadQuestion]:
    """A reply or the fault of each question, in order; a form that is a fault already is passed on."""
    volume = library.current(session)
    for form in forms:
        if isinstance(form, BadQuestion):
            yield form
            continue
        try:
            yield answer_from(volume, session, library, form, now)
        except BadQuestion as fault:
            yield fault

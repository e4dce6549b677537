"""Where an answer can be found again: addresses of pages and of JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import urlencode

from visalookup.domain.circumstances import Circumstances
from visalookup.domain.conditions import Holding
from visalookup.domain.documents import DocumentType
from visalookup.domain.lookup import Question
from visalookup.domain.moments import format_instant


def question_page(question: Question, as_of: datetime | None = None, others: Iterable[str] = ()) -> str:
    """The page that answers a question, for `others` too if more passports are held, as known at `as_of`."""
    query = urlencode(_circumstances(question, as_of) | _also(others))
    return f"/visa/{question.passport.code}/{question.destination.code}?{query}"


def question_holding(question: Question, holding: Holding, others: Iterable[str] = ()) -> str:
    """The page that answers the same question for a traveller who holds this as well."""
    stated = replace(question.stated, holdings=question.stated.holdings | {holding})
    return question_page(replace(question, stated=stated), None, others)


def question_form(question: Question, others: Iterable[str] = ()) -> str:
    """The form, filled in with a question."""
    places = {"passport": question.passport.name, "destination": question.destination.name}
    return f"/?{urlencode(places | _circumstances(question, None) | _also(others))}"


def question_json(question: Question, as_of: datetime | None = None) -> str:
    """The JSON that answers a question, as known at `as_of` if that is given."""
    places = {"passport": question.passport.code, "destination": question.destination.code}
    return f"/api/v1/requirements?{urlencode(places | _circumstances(question, as_of))}"


def format_on(on: date | datetime) -> str:
    """The day or instant asked about, as an address and the JSON write it."""
    return format_instant(on) if isinstance(on, datetime) else on.isoformat()


def _also(others: Iterable[str]) -> dict[str, str]:
    codes = ",".join(others)
    return {"also": codes} if codes else {}


def stated_text(stated: Circumstances) -> dict[str, str]:
    """What is said of the traveller, in the form in which a question states it."""
    written = {
        "holds": ",".join(str(holding) for holding in sorted(stated.holdings)),
        "also_national": ",".join(sorted(stated.also_nationals)),
        "purpose": stated.purpose or "",
        "by": stated.by or "",
        "transit": stated.transit or "",
    }
    return {name: text for name, text in written.items() if text}


def _circumstances(question: Question, as_of: datetime | None) -> dict[str, str]:
    """What the question adds to its places, the usual left out."""
    found = {"on": format_on(question.on)}
    if question.document is not DocumentType.ORDINARY:
        found["document"] = question.document
    if question.stay_days is not None:
        found["stay_days"] = str(question.stay_days)
    found |= stated_text(question.stated)
    if as_of is not None:
        found["as_of"] = format_instant(as_of)
    return found

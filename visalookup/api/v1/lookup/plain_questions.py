"""Plain questions: those by codes in capitals, one of each, that need no understanding."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from visalookup.api.v1.lookup.prepared_answers import AnswerKey
from visalookup.domain.documents import DocumentType
from visalookup.domain.errors import InvalidValue
from visalookup.services.lookup.questions import read_on, read_stay_days
from visalookup.services.lookup.rulebook_store import LoadedRulebook

_DOCUMENTS = {str(each): each for each in DocumentType}


class PlainQuestion(NamedTuple):
    """Codes of places as they were sent, and circumstances already understood."""

    passport: str
    destination: str
    on: str | None = None
    document: DocumentType = DocumentType.ORDINARY
    stay_days: int | None = None


def read_plain_question(query: str) -> PlainQuestion | None:
    """The question of a query string, or None where it is not plain."""
    if "%" in query or "+" in query:
        return None
    sent: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in sent or not value:
            return None
        sent[name] = value
    return plain_question(sent)


def plain_question(sent: dict[str, str]) -> PlainQuestion | None:
    """The question of named values, or None where it is not plain."""
    passport, destination = sent.get("passport", ""), sent.get("destination", "")
    if not (_is_code(passport) and _is_code(destination)):
        return None
    if len(sent) == 2:
        return PlainQuestion(passport, destination)
    if not sent.keys() <= {"passport", "destination", "on", "document", "stay_days"}:
        return None
    document = _DOCUMENTS.get(sent.get("document", "ordinary"))
    try:
        on = _plain_day(sent["on"]) if "on" in sent else None
        stay_days = read_stay_days(sent["stay_days"]) if "stay_days" in sent else None
    except InvalidValue:
        return None
    return PlainQuestion(passport, destination, on, document, stay_days) if document is not None else None


def understood(plain: PlainQuestion, loaded: LoadedRulebook, now: datetime) -> AnswerKey | None:
    """The question by places of this rulebook; None where they are not codes of a passport and a destination."""
    passport = loaded.gazetteer.coded(plain.passport)
    destination = loaded.gazetteer.coded(plain.destination)
    if passport is None or destination is None or not destination.can_be_entered:
        return None
    on = plain.on or now.astimezone(destination.zone).date().isoformat()
    return AnswerKey(passport.citizens_of or passport.code, destination.code, on, plain.document, plain.stay_days)


def _is_code(text: str) -> bool:
    return 1 < len(text) < 4 and text.isascii() and text.isalpha() and text.isupper()


def _plain_day(text: str) -> str:
    day = read_on(text)
    if isinstance(day, datetime) or not isinstance(day, date):
        raise InvalidValue("An instant is not plain.")
    return day.isoformat()

"""Prepared answers: the JSON of a question, made once and kept as long as nothing it says can have changed.

An answer follows from the rules of its pair, the places, the day of travel, and the day on which it is asked (a
check grows stale). All that differs from one revision to the next without any of these changing is the revision's
number and the moment it was recorded; so when these alone are new, only they are replaced. A new revision costs
the pairs it changes, and hardly anything for the others.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_plus

import orjson

from visalookup.api.v1.lookup.responses.answers import lookup_result_json
from visalookup.domain.documents import DocumentType
from visalookup.domain.entry_at import entry_at
from visalookup.domain.entry_facts import EntryFacts
from visalookup.domain.lookup import Question, look_up
from visalookup.domain.moments import format_instant
from visalookup.domain.places import Places
from visalookup.domain.regimes import Rule
from visalookup.domain.rulebook import Edition, Rulebook
from visalookup.http.responses import etag_of_body
from visalookup.services.bounded_cache import BoundedCache
from visalookup.services.lookup.answer_question import lookup_result
from visalookup.services.lookup.questions import Understood
from visalookup.services.lookup.rulebook_store import LoadedRulebook


class AnswerKey(NamedTuple):
    """A question by the codes of its places; `on` is a day as ISO 8601 writes it."""

    passport: str
    destination: str
    on: str
    document: DocumentType
    stay_days: int | None


class Prepared(NamedTuple):
    """A prepared answer, its ETag, and what it was made from."""

    body: bytes
    etag: str
    edition: Edition
    rules: tuple[Rule, ...]
    places: Places
    asked_on: date
    entry: EntryFacts | None


class PreparedAnswers:
    """Keeps at most so many prepared answers; those prepared first go first. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._kept: BoundedCache[AnswerKey, Prepared] = BoundedCache(most)

    def answer(self, loaded: LoadedRulebook, asked: AnswerKey, now: datetime) -> Prepared:
        """The JSON that answers the question, the same to the byte as if it were made now."""
        rulebook = loaded.rulebook
        kept = self._kept.get(asked)
        if kept is None:
            return self._kept.put(asked, _prepare(loaded, asked, now))
        if kept.edition is rulebook.edition and kept.asked_on == now.date():
            return kept
        is_still_so = (
            kept.rules is rulebook.rules(asked.passport, asked.destination)
            and kept.places is rulebook.places
            and kept.asked_on == now.date()
            and kept.entry is _entry_facts(rulebook, asked)
        )
        return self._kept.put(asked, _renew(kept, rulebook.edition) if is_still_so else _prepare(loaded, asked, now))


def _prepare(loaded: LoadedRulebook, asked: AnswerKey, now: datetime) -> Prepared:
    rulebook = loaded.rulebook
    body = _answer(loaded, asked, now)
    rules = rulebook.rules(asked.passport, asked.destination)
    entry = _entry_facts(rulebook, asked)
    return Prepared(body, etag_of_body(body), rulebook.edition, rules, rulebook.places, now.date(), entry)


def _entry_facts(rulebook: Rulebook, asked: AnswerKey) -> EntryFacts | None:
    entry = entry_at(rulebook, asked.destination)
    return entry.facts if entry else None


def _renew(kept: Prepared, edition: Edition) -> Prepared:
    """The same answer with another edition; what it says of its own is replaced where it stands first."""
    body = kept.body
    for before, after in zip(_said_of(kept.edition), _said_of(edition), strict=True):
        head, said, tail = body.partition(before)
        assert said, "an answer does not say of which edition it is"  # noqa: S101
        body = head + after + tail
    return kept._replace(body=body, etag=etag_of_body(body), edition=edition)


def _answer(loaded: LoadedRulebook, asked: AnswerKey, now: datetime) -> bytes:
    places = loaded.rulebook.places.by_code
    question = Question(
        places[asked.passport],
        places[asked.destination],
        date.fromisoformat(asked.on),
        asked.document,
        asked.stay_days,
    )
    answer = look_up(loaded.rulebook, question)
    known_at = loaded.rulebook.edition.recorded_at
    reply = lookup_result(loaded.rulebook, (answer,), Understood((question,), None), known_at, now)
    return orjson.dumps(lookup_result_json(reply))


@lru_cache(maxsize=16)
def _said_of(edition: Edition) -> tuple[bytes, bytes]:
    """What an answer says of its edition: in its members, and in its own address."""
    known_at = format_instant(edition.recorded_at)
    members = f'"as_of":"{known_at}","revision":{edition.revision},'
    return members.encode(), f"as_of={quote_plus(known_at)}".encode()

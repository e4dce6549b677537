"""Answers by the very text of a plain question, for as long as no new revision and no new day can have come."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from flask import Flask

from visalookup.api.v1.lookup.plain_questions import PlainQuestion, understood
from visalookup.api.v1.lookup.prepared_answers import Prepared, PreparedAnswers
from visalookup.domain.rulebook import Edition
from visalookup.extensions import state_of
from visalookup.services.bounded_cache import BoundedCache
from visalookup.services.lookup.rulebook_store import LoadedRulebook

Text = TypeVar("Text", bound=Hashable)


class _Lasting(NamedTuple):
    """What a text is answered with, and for how long."""

    edition: Edition
    since: datetime
    until: datetime
    prepared: Prepared


class PlainAnswers:
    """Keeps at most so many texts with their answers; those sent first go first. Safe to share between threads."""

    def __init__(self, most: int = 20_000) -> None:
        self.prepared = PreparedAnswers(most)
        self._lasting: BoundedCache[Hashable, _Lasting] = BoundedCache(most)

    def find(
        self, loaded: LoadedRulebook, text: Text, read: Callable[[Text], PlainQuestion | None], now: datetime
    ) -> Prepared | None:
        """The answer to a question by its text, which `read` understands; None where it is not plain."""
        lasting = self._lasting.get(text)
        if lasting is not None and lasting.edition is loaded.rulebook.edition and lasting.since <= now < lasting.until:
            return lasting.prepared
        plain = read(text)
        asked = None if plain is None else understood(plain, loaded, now)
        if asked is None:
            return None
        prepared = self.prepared.answer(loaded, asked, now)
        self._lasting.put(text, _Lasting(prepared.edition, now, _end_of_quarter(now), prepared))
        return prepared


def _end_of_quarter(now: datetime) -> datetime:
    """The end of the quarter of an hour: within one no day begins, in whatever time zone."""
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)


def plain_answers_of(app: Flask) -> PlainAnswers:
    """The answers to plain questions of an application's process."""
    return state_of(app).part(PlainAnswers)

"""Prepared answers: the JSON of a question, made once and kept as long as nothing it says can have changed.

An answer follows from the rules of its pair, the places, the day of travel, and the day on which it is asked (a
check grows stale). All that differs from one revision to the next without any of these changing is the revision's
number and the moment it was recorded; they are cut out of what is kept, and put in when it is given. So a new
revision costs only the pairs it changes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, cast
from urllib.parse import quote_plus

import orjson
import zstandard
from flask import Flask

from visalookup.api.v1.representations import reply_json
from visalookup.domain.documents import DocumentType
from visalookup.domain.lookup import Question, look_up
from visalookup.domain.moments import format_instant
from visalookup.domain.places import Places
from visalookup.domain.regimes import Rule
from visalookup.domain.rulebook import Edition
from visalookup.services.answer_question import Reply
from visalookup.services.library import Volume
from visalookup.services.questions import Understood

_CUT = b"\x00"
"""Stands where the edition was cut out: JSON has no such byte (RFC 8259, section 7)."""
_SAMPLES = 48
_LEVEL = 3


class Asked(NamedTuple):
    """A question by the codes of its places; `on` is a day as ISO 8601 writes it."""

    passport: str
    destination: str
    on: str
    document: DocumentType
    stay_days: int | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A prepared answer and what it was made from."""

    rules: tuple[Rule, ...]
    places: Places
    asked_on: date
    packed: bytes


class PreparedAnswers:
    """Keeps at most so many prepared answers, compressed; those asked for first go first."""

    def __init__(self, most: int = 60_000) -> None:
        self._most = most
        self._kept: dict[Asked, _Kept] = {}
        self._packers = threading.local()
        self._alike: zstandard.ZstdCompressionDict | None = None

    def body(self, volume: Volume, asked: Asked, now: datetime) -> bytes:
        """The JSON that answers the question, the same to the byte as if it were made now."""
        rulebook = volume.rulebook
        rules = rulebook.rules(asked.passport, asked.destination)
        kept = self._kept.get(asked)
        if kept is None or kept.rules is not rules or kept.places is not rulebook.places:
            return self._prepare(volume, asked, rules, now)
        if kept.asked_on != now.date():
            return self._prepare(volume, asked, rules, now)
        said = _said_of(rulebook.edition)
        before, between, after = self._packer(volume).unpack(kept.packed).split(_CUT)
        return b"".join((before, said[0], between, said[1], after))

    def _prepare(self, volume: Volume, asked: Asked, rules: tuple[Rule, ...], now: datetime) -> bytes:
        body = _answer(volume, asked, now)
        packed = self._packer(volume).pack(_without_edition(body, volume.rulebook.edition))
        while len(self._kept) >= self._most:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[asked] = _Kept(rules, volume.rulebook.places, now.date(), packed)
        return body

    def _packer(self, volume: Volume) -> _Packer:
        packer: _Packer | None = getattr(self._packers, "own", None)
        if packer is None:
            if self._alike is None:
                self._alike = _what_answers_share(volume)
            packer = self._packers.own = _Packer(self._alike)
        return packer


class _Packer:
    """Packs and unpacks for one thread, as zstandard wants it."""

    def __init__(self, alike: zstandard.ZstdCompressionDict) -> None:
        self.pack = zstandard.ZstdCompressor(level=_LEVEL, dict_data=alike, write_checksum=False).compress
        self.unpack = zstandard.ZstdDecompressor(dict_data=alike).decompress


def _answer(volume: Volume, asked: Asked, now: datetime) -> bytes:
    places = volume.rulebook.places.by_code
    question = Question(
        places[asked.passport],
        places[asked.destination],
        date.fromisoformat(asked.on),
        asked.document,
        asked.stay_days,
    )
    answer = look_up(volume.rulebook, question)
    known_at = volume.rulebook.edition.recorded_at
    reply = Reply((answer,), volume.rulebook.places, Understood((question,), None), known_at, now)
    return orjson.dumps(reply_json(reply))


@lru_cache(maxsize=16)
def _said_of(edition: Edition) -> tuple[bytes, bytes]:
    """What an answer says of its edition: in its members, and in its own address."""
    known_at = format_instant(edition.recorded_at)
    members = f'"as_of":"{known_at}","revision":{edition.revision},'
    return members.encode(), f"as_of={quote_plus(known_at)}".encode()


def _without_edition(body: bytes, edition: Edition) -> bytes:
    for said in _said_of(edition):
        body = body.replace(said, _CUT, 1)
    assert body.count(_CUT) == 2, "an answer says twice of which edition it is"  # noqa: S101
    return body


def _what_answers_share(volume: Volume) -> zstandard.ZstdCompressionDict:
    """Some answers as they are: what is compressed later refers to them."""
    now = volume.rulebook.edition.recorded_at
    samples = (_answer(volume, asked, now) for asked in _sample(volume, now.date().isoformat()))
    return zstandard.ZstdCompressionDict(b"".join(samples), dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _sample(volume: Volume, on: str) -> Iterator[Asked]:
    pairs = sorted(volume.rulebook.by_pair)
    for passport, destination in pairs[:: max(len(pairs) // _SAMPLES, 1)]:
        yield Asked(passport, destination, on, DocumentType.ORDINARY, None)


def prepared_of(app: Flask) -> PreparedAnswers:
    """The prepared answers of an application's process."""
    return cast(PreparedAnswers, app.extensions.setdefault("visalookup_prepared", PreparedAnswers()))

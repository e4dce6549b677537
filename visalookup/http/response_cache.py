"""A cache of whole compressed responses, kept until their content can have changed.

A response is valid for one revision and one quarter of an hour of the clock: in no time zone does a day begin
within a quarter, so "today" stays the same at every destination.
"""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import brotli
import zstandard
from flask import Flask, Response, current_app, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from visalookup.domain.rulebook import Edition
from visalookup.extensions import now, rulebook_store, state_of
from visalookup.http.responses import cacheable, digest

_QUARTER = 900
_MOST_BYTES = 24 * 1024 * 1024
"""The limit per worker; the least recently used response is dropped first."""
_ENCODINGS = ("zstd", "br", "gzip")
"""The encodings we offer (RFC 8878, RFC 7932, RFC 1952), the cheapest for the client to decode first."""
_PACK: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.ZstdCompressor(level=9).compress(body),
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}

Key = tuple[str, str]
"""Path and query of a URL, as they were sent."""


@dataclass(slots=True)
class CachedResponse:
    """A body in the encodings requested so far; `identity` is always there."""

    endpoint: str
    mimetype: str
    tag: str
    packed: dict[str, bytes] = field(default_factory=dict)

    def body(self, encoding: str) -> bytes:
        """The body in an encoding; `identity` is the uncompressed body."""
        if encoding not in self.packed:
            self.packed[encoding] = _PACK[encoding](self.packed["identity"])
        return self.packed[encoding]

    def tag_in(self, encoding: str) -> str:
        """The opaque tag in the ETag of the body in an encoding."""
        return self.tag if encoding == "identity" else f"{self.tag}-{encoding}"

    @property
    def content_type(self) -> str:
        """The value of Content-Type, as Flask would write it."""
        return f"{self.mimetype}; charset=utf-8" if self.mimetype.startswith("text/") else self.mimetype

    @property
    def size(self) -> int:
        """Bytes it takes once it is stored in every encoding: each is at most a quarter of the body."""
        return len(self.packed["identity"]) * 7 // 4


class ResponseCache:
    """The cached responses of one process; thread-safe."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._held_for: tuple[Edition, int] | None = None
        self._kept: OrderedDict[Key, CachedResponse] = OrderedDict()
        self._bytes = 0

    def get(self, edition: Edition, moment: datetime, key: Key) -> CachedResponse | None:
        """The cached response that is valid for this edition at this moment, if there is one."""
        with self._lock:
            self._turn_to(edition, moment)
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, edition: Edition, moment: datetime, key: Key, rendering: CachedResponse) -> None:
        """Cache a response rendered for this edition at this moment."""
        with self._lock:
            self._turn_to(edition, moment)
            self._drop(key)
            self._kept[key] = rendering
            self._bytes += rendering.size
            while self._bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def _turn_to(self, edition: Edition, moment: datetime) -> None:
        held_for = (edition, int(moment.timestamp()) // _QUARTER)
        if held_for != self._held_for:
            self._held_for, self._bytes = held_for, 0
            self._kept.clear()

    def _drop(self, key: Key) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._bytes -= dropped.size


def init_response_cache(app: Flask) -> None:
    """Give the application's process its cache of responses."""
    state_of(app).add(ResponseCache())


def response_cache_of(app: Flask) -> ResponseCache:
    """The response cache of an application."""
    return state_of(app).part(ResponseCache)


def rendered_response(edition: Edition, body: bytes, mimetype: str) -> Response:
    """The response with this body; it is cached for this URL unless the database is unreachable."""
    rendering = CachedResponse(request.endpoint or "none", mimetype, digest(body), {"identity": body})
    if rulebook_store().current_if_fresh() is not None:
        key = (request.environ["PATH_INFO"], request.environ["QUERY_STRING"])
        response_cache_of(current_app).put(edition, now(), key, rendering)
    encoding = encoding_for(request.headers.get("Accept-Encoding", ""))
    response = Response(rendering.body(encoding), mimetype=mimetype)
    response.headers["Vary"] = "Accept-Encoding"
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    return cacheable(response, rendering.tag_in(encoding))


@lru_cache(maxsize=512)
def encoding_for(accepted: str) -> str:
    """The encoding of the response, negotiated from `Accept-Encoding` (RFC 9110, section 12.5.3)."""
    parsed = parse_accept_header(accepted, Accept)
    return parsed.best_match((*_ENCODINGS, "identity"), "identity") or "identity"

"""The fast path: plain questions at the hot address, and what is rendered already, answered before Flask.

What it does is what Flask does, byte for byte: headers, conditional requests, request id, metrics and log. What is
not plain (names instead of codes, several passports, `as_of`, a fault of any kind) goes to Flask, so no rule of
understanding a question and no error is written twice. `tests/contract/test_fast_path.py` holds the two together.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask

from visalookup.api.v1.lookup.plain_answers import plain_answers_of
from visalookup.api.v1.lookup.plain_questions import read_plain_question
from visalookup.extensions import clock_of, rulebook_store_of
from visalookup.http.response_cache import CachedResponse, encoding_for, response_cache_of
from visalookup.http.responses import REVALIDATE
from visalookup.http.security_headers import DATA_HEADERS, PAGE_HEADERS
from visalookup.rate_limits.allowances import Headers
from visalookup.rate_limits.hooks import meter_of
from visalookup.services.lookup.rulebook_store import LoadedRulebook
from visalookup.telemetry.instrumentation import RequestObserver, request_id

if TYPE_CHECKING:
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/api/v1/requirements"
ENDPOINT = "requirements.ask"
RENDERED = ("/visa/", "/api/v1/passports/", "/api/v1/destinations/")
"""Where whole responses are kept (`http/response_cache.py`)."""
_LEFT_TO_FLASK = frozenset({"HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_MATCH", "HTTP_TRANSFER_ENCODING"})
HEADERS_OF_DATA_LISTED = list(DATA_HEADERS.items())
_VARY = ("Vary", "Accept-Encoding")
_HEADERS_OF_RENDERINGS = {
    "application/json": [_VARY, *HEADERS_OF_DATA_LISTED],
    "text/html": [_VARY, *PAGE_HEADERS.items()],
}
_ONE_ETAG = re.compile(r'(?:W/)?"[0-9a-z-]{1,64}"')


class FastPath:
    """A WSGI application that answers plain questions and what is rendered already, and passes on all else."""

    def __init__(self, app: Flask, request_observer: RequestObserver) -> None:
        self._through_flask: WSGIApplication = app.wsgi_app
        self._rulebook_store = rulebook_store_of(app)
        self._clock = clock_of(app)
        self._observer = request_observer
        self._plain = plain_answers_of(app)
        self._renderings = response_cache_of(app)
        self._meter = meter_of(app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer here, or let Flask answer."""
        answered = self.try_respond(environ, start_response)
        return self._through_flask(environ, start_response) if answered is None else answered

    def try_respond(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes] | None:
        """Answer here, or decline with None. It waits for nothing: neither the database nor what counts limits."""
        path = environ["PATH_INFO"]
        if not (path == PATH or path.startswith(RENDERED)) or not _is_plain(environ):
            return None
        began = time.perf_counter()
        loaded = self._rulebook_store.current_if_fresh()
        now = self._clock()
        found = None if loaded is None else self._find(loaded, environ, now)
        if found is None or not _is_understood(environ.get("HTTP_IF_NONE_MATCH"), found.etag):
            return None
        limits = self._meter.acquire(environ, now) if path.startswith("/api/") else []
        return None if limits is None else self._respond(environ, start_response, found, limits, began)

    def _find(self, loaded: LoadedRulebook, environ: WSGIEnvironment, now: datetime) -> _Found | None:
        if environ["PATH_INFO"] != PATH:
            key = (environ["PATH_INFO"], environ["QUERY_STRING"])
            rendering = self._renderings.get(loaded.rulebook.edition, now, key)
            return None if rendering is None else _rendered(rendering, environ.get("HTTP_ACCEPT_ENCODING", ""))
        query = environ["QUERY_STRING"]
        prepared = self._plain.find(loaded, query, read_plain_question, now)
        if prepared is None:
            return None
        return _Found(ENDPOINT, prepared.body, prepared.etag, "application/json", HEADERS_OF_DATA_LISTED)

    def _respond(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        found: _Found,
        limits: Headers,
        began: float,
    ) -> Iterable[bytes]:
        id_ = request_id(environ.get("HTTP_X_REQUEST_ID"))
        shared = [("Cache-Control", REVALIDATE), ("ETag", found.etag), ("X-Request-Id", id_)]
        shared += limits
        shared += found.headers
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        held = environ.get("HTTP_IF_NONE_MATCH")
        if held is not None and held.removeprefix("W/") == found.etag:
            self._observer.record_request(found.endpoint, method, path, 304, began, id_)
            start_response("304 NOT MODIFIED", shared)
            return ()
        headers = [("Content-Type", found.content_type), ("Content-Length", str(len(found.body))), *shared]
        if found.encoding is not None:
            headers.append(("Content-Encoding", found.encoding))
        self._observer.record_request(found.endpoint, method, path, 200, began, id_)
        start_response("200 OK", headers)
        return (found.body,) if method == "GET" else ()


class _Found(NamedTuple):
    """A response that is ready, but for what differs from request to request."""

    endpoint: str
    body: bytes
    etag: str
    content_type: str
    headers: list[tuple[str, str]]
    encoding: str | None = None


def _rendered(rendering: CachedResponse, accepted: str) -> _Found:
    encoding = encoding_for(accepted)
    named = None if encoding == "identity" else encoding
    headers = _HEADERS_OF_RENDERINGS[rendering.mimetype]
    etag = f'"{rendering.tag_in(encoding)}"'
    return _Found(rendering.endpoint, rendering.body(encoding), etag, rendering.content_type, headers, named)


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Whether the request is a GET or HEAD without a body and without what only Flask understands."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("CONTENT_LENGTH") not in (None, "", "0"):
        return False
    return _LEFT_TO_FLASK.isdisjoint(environ)


def _is_understood(held: str | None, etag: str) -> bool:
    """Whether what the client holds already is nothing, this very answer, or one other; a list is for Flask."""
    return held is None or held == etag or _ONE_ETAG.fullmatch(held) is not None


def init_fast_path(app: Flask, request_observer: RequestObserver) -> None:
    """Put the fast path before everything else of the application."""
    fast_path = FastPath(app, request_observer)
    app.wsgi_app = fast_path  # type: ignore[method-assign]
    app.try_respond = fast_path.try_respond  # type: ignore[attr-defined]

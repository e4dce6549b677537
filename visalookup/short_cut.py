"""The short cut: the one hot address, answered before Flask where the question is plain.

What it does is what Flask does, byte for byte: headers, conditional requests, request id, metrics and log. What is
not plain (names instead of codes, several passports, `as_of`, a fault of any kind) goes to Flask, so no rule of
understanding a question and no error is written twice. `tests/contract/test_short_cut.py` holds the two together.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask

from visalookup.api.v1.plain_questions import PlainQuestion, read_plain_question, understood
from visalookup.api.v1.prepared import prepared_of
from visalookup.extensions import clock_of, library_of
from visalookup.observability import Observer, request_id
from visalookup.responses import CHECK_EACH_TIME, digest
from visalookup.security import HEADERS_OF_DATA
from visalookup.services.library import Volume

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/api/v1/requirements"
ENDPOINT = "requirements.ask"
_LEFT_TO_FLASK = frozenset(
    {"HTTP_AUTHORIZATION", "HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_MATCH", "HTTP_TRANSFER_ENCODING"}
)
_OF_ALL = [*HEADERS_OF_DATA.items()]


class ShortCut:
    """A WSGI application that answers plain questions, and passes on everything else."""

    def __init__(self, app: Flask, observer: Observer) -> None:
        self._through_flask: WSGIApplication = app.wsgi_app
        self._library = library_of(app)
        self._clock = clock_of(app)
        self._observer = observer
        self.answers = prepared_of(app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer here, or let Flask answer."""
        if environ["PATH_INFO"] == PATH:
            began = time.perf_counter()
            plain = read_plain_question(environ["QUERY_STRING"])
            volume = self._library.at_hand()
            if plain is not None and volume is not None and _is_plain(environ):
                body = self._body(volume, plain, self._clock())
                if body is not None:
                    return self._respond(environ, start_response, body, began)
        return self._through_flask(environ, start_response)

    def _body(self, volume: Volume, plain: PlainQuestion, now: datetime) -> bytes | None:
        asked = understood(plain, volume, now)
        return None if asked is None else self.answers.body(volume, asked, now)

    def _respond(
        self, environ: WSGIEnvironment, start_response: StartResponse, body: bytes, began: float
    ) -> Iterable[bytes]:
        etag = f'"{digest(body)}"'
        id_ = request_id(environ.get("HTTP_X_REQUEST_ID"))
        shared = [("Cache-Control", CHECK_EACH_TIME), ("ETag", etag), ("X-Request-Id", id_), *_OF_ALL]
        method = environ["REQUEST_METHOD"]
        held = environ.get("HTTP_IF_NONE_MATCH")
        if held is not None and held.removeprefix("W/") == etag:
            self._observer.finish(ENDPOINT, method, PATH, 304, began, id_)
            start_response("304 NOT MODIFIED", shared)
            return ()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *shared]
        self._observer.finish(ENDPOINT, method, PATH, 200, began, id_)
        start_response("200 OK", headers)
        return (body,) if method == "GET" else ()


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Whether the request is a GET or HEAD without a body and without what only Flask understands."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("CONTENT_LENGTH") not in (None, "", "0"):
        return False
    held = environ.get("HTTP_IF_NONE_MATCH")
    return _LEFT_TO_FLASK.isdisjoint(environ) and (held is None or _is_one_etag(held))


def _is_one_etag(text: str) -> bool:
    bare = text.removeprefix("W/")
    return len(bare) == 34 and bare[0] == bare[-1] == '"' and bare[1:-1].isalnum()


def init_short_cut(app: Flask, observer: Observer) -> None:
    """Put the short cut before everything else of the application."""
    app.wsgi_app = ShortCut(app, observer)  # type: ignore[method-assign]

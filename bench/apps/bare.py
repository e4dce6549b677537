"""A bare WSGI function that returns constant bytes, as many as an average answer has: the limit of the server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY = b'{"answer":"yes","filling":"' + b"x" * 1960 + b'"}'
_HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer anything with the same bytes."""
    start_response("200 OK", _HEADERS)
    return (BODY,)

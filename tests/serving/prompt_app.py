"""An application that tells whether a thread or the worker's main loop answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SERVED = ("bench/gunicorn_others.py", "tests.serving.prompt_app:app")


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """What a thread answers."""
    return _faulty() if environ["PATH_INFO"] == "/fault" else _answer(b"a thread", start_response)


def try_respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes] | None:
    """What is answered at once: so many bytes as are asked for."""
    path = environ["PATH_INFO"]
    if path == "/fault":
        return _faulty()
    return _answer(b"x" * int(path[1:]), start_response) if path[1:].isdigit() else None


def _answer(body: bytes, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return (body,)


def _faulty() -> Iterable[bytes]:
    raise RuntimeError("a fault of the application")


app.try_respond = try_respond  # type: ignore[attr-defined]

"""The bare function again, answered in the worker's main loop: the limit of the path that plain questions take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bench.apps import bare

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer anything with the same bytes."""
    return bare.app(environ, start_response)


app.try_respond = bare.app  # type: ignore[attr-defined]

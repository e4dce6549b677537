"""Successful responses: JSON or pages that a cache may keep but must check again."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from flask import Response, request

_WITHOUT_LETTING_GO = 2047
"""For more bytes at once hashlib lets other threads run; having to wait for its turn again costs far more."""
CHECK_EACH_TIME = "public, no-cache"
"""A cache may keep it, but asks each time whether it still holds: a change is seen within a second."""


def json_response(payload: Any) -> Response:
    """JSON with its ETag, or 304 where the client has it already."""
    return cacheable(Response(orjson.dumps(payload), mimetype="application/json"))


def page_response(page: str, status: int = 200) -> Response:
    """A page with its ETag, or 304 where the browser has it already."""
    response = Response(page, status, mimetype="text/html")
    if status == 200:
        return cacheable(response)
    response.headers["Cache-Control"] = "no-store"
    return response


def cacheable(response: Response, tag: str | None = None) -> Response:
    """The response with an ETag of its content, made conditional on the request (RFC 9110, section 13).

    `tag` is what stands in the ETag, where it is known already.
    """
    response.headers["Cache-Control"] = CHECK_EACH_TIME
    response.set_etag(tag or digest(response.get_data()))
    response.make_conditional(request)
    del response.headers["Date"]  # it is for the server to send (RFC 9110, section 6.6.1), and one is enough
    return response


def etag_of(payload: Any) -> str:
    """The ETag that a JSON response with this payload carries."""
    return digest(orjson.dumps(payload))


def digest(body: bytes) -> str:
    """What stands in the ETag of a body."""
    hashed = hashlib.blake2b(digest_size=16)
    for start in range(0, len(body), _WITHOUT_LETTING_GO):
        hashed.update(body[start : start + _WITHOUT_LETTING_GO])
    return hashed.hexdigest()


def etag_of_body(body: bytes) -> str:
    """The ETag of a body."""
    return f'"{digest(body)}"'


def fresh_json(payload: Any, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    response = Response(orjson.dumps(payload), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response

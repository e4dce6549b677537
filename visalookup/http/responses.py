"""Successful responses: JSON or pages that caches may store but must revalidate."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from flask import Response, request
from werkzeug.datastructures import ETags

_MAX_BYTES_UNDER_GIL = 2047
"""hashlib releases the GIL for larger inputs; acquiring it again costs far more than hashing in pieces."""
REVALIDATE = "public, no-cache"
"""A cache may store the response but revalidates it every time, so a change is seen within a second."""


def json_response(payload: Any, version: int | None = None) -> Response:
    """JSON with its ETag, or 304 if the client has it already.

    Where a record has a `version`, the ETag begins with it (`names_version`): what is written of a record may
    change with the day on which it is read, while the record stays the same.
    """
    body = orjson.dumps(payload)
    tag = None if version is None else f"{version}-{digest(body)}"
    return cacheable(Response(body, mimetype="application/json"), tag)


def names_version(held: ETags, version: int) -> bool:
    """Whether `If-Match` holds an ETag of a record at this version, whatever the day on which it was read."""
    return held.star_tag or any(tag.startswith(f"{version}-") for tag in held.as_set())


def page_response(page: str, status: int = 200) -> Response:
    """A page with its ETag, or 304 if the browser has it already."""
    response = Response(page, status, mimetype="text/html")
    if status == 200:
        return cacheable(response)
    response.headers["Cache-Control"] = "no-store"
    return response


def cacheable(response: Response, tag: str | None = None) -> Response:
    """The response with an ETag of its content, made conditional on the request (RFC 9110, section 13).

    `tag` is the opaque tag of the ETag, if it is known already.
    """
    response.headers["Cache-Control"] = REVALIDATE
    response.set_etag(tag or digest(response.get_data()))
    response.make_conditional(request)
    del response.headers["Date"]  # the server sends it (RFC 9110, section 6.6.1)
    return response


def etag_of(payload: Any) -> str:
    """The opaque tag of a JSON response with this payload."""
    return digest(orjson.dumps(payload))


def digest(body: bytes) -> str:
    """The opaque tag in the ETag of a body."""
    hashed = hashlib.blake2b(digest_size=16)
    for start in range(0, len(body), _MAX_BYTES_UNDER_GIL):
        hashed.update(body[start : start + _MAX_BYTES_UNDER_GIL])
    return hashed.hexdigest()


def etag_of_body(body: bytes) -> str:
    """The ETag of a body."""
    return f'"{digest(body)}"'


def fresh_json(payload: Any, status: int = 200) -> Response:
    """JSON that no cache stores."""
    response = Response(orjson.dumps(payload), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response

"""The keys with which receipts are verified, where programs look for them (RFC 8615)."""

from __future__ import annotations

from typing import TypedDict

import orjson
from flask import Blueprint, Response

from visalookup.extensions import receipt_keys
from visalookup.http.responses import cacheable

MEDIA_TYPE = "application/jwk-set+json"
"""RFC 7517, section 8.5.2."""


class KeySetJson(TypedDict):
    """A JSON Web Key Set (RFC 7517, section 5)."""

    keys: list[dict[str, str]]


key_set = Blueprint("key_set", __name__)


@key_set.get("/.well-known/jwks.json")
def jwks() -> Response:
    """The public keys, that which signs first, then those that signed before."""
    keys: KeySetJson = {"keys": [key.as_jwk() for key in receipt_keys().public_keys()]}
    return cacheable(Response(orjson.dumps(keys), mimetype=MEDIA_TYPE))

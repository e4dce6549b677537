"""The keys with which receipts are verified, where programs look for them (RFC 8615)."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from visalookup.extensions import receipt_keys
from visalookup.http.responses import cacheable

MEDIA_TYPE = "application/jwk-set+json"
"""RFC 7517, section 8.5.2."""

key_set = Blueprint("key_set", __name__)


@key_set.get("/.well-known/jwks.json")
def jwks() -> Response:
    """The public keys, that which signs first, then those that signed before."""
    keys = [each.as_jwk() for each in receipt_keys().public_keys()]
    return cacheable(Response(orjson.dumps({"keys": keys}), mimetype=MEDIA_TYPE))

"""The signature of a receipt: a detached JWS (RFC 7515, appendix F) over the canonical text of the answer."""

from __future__ import annotations

import re
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from visalookup.config import LARGEST_BODY
from visalookup.services.receipts.keys import CURVE
from visalookup.storage.audit.canonical import canonical

TYPE = "visalookup-receipt"
"""`typ` in the header of each signature, so that nothing else signed with these keys can pass for a receipt."""

_DETACHED = re.compile(r"[A-Za-z0-9_-]{1,400}\.\.[A-Za-z0-9_-]{86}")


class _Registry(jws.JWSRegistry):
    """Raises the limit of the payload, so that any answer that a request can carry can be verified."""

    max_payload_length = LARGEST_BODY * 2


_registry = _Registry(algorithms=[CURVE])


class NoSignature(Exception):
    """The text is not a signature in our format."""


def signed_text(answer: dict[str, Any]) -> bytes:
    """Return the bytes that are signed: the whole answer without `receipt.signature`, in the form of RFC 8785."""
    receipt = {name: value for name, value in answer["receipt"].items() if name != "signature"}
    return canonical({**answer, "receipt": receipt})


def sign(payload: bytes, key: OKPKey) -> str:
    """Return the detached signature: header and signature, with nothing between the two dots."""
    return jws.detach_content(jws.serialize_compact(_header(key.thumbprint()), payload, key, registry=_registry))


def key_id_in(signature: str) -> str:
    """Return the thumbprint of the key in a signature's header; raise NoSignature if it is not in our format."""
    if not _DETACHED.fullmatch(signature):
        raise NoSignature
    try:
        header = jws.extract_compact(signature.encode(), registry=_registry).headers()
    except (JoseError, ValueError) as error:
        raise NoSignature from error
    kid = header.get("kid")
    if not isinstance(kid, str) or header != _header(kid):
        raise NoSignature
    return kid


def is_signed_by(key: OKPKey, signature: str, payload: bytes) -> bool:
    """Return whether the key made this signature over these bytes."""
    try:
        jws.deserialize_compact(signature, key, registry=_registry, payload=payload)
    except JoseError:
        return False
    return True


def _header(kid: str) -> dict[str, Any]:
    return {"alg": CURVE, "kid": kid, "typ": TYPE}

"""Signatures of webhooks, by the Standard Webhooks specification (standardwebhooks.com), version 1: symmetric.

The signature is HMAC-SHA256 (RFC 2104) over `id.timestamp.body`, in base64 after `v1,`. Where a secret was changed
a moment ago both sign, and the receiver accepts either.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def secret_of(random: bytes) -> str:
    """A secret as its owner gets it: the prefix, and random bytes in base64."""
    return PREFIX + base64.b64encode(random).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature of a message sent at `timestamp`, in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signed_headers(secrets: Iterable[str], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows that the message is ours, and not an old one sent again by others."""
    timestamp = int(now.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in secrets),
    }

"""How an agency's server verifies that a message is ours, with nothing but Python's standard library.

Libraries for many languages do the same: https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

SECONDS_OF_TOLERANCE = 300


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether the body was signed with the secret in the last minutes; `now` is `time.time()`."""
    timestamp = headers["webhook-timestamp"]
    if abs(now - int(timestamp)) > SECONDS_OF_TOLERANCE:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    signatures = (text.removeprefix("v1,") for text in headers["webhook-signature"].split(" "))
    return any(hmac.compare_digest(signature, expected) for signature in signatures)

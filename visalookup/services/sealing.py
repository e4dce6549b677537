"""Secrets that must be read again, as those that sign webhooks, kept so that the database alone tells nothing.

A seal encrypts with Fernet (AES-128-CBC and HMAC-SHA256), under a key that HKDF (RFC 5869) derives from
SECRET_KEY. Each purpose has a key of its own, so what is sealed for one is not opened for another. Whoever changes
SECRET_KEY makes all that was sealed unreadable.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_BYTES = 32


class SealBroken(Exception):
    """What was sealed cannot be read: it was altered, or sealed under another key or for another purpose."""


class Seal:
    """Seals and opens secrets for one purpose."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        """`purpose` names what is sealed, such as "webhook secrets"; it must never change."""
        derived = HKDF(SHA256(), _BYTES, salt=None, info=f"visalookup: {purpose}".encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))

    def encrypt(self, secret: str) -> str:
        """The secret, sealed: text for the database, another one each time."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """The secret that was sealed; raise SealBroken where it cannot be read."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken(
                "A secret cannot be read, as SECRET_KEY is not the one it was sealed under. Set that key again, or"
                " make a new secret."
            ) from None

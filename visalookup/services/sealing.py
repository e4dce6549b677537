"""Encrypt secrets that must be readable later, such as those that sign webhooks, for storage in the database.

A seal encrypts with Fernet (AES-128-CBC and HMAC-SHA256). HKDF (RFC 5869) derives the key from SECRET_KEY, with a
separate key for each purpose, so a value sealed for one purpose cannot be decrypted for another. Changing SECRET_KEY
makes all sealed values unreadable.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32


class SealBroken(Exception):
    """A sealed value cannot be decrypted: it was altered, or sealed under another key or for another purpose."""


class Seal:
    """Encrypts and decrypts secrets for one purpose."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        """`purpose` names the kind of secret, such as "webhook secrets"; it must never change."""
        derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"visalookup: {purpose}".encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))

    def encrypt(self, secret: str) -> str:
        """Encrypt a secret for the database; the result differs from call to call."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """Decrypt a sealed secret; raise SealBroken if that fails."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken(
                "A secret cannot be decrypted, because SECRET_KEY is not the one it was encrypted with. Set that key"
                " again, or create a new secret."
            ) from None

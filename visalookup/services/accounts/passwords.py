"""Password hashing with argon2id (RFC 9106)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from visalookup.domain.accounts.passwords import LONGEST, canonical_password

_HASHER = PasswordHasher()
_PLACEHOLDER = "nobody's password"


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether a password is correct; `new_hash` replaces a stored hash made with outdated parameters."""

    is_correct: bool
    new_hash: str | None = None


def hash_password(password: str) -> str:
    """Hash a password, given in canonical form, for storage."""
    return _HASHER.hash(password)


def check_against(stored_hash: str | None, typed: str) -> PasswordCheck:
    """Compare a typed password with the stored hash. Without one it takes equally long and is never correct."""
    password = canonical_password(typed[: LONGEST + 1])
    try:
        is_correct = _HASHER.verify(stored_hash or _dummy_hash(), password) and stored_hash is not None
    except (VerificationError, InvalidHashError):
        return PasswordCheck(is_correct=False)
    outdated = is_correct and stored_hash is not None and _HASHER.check_needs_rehash(stored_hash)
    return PasswordCheck(is_correct, hash_password(password) if outdated else None)


@cache
def _dummy_hash() -> str:
    return hash_password(_PLACEHOLDER)

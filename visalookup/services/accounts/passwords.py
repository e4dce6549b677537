"""Passwords as they are kept: hashed with argon2id (RFC 9106), never readable."""

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
    """Whether a password was right; `new_hash` is its hash by today's parameters where those have changed."""

    right: bool
    new_hash: str | None = None


def hash_password(password: str) -> str:
    """The hash to keep of a password in canonical form."""
    return _HASHER.hash(password)


def check_against(kept: str | None, typed: str) -> PasswordCheck:
    """Compare what somebody typed with the hash kept; without one it takes as long, and is never right."""
    password = canonical_password(typed[: LONGEST + 1])
    try:
        right = _HASHER.verify(kept or _dummy_hash(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return PasswordCheck(right=False)
    outdated = right and kept is not None and _HASHER.check_needs_rehash(kept)
    return PasswordCheck(right, hash_password(password) if outdated else None)


@cache
def _dummy_hash() -> str:
    return hash_password(_PLACEHOLDER)

"""The key ring: whose key a request carries, looked up at most every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from visalookup.domain.agencies.agency import Agency, KeyStatus
from visalookup.services.accounts.tokens import digest_of
from visalookup.services.bounded_cache import BoundedCache
from visalookup.storage.agencies.agencies import HeldKey, key_by_digest
from visalookup.storage.engine import DatabaseAway

SECONDS_A_KEY_IS_TRUSTED = 2.0
"""So long after it is revoked, a key may still be good in a process."""
_MOST_KEYS = 10_000


class KeyRefused(Exception):
    """A key that nobody may come in with; the message says why and what to do."""


@dataclass(slots=True)
class Caller:
    """An agency that asks with one of its keys; `left` is what remains of its questions for the day."""

    key_id: int
    agency: Agency
    left: int
    trusted_until: float


class KeyRing:
    """The keys that one process has looked up lately. Safe to share between threads."""

    def __init__(self, per_day: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_day = per_day
        self._monotonic = monotonic
        self._callers: BoundedCache[str, Caller] = BoundedCache(_MOST_KEYS)

    def current_if_fresh(self, secret: str) -> Caller | None:
        """Whose key this is, if that was looked up lately."""
        caller = self._callers.get(secret)
        return caller if caller is not None and self._monotonic() < caller.trusted_until else None

    def caller(self, session: Session, secret: str, now: datetime) -> Caller:
        """Whose key this is; raise KeyRefused.

        While the database is away, keys that were good when it was last seen go on being good.
        """
        caller = self.current_if_fresh(secret)
        if caller is not None:
            return caller
        try:
            held = key_by_digest(session, digest_of(secret), now.astimezone(UTC).date())
        except (DBAPIError, DatabaseAway):
            known = self._callers.get(secret)
            if known is None:
                raise
            return self._trusted(known)
        refusal = _refusal(held, now)
        if refusal is not None:
            self._callers.pop(secret)  # so that no outage later trusts what was refused
            raise KeyRefused(refusal)
        assert held is not None  # noqa: S101 - it would have been refused
        return self._kept(secret, held)

    def _kept(self, secret: str, held: HeldKey) -> Caller:
        allowed = held.agency.per_day or self._per_day
        caller = Caller(held.key.id, held.agency, allowed - held.asked, 0)
        return self._trusted(self._callers.put(secret, caller))

    def _trusted(self, caller: Caller) -> Caller:
        caller.trusted_until = self._monotonic() + SECONDS_A_KEY_IS_TRUSTED
        return caller


def _refusal(held: HeldKey | None, now: datetime) -> str | None:
    """Why a key is refused, and what to do; None where it is good."""
    if held is None:
        return "No agency has this key; send the whole text as it was shown when it was made."
    match held.key.status(now):
        case KeyStatus.REVOKED:
            return "This key was revoked; use the agency's other key, or ask us for a new one."
        case KeyStatus.EXPIRED:
            return "This key has expired; use the agency's other key, or ask us for a new one."
        case _ if held.agency.disabled_at is not None:
            return "The agency of this key is disabled; ask us to let it in again."
    return None

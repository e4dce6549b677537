"""What is dealt out of the questions that may be asked, in one process.

Flask-Limiter counts, in a storage that processes may share. A process draws questions from it some at a time, in
lots, and deals them out itself: so the short cut before Flask asks no storage, and no question waits for Redis.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask_limiter import Limiter
from limits import RateLimitItemPerMinute

from visalookup.config import Settings
from visalookup.domain.agencies.client_address import subscriber_of
from visalookup.extensions import session
from visalookup.services.agencies.key_ring import Caller, KeyRing
from visalookup.services.agencies.usage import UsageCounter

if TYPE_CHECKING:
    from datetime import datetime

    from _typeshed.wsgi import WSGIEnvironment

Headers = list[tuple[str, str]]

SCOPE = "questions"
"""What all limits are counted under."""
_SCHEME = "Bearer "
_KEYS_BEGIN = "vla_"
_ALLOWANCES_PER_MINUTE = 100
_LARGEST_ALLOWANCE = 1000
_MOST_CLIENTS = 50_000


@dataclass(frozen=True, slots=True)
class Client:
    """Who sends the request at hand: an address, or an agency with one of its keys."""

    identity: str
    item: RateLimitItemPerMinute
    caller: Caller | None = None


@dataclass(slots=True)
class Allowance:
    """Questions that this process may deal out to one asker, until the minute ends."""

    limit: int
    beyond: int
    ends_at: float
    tickets: Iterator[int] = field(repr=False)
    """Each is the number of those that remain after it; to take the next is safe between threads."""

    def acquire(self) -> int | None:
        """How many questions remain after this one, here and in the storage; None where the lot is used up."""
        if time.time() >= self.ends_at:
            return None
        ticket = next(self.tickets, None)
        return None if ticket is None else self.beyond + ticket

    def headers(self, remaining: int) -> Headers:
        """What a client is told of its limit (draft-ietf-httpapi-ratelimit-headers-03)."""
        return [
            ("RateLimit-Limit", str(self.limit)),
            ("RateLimit-Remaining", str(remaining)),
            ("RateLimit-Reset", str(_seconds_until(self.ends_at))),
        ]


class Meter:
    """Tells who asks, deals out what they may ask, and counts what agencies asked."""

    def __init__(self, settings: Settings, limiter: Limiter) -> None:
        self.ring = KeyRing(settings.quota_agency)
        self.usage = UsageCounter()
        self._anonymous = RateLimitItemPerMinute(settings.rate_limit_anonymous)
        self._of_agencies = settings.rate_limit_agency
        self._allowances: dict[str, Allowance] = {}
        self._identities: dict[str, str] = {}
        self._limiter = limiter

    def acquire(self, environ: WSGIEnvironment, now: datetime) -> Headers | None:
        """Deal out one question to a plain request; None where Flask must see to it."""
        authorization = environ.get("HTTP_AUTHORIZATION")
        if authorization is None:
            return self._dealt(self.identity_of(environ.get("REMOTE_ADDR", "")))
        secret = key_in(authorization)
        caller = self.ring.current_if_fresh(secret) if secret else None
        if caller is None or caller.left <= 0:
            return None
        headers = self._dealt(_identity_of(caller))
        if headers is not None:
            self.count(caller, 1, now)
        return headers

    def client(self, address: str, authorization: str | None, now: datetime) -> Client:
        """Who sends a request; raise KeyRefused for a key that is not good."""
        secret = key_in(authorization) if authorization is not None else None
        if secret is None:
            return Client(self.identity_of(address), self._anonymous)
        caller = self.ring.caller(session(), secret, now)
        item = RateLimitItemPerMinute(caller.agency.per_minute or self._of_agencies)
        return Client(_identity_of(caller), item, caller)

    def nobody(self, address: str) -> Client:
        """Whoever asks from an address without a key."""
        return Client(self.identity_of(address), self._anonymous)

    def allowance_of(self, client: Client) -> Allowance | None:
        """What was drawn for somebody in this minute."""
        return self._allowances.get(client.identity)

    def next_allowance_size(self, client: Client) -> int:
        """How many questions to draw from the storage, at least one, though it be too many."""
        usual = min(client.item.amount // _ALLOWANCES_PER_MINUTE, _LARGEST_ALLOWANCE)
        return max(1, min(usual, self._in_storage(client)))

    def keep_allowance(self, client: Client, drawn: int) -> tuple[Allowance, int]:
        """The lot that was drawn, its first question dealt out already, and how many remain after that one."""
        reset_at, beyond = self._limiter.limiter.get_window_stats(client.item, client.identity, SCOPE)
        allowance = Allowance(client.item.amount, beyond, reset_at, iter(range(drawn - 2, -1, -1)))
        while len(self._allowances) >= _MOST_CLIENTS and client.identity not in self._allowances:
            self._allowances.pop(next(iter(self._allowances)), None)
        self._allowances[client.identity] = allowance
        return allowance, beyond + drawn - 1

    def draw_more(self, client: Client, questions: int) -> bool:
        """Draw many at once, those at hand first; false where so many are not left."""
        allowance = self._allowances.pop(client.identity, None)
        wanted = questions - (sum(1 for _ in allowance.tickets) if allowance is not None else 0)
        if wanted <= 0:
            return True
        strategy = self._limiter.limiter
        return strategy.test(client.item, client.identity, SCOPE, cost=wanted) and strategy.hit(
            client.item, client.identity, SCOPE, cost=wanted
        )

    def left_for(self, client: Client) -> tuple[Headers, int]:
        """What somebody is told who is refused, and in how many seconds to try again."""
        reset_at, remaining = self._limiter.limiter.get_window_stats(client.item, client.identity, SCOPE)
        return Allowance(client.item.amount, 0, reset_at, iter(())).headers(remaining), _seconds_until(reset_at)

    def count(self, caller: Caller, questions: int, now: datetime, requests: int = 1) -> None:
        """Note what an agency asked."""
        caller.left -= questions
        self.usage.count(caller.key_id, now, questions, requests)

    def identity_of(self, address: str) -> str:
        """What an address counts as; remembered, since the same ask again and again."""
        found = self._identities.get(address)
        if found is None:
            while len(self._identities) >= _MOST_CLIENTS:
                self._identities.pop(next(iter(self._identities)), None)
            found = self._identities[address] = f"address {subscriber_of(address)}"
        return found

    def _dealt(self, identity: str) -> Headers | None:
        allowance = self._allowances.get(identity)
        remaining = None if allowance is None else allowance.acquire()
        return None if allowance is None or remaining is None else allowance.headers(remaining)

    def _in_storage(self, client: Client) -> int:
        _reset, remaining = self._limiter.limiter.get_window_stats(client.item, client.identity, SCOPE)
        return remaining


def key_in(authorization: str) -> str | None:
    """The agency's key in a header `Authorization`; None where it holds something else, such as staff's token."""
    scheme, secret = authorization[: len(_SCHEME)], authorization[len(_SCHEME) :].strip()
    if scheme.lower() != _SCHEME.lower() or not secret.startswith(_KEYS_BEGIN):
        return None
    return secret


def _identity_of(caller: Caller) -> str:
    return f"agency {caller.agency.id}"


def _seconds_until(moment: float) -> int:
    """Whole seconds, rounded up and at least one, as `Retry-After` tells them."""
    return max(1, math.ceil(moment - time.time()))

"""The questions that each client may still ask, in one process.

`question_count` counts, in a storage that processes may share. A process draws questions from it some at a time, in
allowances, and spends them itself: so the fast path before Flask asks no storage, and no question waits for Redis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from visalookup.config import Settings
from visalookup.domain.agencies.client_address import subscriber_of
from visalookup.extensions import session
from visalookup.rate_limits.question_count import QuestionCount, end_of_minute
from visalookup.services.agencies.key_ring import Caller, KeyRing
from visalookup.services.agencies.usage import UsageCounter
from visalookup.services.bounded_cache import BoundedCache

if TYPE_CHECKING:
    from datetime import datetime

    from _typeshed.wsgi import WSGIEnvironment

Headers = list[tuple[str, str]]

_SCHEME = "Bearer "
_SECONDS_A_DAY = 86_400
_KEYS_BEGIN = "vla_"
_ALLOWANCES_PER_MINUTE = 100
_LARGEST_ALLOWANCE = 1000
_MOST_CLIENTS = 50_000


@dataclass(frozen=True, slots=True)
class Client:
    """The sender of a request: an address, or an agency with one of its keys; `limit` is by the minute."""

    identity: str
    limit: int
    caller: Caller | None = None

    @property
    def counted_as(self) -> str:
        """What its questions are counted under: with another limit a new count begins."""
        return f"{self.identity}/{self.limit}"


@dataclass(slots=True)
class Allowance:
    """Questions that this process may still answer for one client, until the minute ends."""

    limit: int
    beyond: int
    ends_at: datetime
    tickets: Iterator[int] = field(repr=False)
    """Each is the number of those that remain after it; to take the next is safe between threads."""
    _limit_header: tuple[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make once what is the same in every answer."""
        self._limit_header = ("RateLimit-Limit", str(self.limit))

    def acquire(self, now: datetime) -> int | None:
        """How many questions remain after this one, here and in the storage; None where the allowance is used up."""
        if now >= self.ends_at:
            return None
        ticket = next(self.tickets, None)
        return None if ticket is None else self.beyond + ticket

    def headers(self, remaining: int, now: datetime) -> Headers:
        """The headers that report a client's limit (draft-ietf-httpapi-ratelimit-headers-03)."""
        return [
            self._limit_header,
            ("RateLimit-Remaining", str(remaining)),
            ("RateLimit-Reset", str(_seconds(now, self.ends_at))),
        ]


class Meter:
    """Identifies clients, spends their allowances, and counts what agencies ask."""

    def __init__(self, settings: Settings, question_count: QuestionCount) -> None:
        self.ring = KeyRing(settings.quota_agency)
        self.usage = UsageCounter()
        self._anonymous = settings.rate_limit_anonymous
        self._of_agencies = settings.rate_limit_agency
        self._allowances: BoundedCache[str, Allowance] = BoundedCache(_MOST_CLIENTS)
        self._identities: BoundedCache[str, str] = BoundedCache(_MOST_CLIENTS)
        self._count = question_count

    def acquire(self, environ: WSGIEnvironment, now: datetime) -> Headers | None:
        """Deal out one question to a plain request; None where Flask must see to it."""
        authorization = environ.get("HTTP_AUTHORIZATION")
        if authorization is None:
            return self._dealt(self.identity_of(environ.get("REMOTE_ADDR", "")), now)
        secret = key_in(authorization)
        caller = self.ring.current_if_fresh(secret) if secret else None
        if caller is None or caller.left <= 0:
            return None
        headers = self._dealt(_identity_of(caller), now)
        if headers is not None:
            self.count(caller, 1, now)
        return headers

    def client(self, address: str, authorization: str | None, now: datetime) -> Client:
        """Who sends a request; raise KeyRefused for a key that is not good."""
        secret = key_in(authorization) if authorization is not None else None
        if secret is None:
            return Client(self.identity_of(address), self._anonymous)
        caller = self.ring.caller(session(), secret, now)
        return Client(_identity_of(caller), caller.agency.per_minute or self._of_agencies, caller)

    def nobody(self, address: str) -> Client:
        """A client without a key, known by its address."""
        return Client(self.identity_of(address), self._anonymous)

    def deal(self, client: Client, now: datetime) -> Headers | None:
        """Spend one question, of a new allowance if there is none; None where the limit is used up."""
        return self._dealt(client.identity, now) or self._draw(client, now)

    def draw_more(self, client: Client, questions: int, now: datetime) -> bool:
        """Spend many at once, those already drawn first; false where not enough are left."""
        allowance = self._allowances.pop(client.identity)
        wanted = questions - (sum(1 for _ in allowance.tickets) if allowance is not None else 0)
        if wanted <= 0:
            return True
        return self._left(client, now) >= wanted and self._left_after(client, wanted, now) >= 0

    def headers_of_refusal(self, client: Client, now: datetime) -> tuple[Headers, int]:
        """The headers for a client that is refused, and in how many seconds to try again."""
        ends_at = end_of_minute(now)
        used_up = Allowance(client.limit, 0, ends_at, iter(()))
        return used_up.headers(max(0, self._left(client, now)), now), _seconds(now, ends_at)

    def count(self, caller: Caller, questions: int, now: datetime, requests: int = 1) -> None:
        """Note what an agency asked."""
        caller.left -= questions
        self.usage.count(caller.key_id, now, questions, requests)

    def identity_of(self, address: str) -> str:
        """What an address counts as; remembered, since the same ask again and again."""
        found = self._identities.get(address)
        return found or self._identities.put(address, f"address {subscriber_of(address)}")

    def _dealt(self, identity: str, now: datetime) -> Headers | None:
        allowance = self._allowances.get(identity)
        remaining = None if allowance is None else allowance.acquire(now)
        return None if allowance is None or remaining is None else allowance.headers(remaining, now)

    def _draw(self, client: Client, now: datetime) -> Headers | None:
        """Draw an allowance of at least one question, even beyond the limit, and spend its first."""
        usual = min(client.limit // _ALLOWANCES_PER_MINUTE, _LARGEST_ALLOWANCE)
        drawn = max(1, min(usual, self._left(client, now)))
        beyond = self._left_after(client, drawn, now)
        if beyond < 0:
            return None
        tickets = iter(range(drawn - 2, -1, -1))
        allowance = Allowance(client.limit, beyond, end_of_minute(now), tickets)
        self._allowances.put(client.identity, allowance)
        return allowance.headers(beyond + drawn - 1, now)

    def _left(self, client: Client, now: datetime) -> int:
        return client.limit - self._count.drawn(client.counted_as, now)

    def _left_after(self, client: Client, questions: int, now: datetime) -> int:
        return client.limit - self._count.add(client.counted_as, questions, now)


def key_in(authorization: str) -> str | None:
    """The agency's key in a header `Authorization`; None where it holds something else, such as staff's token."""
    scheme, secret = authorization[: len(_SCHEME)], authorization[len(_SCHEME) :].strip()
    if scheme.lower() != _SCHEME.lower() or not secret.startswith(_KEYS_BEGIN):
        return None
    return secret


def _identity_of(caller: Caller) -> str:
    return f"agency {caller.agency.id}"


def _seconds(now: datetime, end: datetime) -> int:
    """Whole seconds, rounded up and at least one, as `Retry-After` states them."""
    left = end - now
    return max(1, left.days * _SECONDS_A_DAY + left.seconds + (left.microseconds > 0))

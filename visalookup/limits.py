"""How much may be asked: so many questions a minute by each address or agency, and so many a day by each agency.

Flask-Limiter counts, in a storage that processes may share. A process draws questions from it some at a time, in
lots, and deals them out itself: so the short cut before Flask asks no storage, and no question waits for Redis.
Only Flask draws; where the short cut has no lot at hand it leaves the request to Flask, and so every refusal.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from limits import RateLimitItemPerMinute

from visalookup.config import Settings
from visalookup.domain.agencies import next_day
from visalookup.domain.subscribers import subscriber_of
from visalookup.errors import TokenProblem, TooManyProblem, problem_of_exception, problem_response
from visalookup.extensions import now, session
from visalookup.services.key_ring import Caller, KeyRefused, KeyRing
from visalookup.services.usage import UsageCounter

if TYPE_CHECKING:
    from datetime import datetime

    from _typeshed.wsgi import WSGIEnvironment

Headers = list[tuple[str, str]]

_SCHEME = "Bearer "
_KEYS_BEGIN = "vla_"
_REALM = 'Bearer realm="Visa Lookup"'
_SCOPE = "questions"
_LOTS_OF_A_MINUTE = 100
_LARGEST_LOT = 1000
_MOST_ASKERS = 50_000
_PATIENCE = {"socket_connect_timeout": 0.25, "socket_timeout": 0.25}
"""Seconds to wait for Redis; after that the process counts by itself until Redis is back."""
_OF_STAFF = "staff_api"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sends the request at hand: an address, or an agency with one of its keys."""

    identity: str
    item: RateLimitItemPerMinute
    caller: Caller | None = None


@dataclass(slots=True)
class Lot:
    """Questions that this process may deal out to one asker, until the minute ends."""

    limit: int
    beyond: int
    ends_at: float
    tickets: Iterator[int] = field(repr=False)
    """Each is the number of those that remain after it; to take the next is safe between threads."""

    def take(self) -> int | None:
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

    def __init__(self, settings: Settings) -> None:
        self.ring = KeyRing(settings.quota_agency)
        self.usage = UsageCounter()
        self._anonymous = RateLimitItemPerMinute(settings.rate_limit_anonymous)
        self._of_agencies = settings.rate_limit_agency
        self._lots: dict[str, Lot] = {}
        self._identities: dict[str, str] = {}
        self.limiter = Limiter(
            _identity,
            application_limits=[ApplicationLimit(_limit_in_words, scope=_SCOPE, cost=_drawn)],
            storage_uri=settings.rate_limit_storage,
            storage_options=cast(Any, _PATIENCE if settings.rate_limit_storage.startswith("redis") else {}),
            strategy="fixed-window",
            in_memory_fallback_enabled=True,
        )

    def take(self, environ: WSGIEnvironment, now: datetime) -> Headers | None:
        """Deal out one question to a plain request; None where Flask must see to it."""
        authorization = environ.get("HTTP_AUTHORIZATION")
        if authorization is None:
            return self._dealt(self.identity_of(environ.get("REMOTE_ADDR", "")))
        secret = key_in(authorization)
        caller = self.ring.at_hand(secret) if secret else None
        if caller is None or caller.left <= 0:
            return None
        headers = self._dealt(_identity_of(caller))
        if headers is not None:
            self.count(caller, 1, now)
        return headers

    def asker(self, address: str, authorization: str | None, now: datetime) -> Asker:
        """Who sends a request; raise KeyRefused for a key that is not good."""
        secret = key_in(authorization) if authorization is not None else None
        if secret is None:
            return Asker(self.identity_of(address), self._anonymous)
        caller = self.ring.caller(session(), secret, now)
        item = RateLimitItemPerMinute(caller.agency.per_minute or self._of_agencies)
        return Asker(_identity_of(caller), item, caller)

    def nobody(self, address: str) -> Asker:
        """Whoever asks from an address without a key."""
        return Asker(self.identity_of(address), self._anonymous)

    def lot_of(self, asker: Asker) -> Lot | None:
        """What was drawn for somebody in this minute."""
        return self._lots.get(asker.identity)

    def size_of_next_lot(self, asker: Asker) -> int:
        """How many questions to draw from the storage, at least one, though it be too many."""
        usual = min(asker.item.amount // _LOTS_OF_A_MINUTE, _LARGEST_LOT)
        return max(1, min(usual, self._in_storage(asker)))

    def keep_lot(self, asker: Asker, drawn: int) -> tuple[Lot, int]:
        """The lot that was drawn, its first question dealt out already, and how many remain after that one."""
        reset_at, beyond = self.limiter.limiter.get_window_stats(asker.item, asker.identity, _SCOPE)
        lot = Lot(asker.item.amount, beyond, reset_at, iter(range(drawn - 2, -1, -1)))
        while len(self._lots) >= _MOST_ASKERS and asker.identity not in self._lots:
            self._lots.pop(next(iter(self._lots)), None)
        self._lots[asker.identity] = lot
        return lot, beyond + drawn - 1

    def draw_more(self, asker: Asker, questions: int) -> bool:
        """Draw many at once, those at hand first; false where so many are not left."""
        lot = self._lots.pop(asker.identity, None)
        wanted = questions - (sum(1 for _ in lot.tickets) if lot is not None else 0)
        if wanted <= 0:
            return True
        strategy = self.limiter.limiter
        return strategy.test(asker.item, asker.identity, _SCOPE, cost=wanted) and strategy.hit(
            asker.item, asker.identity, _SCOPE, cost=wanted
        )

    def count(self, caller: Caller, questions: int, now: datetime, requests: int = 1) -> None:
        """Note what an agency asked."""
        caller.left -= questions
        self.usage.count(caller.key_id, now, questions, requests)

    def identity_of(self, address: str) -> str:
        """What an address counts as; remembered, since the same ask again and again."""
        found = self._identities.get(address)
        if found is None:
            while len(self._identities) >= _MOST_ASKERS:
                self._identities.pop(next(iter(self._identities)), None)
            found = self._identities[address] = f"address {subscriber_of(address)}"
        return found

    def _dealt(self, identity: str) -> Headers | None:
        lot = self._lots.get(identity)
        remaining = None if lot is None else lot.take()
        return None if lot is None or remaining is None else lot.headers(remaining)

    def _in_storage(self, asker: Asker) -> int:
        _reset, remaining = self.limiter.limiter.get_window_stats(asker.item, asker.identity, _SCOPE)
        return remaining


def key_in(authorization: str) -> str | None:
    """The agency's key in a header `Authorization`; None where it holds something else, such as staff's token."""
    scheme, secret = authorization[: len(_SCHEME)], authorization[len(_SCHEME) :].strip()
    if scheme.lower() != _SCHEME.lower() or not secret.startswith(_KEYS_BEGIN):
        return None
    return secret


def meter_of(app: Flask) -> Meter:
    """The meter of an application's process."""
    return cast(Meter, app.extensions["visalookup_meter"])


def usage_of(app: Flask) -> UsageCounter:
    """What agencies asked in an application's process."""
    return meter_of(app).usage


def charge(questions: int) -> None:
    """Deal out the questions of a batch, the first of which came with its request; raise TooManyProblem."""
    asker: Asker = g.asker
    more = questions - 1
    if more <= 0:
        return
    _refuse_beyond_the_day(asker, more)
    if questions > asker.item.amount or not _meter().draw_more(asker, more):
        raise _too_many(asker, questions)
    if asker.caller is not None:
        _meter().count(asker.caller, more, now(), requests=0)


def init_limits(app: Flask, settings: Settings) -> None:
    """Tell who asks, and refuse what is too much, before any route of the public interface."""
    meter = app.extensions["visalookup_meter"] = Meter(settings)
    app.before_request(_identify)
    meter.limiter.init_app(app)
    app.before_request(_admit)
    app.register_error_handler(RateLimitExceeded, _refused)
    app.after_request(_tell)


def _identify() -> None:
    if not request.path.startswith("/api/") or request.method == "OPTIONS" or request.blueprint == _OF_STAFF:
        return
    address = request.remote_addr or ""
    try:
        g.asker = _meter().asker(address, request.headers.get("Authorization"), now())
    except KeyRefused as error:
        g.asker, g.key_refused = _meter().nobody(address), error


def _admit() -> None:
    asker: Asker | None = g.get("asker")
    if asker is None:
        return
    if "drawn" in g:
        lot, remaining = _meter().keep_lot(asker, g.drawn)
        g.told = lot.headers(remaining)
    if "key_refused" in g:
        raise TokenProblem(401, str(g.key_refused), f'{_REALM}, error="invalid_token"') from g.key_refused
    if asker.caller is not None:
        _refuse_beyond_the_day(asker, 1)
        _meter().count(asker.caller, 1, now())


def _tell(response: Response) -> Response:
    for name, value in g.get("told", ()):
        response.headers[name] = value
    return response


def _refused(_error: RateLimitExceeded) -> Response:
    return problem_response(problem_of_exception(_too_many(g.asker, 1)))


def _refuse_beyond_the_day(asker: Asker, questions: int) -> None:
    caller = asker.caller
    if caller is not None and caller.left < questions:
        raise TooManyProblem(
            f"{caller.agency.title} may ask {max(caller.left, 0)} more questions today (UTC); try again tomorrow,"
            " or ask us for more.",
            _seconds_between(now(), next_day(now())),
        )


def _too_many(asker: Asker, questions: int) -> TooManyProblem:
    reset_at, remaining = _meter().limiter.limiter.get_window_stats(asker.item, asker.identity, _SCOPE)
    seconds = _seconds_until(reset_at)
    lot = Lot(asker.item.amount, 0, reset_at, iter(()))
    g.told = lot.headers(remaining)
    allowed = f"{asker.item.amount} questions a minute are allowed"
    others = "" if asker.caller else ", or use an agency's key, with which more is allowed"
    if questions > asker.item.amount:
        return TooManyProblem(f"{allowed}, and these are {questions}: split them{others}.", seconds)
    return TooManyProblem(f"{allowed}, and they are used up: try again in {seconds} s{others}.", seconds)


def _meter() -> Meter:
    return meter_of(current_app)


def _identity() -> str:
    return cast(str, g.asker.identity)


def _limit_in_words() -> str:
    """The limit of whoever asks, as Flask-Limiter reads it; no words where nothing is limited."""
    asker: Asker | None = g.get("asker")
    return "" if asker is None else f"{asker.item.amount}/minute"


def _drawn() -> int:
    """What the request at hand costs the storage: nothing while this process has a lot at hand."""
    asker: Asker = g.asker
    lot = _meter().lot_of(asker)
    remaining = None if lot is None else lot.take()
    if lot is not None and remaining is not None:
        g.told = lot.headers(remaining)
        return 0
    g.drawn = _meter().size_of_next_lot(asker)
    return cast(int, g.drawn)


def _identity_of(caller: Caller) -> str:
    return f"agency {caller.agency.id}"


def _seconds_until(moment: float) -> int:
    return max(1, math.ceil(moment - time.time()))


def _seconds_between(start: datetime, end: datetime) -> int:
    return max(1, math.ceil((end - start).total_seconds()))

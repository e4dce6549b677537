"""How much may be asked: so many questions a minute by each address or agency, and so many a day by each agency.

`metering` deals questions out. Only Flask draws more from the storage: where the short cut has no lot at hand it
leaves the request to Flask, and so every refusal.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded

from visalookup.config import Settings
from visalookup.domain.agencies.agency import next_day
from visalookup.extensions import now
from visalookup.http.error_handlers import TokenProblem, TooManyProblem, problem_of_exception, problem_response
from visalookup.rate_limits.allowances import SCOPE, Client, Meter
from visalookup.services.agencies.key_ring import KeyRefused
from visalookup.services.agencies.usage import UsageCounter

if TYPE_CHECKING:
    from datetime import datetime

_REALM = 'Bearer realm="Visa Lookup"'
_PATIENCE = {"socket_connect_timeout": 0.25, "socket_timeout": 0.25}
"""Seconds to wait for Redis; after that the process counts by itself until Redis is back."""
_OF_STAFF = "staff_api"


def meter_of(app: Flask) -> Meter:
    """The meter of an application's process."""
    return cast(Meter, app.extensions["visalookup_meter"])


def usage_of(app: Flask) -> UsageCounter:
    """What agencies asked in an application's process."""
    return meter_of(app).usage


def charge(questions: int) -> None:
    """Deal out the questions of a batch, the first of which came with its request; raise TooManyProblem."""
    client: Client = g.client
    more = questions - 1
    if more <= 0:
        return
    _refuse_beyond_the_day(client, more)
    if questions > client.item.amount or not _meter().draw_more(client, more):
        raise _too_many(client, questions)
    if client.caller is not None:
        _meter().count(client.caller, more, now(), requests=0)


def init_limits(app: Flask, settings: Settings) -> None:
    """Tell who asks, and refuse what is too much, before any route of the public interface."""
    limiter = Limiter(
        _identity,
        application_limits=[ApplicationLimit(_limit_in_words, scope=SCOPE, cost=_drawn)],
        storage_uri=settings.rate_limit_storage,
        storage_options=cast(Any, _PATIENCE if settings.rate_limit_storage.startswith("redis") else {}),
        strategy="fixed-window",
        in_memory_fallback_enabled=True,
    )
    app.extensions["visalookup_meter"] = Meter(settings, limiter)
    app.before_request(_identify)
    limiter.init_app(app)
    app.before_request(_admit)
    app.register_error_handler(RateLimitExceeded, _refused)
    app.after_request(_add_rate_limit_headers)


def _identify() -> None:
    if not request.path.startswith("/api/") or request.method == "OPTIONS" or request.blueprint == _OF_STAFF:
        return
    address = request.remote_addr or ""
    try:
        g.client = _meter().client(address, request.headers.get("Authorization"), now())
    except KeyRefused as error:
        g.client, g.key_refused = _meter().nobody(address), error


def _admit() -> None:
    client: Client | None = g.get("client")
    if client is None:
        return
    if "drawn" in g:
        allowance, remaining = _meter().keep_allowance(client, g.drawn)
        g.rate_limit_headers = allowance.headers(remaining)
    if "key_refused" in g:
        raise TokenProblem(401, str(g.key_refused), f'{_REALM}, error="invalid_token"') from g.key_refused
    if client.caller is not None:
        _refuse_beyond_the_day(client, 1)
        _meter().count(client.caller, 1, now())


def _add_rate_limit_headers(response: Response) -> Response:
    for name, value in g.get("rate_limit_headers", ()):
        response.headers[name] = value
    return response


def _refused(_error: RateLimitExceeded) -> Response:
    return problem_response(problem_of_exception(_too_many(g.client, 1)))


def _refuse_beyond_the_day(client: Client, questions: int) -> None:
    caller = client.caller
    if caller is not None and caller.left < questions:
        raise TooManyProblem(
            f"{caller.agency.title} may ask {max(caller.left, 0)} more questions today (UTC); try again tomorrow,"
            " or ask us for more.",
            _seconds_between(now(), next_day(now())),
        )


def _too_many(client: Client, questions: int) -> TooManyProblem:
    g.rate_limit_headers, seconds = _meter().left_for(client)
    allowed = f"{client.item.amount} questions a minute are allowed"
    others = "" if client.caller else ", or use an agency's key, with which more is allowed"
    if questions > client.item.amount:
        return TooManyProblem(f"{allowed}, and these are {questions}: split them{others}.", seconds)
    return TooManyProblem(f"{allowed}, and they are used up: try again in {seconds} s{others}.", seconds)


def _meter() -> Meter:
    return meter_of(current_app)


def _identity() -> str:
    return cast(str, g.client.identity)


def _limit_in_words() -> str:
    """The limit of whoever asks, as Flask-Limiter reads it; no words where nothing is limited."""
    client: Client | None = g.get("client")
    return "" if client is None else f"{client.item.amount}/minute"


def _drawn() -> int:
    """What the request at hand costs the storage: nothing while this process has a lot at hand."""
    client: Client = g.client
    allowance = _meter().allowance_of(client)
    remaining = None if allowance is None else allowance.acquire()
    if allowance is not None and remaining is not None:
        g.rate_limit_headers = allowance.headers(remaining)
        return 0
    g.drawn = _meter().next_allowance_size(client)
    return cast(int, g.drawn)


def _seconds_between(start: datetime, end: datetime) -> int:
    return max(1, math.ceil((end - start).total_seconds()))

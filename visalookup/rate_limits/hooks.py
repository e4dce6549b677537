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
from visalookup.rate_limits.allowances import SCOPE, Asker, Meter
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
    g.told, seconds = _meter().left_for(asker)
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


def _seconds_between(start: datetime, end: datetime) -> int:
    return max(1, math.ceil((end - start).total_seconds()))

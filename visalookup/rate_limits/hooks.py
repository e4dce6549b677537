"""How much may be asked: so many questions a minute by each address or agency, and so many a day by each agency.

`allowances` spends questions. Only Flask draws more from the storage: where the fast path has no allowance it
leaves the request to Flask, and so every refusal.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, request

from visalookup.config import Settings
from visalookup.domain.agencies.agency import next_day
from visalookup.extensions import now, state_of
from visalookup.http.error_handlers import TokenProblem, TooManyProblem
from visalookup.rate_limits.allowances import Client, Meter
from visalookup.rate_limits.question_count import count_at
from visalookup.services.agencies.key_ring import KeyRefused
from visalookup.services.agencies.usage import UsageCounter

if TYPE_CHECKING:
    from datetime import datetime

_REALM = 'Bearer realm="Visa Lookup"'
_OF_STAFF = "staff_api"


def meter_of(app: Flask) -> Meter:
    """The meter of an application's process."""
    return state_of(app).part(Meter)


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
    if questions > client.limit or not _meter().draw_more(client, more, now()):
        raise _too_many(client, questions)
    if client.caller is not None:
        _meter().count(client.caller, more, now(), requests=0)


def init_limits(app: Flask, settings: Settings) -> None:
    """Identify the client, and refuse what is too much, before any route of the public interface."""
    state_of(app).add(Meter(settings, count_at(settings.rate_limit_storage)))
    app.before_request(_admit)
    app.after_request(_add_rate_limit_headers)


def _admit() -> None:
    """Spend the question of this request; a key that is refused costs its address a question too."""
    if not request.path.startswith("/api/") or request.method == "OPTIONS" or request.blueprint == _OF_STAFF:
        return
    refused = _identify(request.remote_addr or "")
    client: Client = g.client
    if request.endpoint is not None:
        _deal(client)
    if refused is not None:
        raise TokenProblem(401, str(refused), f'{_REALM}, error="invalid_token"') from refused
    if client.caller is not None:
        _refuse_beyond_the_day(client, 1)
        _meter().count(client.caller, 1, now())


def _identify(address: str) -> KeyRefused | None:
    """Note who asks; where the key is not good that is nobody, and why it is not is given back."""
    try:
        g.client = _meter().client(address, request.headers.get("Authorization"), now())
    except KeyRefused as refused:
        g.client = _meter().nobody(address)
        return refused
    return None


def _deal(client: Client) -> None:
    headers = _meter().deal(client, now())
    if headers is None:
        raise _too_many(client, 1)
    g.rate_limit_headers = headers


def _add_rate_limit_headers(response: Response) -> Response:
    for name, value in g.get("rate_limit_headers", ()):
        response.headers[name] = value
    return response


def _refuse_beyond_the_day(client: Client, questions: int) -> None:
    caller = client.caller
    if caller is not None and caller.left < questions:
        raise TooManyProblem(
            f"{caller.agency.title} may ask {max(caller.left, 0)} more questions today (UTC); try again tomorrow,"
            " or ask us for more.",
            _seconds_between(now(), next_day(now())),
        )


def _too_many(client: Client, questions: int) -> TooManyProblem:
    g.rate_limit_headers, seconds = _meter().headers_of_refusal(client, now())
    allowed = f"{client.limit} questions a minute are allowed"
    others = "" if client.caller else ", or use an agency's key, with which more is allowed"
    if questions > client.limit:
        return TooManyProblem(f"{allowed}, and these are {questions}: split them{others}.", seconds)
    return TooManyProblem(f"{allowed}, and they are used up: try again in {seconds} s{others}.", seconds)


def _meter() -> Meter:
    return meter_of(current_app)


def _seconds_between(start: datetime, end: datetime) -> int:
    return max(1, math.ceil((end - start).total_seconds()))

"""What only agencies may use: the agency that a request comes from."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g
from flask_smorest import Blueprint

from visalookup.api.openapi import AGENCY_KEY
from visalookup.domain.agencies.agency import Agency
from visalookup.http.error_handlers import TokenProblem

_CHALLENGE = 'Bearer realm="Visa Lookup"'
_ADVICE = "Only agencies may do this: send `Authorization: Bearer` with the agency's key."

View = Callable[..., Any]


def for_agency(blueprint: Blueprint) -> Callable[[View], View]:
    """Let a route be used with an agency's key only, and say so in the description of the interface."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if g.client.caller is None:
                raise TokenProblem(401, _ADVICE, _CHALLENGE)
            return view(*args, **kwargs)

        return blueprint.doc(security=[{AGENCY_KEY: []}])(guarded)  # type: ignore[no-any-return]

    return decorate


def agency() -> Agency:
    """The agency whose key came with this request, which is `for_agency`."""
    found: Agency = g.client.caller.agency
    return found

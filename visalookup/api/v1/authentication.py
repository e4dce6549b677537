"""Who acts through the JSON interface: a script with a token of a member of staff (RFC 6750)."""

from __future__ import annotations

from flask import request

from visalookup.domain.accounts.roles import Member, Right
from visalookup.extensions import now, session
from visalookup.http.error_handlers import TokenProblem
from visalookup.services.accounts.tokens import TokenRefused, member_of_token

_REALM = 'Bearer realm="Visa Lookup"'


def member_of_request(right: Right) -> Member:
    """The sender of this request, if they may do this; call it before anything else touches the session.

    The token stands in the header `Authorization`, never in the address or the body, where it would be logged or
    kept. Raise TokenProblem: 401 without a good token, 403 where the token or its owner's role lacks the right.
    """
    secret = _secret()
    if secret is None:
        raise TokenProblem(
            401,
            "Only staff may do this: send `Authorization: Bearer` with a token, made at /staff/account/tokens.",
            _REALM,
        )
    try:
        member = member_of_token(session(), secret, now())
    except TokenRefused as error:
        raise TokenProblem(401, str(error), f'{_REALM}, error="invalid_token"') from error
    if not member.may(right):
        raise _lacks(right, member)
    return member


def _secret() -> str | None:
    given = request.authorization
    return given.token or None if given is not None and given.type == "bearer" else None


def _lacks(right: Right, member: Member) -> TokenProblem:
    challenge = f'{_REALM}, error="insufficient_scope", scope="{right}"'
    may_have = right in member.role.rights
    advice = f"use a token with the scope {right}" if may_have else "ask for a role that grants it"
    return TokenProblem(403, f"This token does not give the right to {right}; {advice}.", challenge)

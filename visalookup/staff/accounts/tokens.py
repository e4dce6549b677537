"""Tokens of staff's scripts: one's own, and for administrators everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.accounts.tokens import (
    LONGEST_DAYS,
    LONGEST_NAME,
    SCOPES,
    USUAL_DAYS,
    UnusableToken,
    scopes_of,
)
from visalookup.domain.moments import format_instant
from visalookup.extensions import now, session
from visalookup.services.accounts.tokens import IssuedToken, issue_token, list_tokens, revoke_token
from visalookup.staff.access import is_resumed, member, requires, resumable
from visalookup.staff.changes.forms.form_input import FieldFault

tokens = Blueprint("staff_tokens", __name__)

OWN = "/staff/account/tokens"
ALL = "/staff/accounts/tokens"

_USUAL = {"days": str(USUAL_DAYS), "scope-read": "yes"}
_WORDS = {
    Right.READ: "Read what the console shows",
    Right.PROPOSE: "Propose changes",
    Right.PUBLISH: "Publish what others proposed, or return it",
}


@tokens.get(OWN)
@requires(Right.READ)
def own() -> Response:
    """One's own tokens, and the form for a new one."""
    return _own_page(_USUAL)


@tokens.post(OWN)
@requires(Right.READ)
@resumable
def make() -> Response:
    """Make a token and show its secret, on this page and never again."""
    given = {name: text.strip() for name, text in request.form.items()}
    if is_resumed():
        return _own_page(given)
    scopes = [each for each in SCOPES if given.get(f"scope-{each}")]
    try:
        issued = issue_token(session(), member(), given.get("name", ""), scopes, _days(given), now())
    except UnusableToken as error:
        session().rollback()
        return _own_page(given, faults=error.faults)
    session().commit()
    return _own_page(_USUAL, issued=issued)


@tokens.post(f"{OWN}/<int:number>/revocation")
@requires(Right.READ)
def revoke_own(number: int) -> AnyResponse:
    """Take back one of one's own tokens; an administrator may take back anybody's."""
    return _revoked(number, OWN)


@tokens.get(ALL)
@requires(Right.ADMINISTER)
def everybodys() -> Response:
    """Everybody's tokens."""
    page = render_template(
        "staff/all_tokens.html", tokens=list_tokens(session()), revoke_at=ALL, now=now(), moment=_moment
    )
    return Response(page, mimetype="text/html")


@tokens.post(f"{ALL}/<int:number>/revocation")
@requires(Right.ADMINISTER)
def revoke_anybodys(number: int) -> AnyResponse:
    """Take back a token, whosever it is."""
    return _revoked(number, ALL)


def _revoked(number: int, then: str) -> AnyResponse:
    revoke_token(session(), number, member(), now())
    session().commit()
    return redirect(then, 303)


def _days(given: Mapping[str, str]) -> int:
    """The number that was typed; what is none is as impossible as no days at all."""
    text = given.get("days", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _own_page(
    given: Mapping[str, str], faults: Mapping[str, str] | None = None, issued: IssuedToken | None = None
) -> Response:
    page = render_template(
        "staff/tokens.html",
        tokens=list_tokens(session(), member()),
        revoke_at=OWN,
        issued=issued,
        given=given,
        faults={name: FieldFault(detail) for name, detail in (faults or {}).items()},
        scopes=[(each, _WORDS[each]) for each in scopes_of(member().role)],
        longest_name=LONGEST_NAME,
        longest_days=LONGEST_DAYS,
        now=now(),
        moment=_moment,
    )
    return Response(page, 422 if faults else 200, mimetype="text/html")


def _moment(instant: datetime) -> str:
    """An instant to the minute, as the lists show it: 2026-11-23 09:00 UTC."""
    return f"{format_instant(instant)[:16].replace('T', ' ')} UTC"

"""Tokens for staff's scripts: one's own, and for administrators all of them."""

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

OWN_TOKENS = "/staff/account/tokens"
ALL_TOKENS = "/staff/accounts/tokens"

_DEFAULTS = {"days": str(USUAL_DAYS), "scope-read": "yes"}
_SCOPE_LABELS = {
    Right.READ: "Read what the console shows",
    Right.PROPOSE: "Propose changes",
    Right.PUBLISH: "Publish what others proposed, or return it",
}


@tokens.get(OWN_TOKENS)
@requires(Right.READ)
def list_own() -> Response:
    """The member's own tokens, and the form for a new one."""
    return _own_page(_DEFAULTS)


@tokens.post(OWN_TOKENS)
@requires(Right.READ)
@resumable
def create() -> Response:
    """Create a token and show its secret, on this page and never again."""
    given = {name: text.strip() for name, text in request.form.items()}
    if is_resumed():
        return _own_page(given)
    scopes = [scope for scope in SCOPES if given.get(f"scope-{scope}")]
    try:
        issued = issue_token(session(), member(), given.get("name", ""), scopes, _days(given), now())
    except UnusableToken as error:
        session().rollback()
        return _own_page(given, faults=error.faults)
    session().commit()
    return _own_page(_DEFAULTS, issued=issued)


@tokens.post(f"{OWN_TOKENS}/<int:number>/revocation")
@requires(Right.READ)
def revoke_own(number: int) -> AnyResponse:
    """Revoke one of the member's own tokens; an administrator may revoke any."""
    return _revoke(number, OWN_TOKENS)


@tokens.get(ALL_TOKENS)
@requires(Right.ADMINISTER)
def list_all() -> Response:
    """The tokens of all members."""
    page = render_template(
        "staff/all_tokens.html", tokens=list_tokens(session()), revoke_url=ALL_TOKENS, now=now(), moment=_moment
    )
    return Response(page, mimetype="text/html")


@tokens.post(f"{ALL_TOKENS}/<int:number>/revocation")
@requires(Right.ADMINISTER)
def revoke_any(number: int) -> AnyResponse:
    """Revoke a token of any member."""
    return _revoke(number, ALL_TOKENS)


def _revoke(number: int, next_url: str) -> AnyResponse:
    revoke_token(session(), number, member(), now())
    session().commit()
    return redirect(next_url, 303)


def _days(given: Mapping[str, str]) -> int:
    """The number of days; 0, which is out of range, if the input is not a number."""
    text = given.get("days", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _own_page(
    given: Mapping[str, str], faults: Mapping[str, str] | None = None, issued: IssuedToken | None = None
) -> Response:
    page = render_template(
        "staff/tokens.html",
        tokens=list_tokens(session(), member()),
        revoke_url=OWN_TOKENS,
        issued=issued,
        given=given,
        faults={name: FieldFault(detail) for name, detail in (faults or {}).items()},
        scopes=[(scope, _SCOPE_LABELS[scope]) for scope in scopes_of(member().role)],
        max_name_length=LONGEST_NAME,
        max_days=LONGEST_DAYS,
        now=now(),
        moment=_moment,
    )
    return Response(page, 422 if faults else 200, mimetype="text/html")


def _moment(instant: datetime) -> str:
    """An instant to the minute: 2026-11-23 09:00 UTC."""
    return f"{format_instant(instant)[:16].replace('T', ' ')} UTC"

"""All accounts, for administrators: their roles, and whether they may sign in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right, Role
from visalookup.domain.changes.proposals import NotAllowed
from visalookup.domain.errors import DomainError, InvalidValue, NotFound, quoted
from visalookup.extensions import now, session
from visalookup.services.accounts.accounts import (
    change_role,
    check_is_another,
    disable_account,
    enable_account,
    list_accounts,
)
from visalookup.staff.access import member, requires

accounts = Blueprint("staff_accounts", __name__, url_prefix="/staff/accounts")

_HOME = "/staff/accounts"


@accounts.get("")
@requires(Right.ADMINISTER)
def show() -> AnyResponse:
    """All accounts."""
    return _page()


@accounts.post("/<name>/role")
@requires(Right.ADMINISTER)
def assign_role(name: str) -> AnyResponse:
    """Change the role of another member's account."""
    role = request.form.get("role", "")
    return _apply(
        name, f"{name} is {role} now.", lambda: change_role(session(), name, _role(role), member().name, now())
    )


@accounts.post("/<name>/disable")
@requires(Right.ADMINISTER)
def disable(name: str) -> AnyResponse:
    """Disable another member's account."""
    message = f"{name} is disabled and signed out everywhere."
    return _apply(name, message, lambda: disable_account(session(), name, member().name, now()))


@accounts.post("/<name>/enable")
@requires(Right.ADMINISTER)
def enable(name: str) -> AnyResponse:
    """Enable another member's account again."""
    message = f"{name} may sign in again."
    return _apply(name, message, lambda: enable_account(session(), name, member().name, now()))


def _apply(name: str, message: str, change: Callable[[], bool]) -> AnyResponse:
    try:
        check_is_another(member(), name)
        changed = change()
    except DomainError as error:
        session().rollback()
        return _page(str(error), _status_of(error))
    session().commit()
    flash(message if changed else f"There was nothing to change for {name}.")
    return redirect(_HOME, 303)


def _status_of(error: DomainError) -> int:
    match error:
        case NotAllowed():
            return 403
        case NotFound():
            return 404
        case _:
            return 422


def _role(text: str) -> Role:
    if text not in list(Role):
        raise InvalidValue(f"{quoted(text)} is not a role; choose {', '.join(Role)}.")
    return Role(text)


def _page(fault: str | None = None, status: int = 200) -> Response:
    page = render_template("staff/accounts.html", accounts=list_accounts(session()), roles=list(Role), fault=fault)
    return Response(page, status, mimetype="text/html")

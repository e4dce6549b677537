"""A member's own account: password, second factor, and the sessions they are signed in with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request
from flask import session as browser
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.errors import DomainError, InvalidValue
from visalookup.extensions import now, session, settings
from visalookup.services.accounts.accounts import set_password
from visalookup.services.accounts.sign_in import WrongPassword, confirm_password
from visalookup.services.accounts.sign_in_throttle import TooManyAttempts
from visalookup.services.accounts.staff_sessions import OpenSession, end_own_session, list_sessions
from visalookup.services.accounts.two_factor import new_secret, provisioning_uri, turn_off, turn_on
from visalookup.staff.access import leave, member, requires, session_token
from visalookup.storage.accounts.accounts import read_account

account = Blueprint("staff_account", __name__, url_prefix="/staff/account")

_HOME = "/staff/account"
_TWO_FACTOR = f"{_HOME}/two-factor"
_DRAWN = "drawn_secret"
"""Where the browser holds the secret that was drawn, until its first code is right."""


@dataclass(frozen=True, slots=True)
class FormFault:
    """What is wrong with a field, as the macros of the templates show it."""

    detail: str


Faults = Mapping[str, FormFault]


@account.get("")
@requires(Right.READ)
def show() -> AnyResponse:
    """The account as it stands."""
    return _account_page({})


@account.post("/password")
@requires(Right.READ)
def change_password() -> AnyResponse:
    """Another password, for who knows the present one; all other sessions end."""
    typed = request.form.get
    if typed("new_password", "") != typed("new_password_again", ""):
        return _account_page({"new_password_again": FormFault("The two new passwords differ: type the same twice.")})
    try:
        _confirm(typed("password", ""))
        set_password(
            session(), member().name, typed("new_password", ""), member().name, now(), kept_token=session_token()
        )
    except InvalidValue as error:
        return _account_page({"new_password": FormFault(str(error))})
    except (WrongPassword, TooManyAttempts) as error:
        return _account_page({"password": FormFault(str(error))}, error)
    session().commit()
    return _done("Your password is changed. Everywhere else you are signed out.")


@account.get("/two-factor")
@requires(Right.READ)
def show_two_factor() -> AnyResponse:
    """A secret for the authenticator app, as a picture and as text."""
    if read_account(session(), member().account_id).totp_secret is not None:
        return redirect(_HOME, 303)
    return _two_factor_page({})


@account.post("/two-factor")
@requires(Right.READ)
def switch_on() -> AnyResponse:
    """Ask for a code from now on, after the app has shown a right one."""
    secret = browser.get(_DRAWN)
    if not isinstance(secret, str):
        return redirect(_TWO_FACTOR, 303)
    try:
        turn_on(session(), member(), secret, request.form.get("code", ""), now())
    except InvalidValue as error:
        return _two_factor_page({"code": FormFault(str(error))})
    session().commit()
    browser.pop(_DRAWN)
    return _done("From now on you are asked for a code when you sign in.")


@account.post("/two-factor/off")
@requires(Right.READ)
def switch_off() -> AnyResponse:
    """Ask for no code any more, for who knows the password."""
    try:
        _confirm(request.form.get("password_for_off", ""))
        turn_off(session(), member().account_id, member().name, now())
    except DomainError as error:
        return _account_page({"password_for_off": FormFault(str(error))}, error)
    session().commit()
    return _done("From now on you sign in without a code.")


@account.post("/sessions/end")
@requires(Right.READ)
def end() -> AnyResponse:
    """End one of one's own sessions, perhaps this one."""
    key = request.form.get("session", "")
    here = next((each.key for each in _sessions() if each.is_this), None)
    ended = end_own_session(session(), member(), key, now())
    session().commit()
    if ended and key == here:
        leave()
    return _done("That session is ended." if ended else "That session had ended already.")


def _confirm(password: str) -> None:
    confirm_password(session(), member(), password, request.remote_addr or "", now())


def _sessions() -> tuple[OpenSession, ...]:
    return list_sessions(session(), member(), session_token() or "", settings().staff, now())


def _done(message: str) -> AnyResponse:
    flash(message)
    return redirect(_HOME, 303)


def _account_page(faults: Faults, error: DomainError | None = None) -> Response:
    found = read_account(session(), member().account_id)
    page = render_template("staff/account.html", account=found, sessions=_sessions(), faults=faults)
    response = Response(page, 422 if faults else 200, mimetype="text/html")
    if isinstance(error, TooManyAttempts):
        response.status_code = 429
        response.headers["Retry-After"] = error.retry_after
    return response


def _two_factor_page(faults: Faults) -> Response:
    secret = browser.setdefault(_DRAWN, new_secret())
    page = render_template(
        "staff/two_factor.html",
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=picture_of(provisioning_uri(secret, member().name)),
        faults=faults,
    )
    return Response(page, 422 if faults else 200, mimetype="text/html")


def picture_of(text: str) -> Markup:
    """A QR code (ISO/IEC 18004) as SVG to set into a page, dark on white whatever the page's colours."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(scale=5, light="#fff", omitsize=False))  # noqa: S704 - segno writes paths only

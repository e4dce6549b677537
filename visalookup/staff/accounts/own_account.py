"""A member's own account: password, second factor, and the sessions they are signed in with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request
from flask import session as cookie_session
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
from visalookup.staff.access import clear_session_cookie, member, requires, session_token
from visalookup.storage.accounts.accounts import read_account

account = Blueprint("staff_account", __name__, url_prefix="/staff/account")

_HOME = "/staff/account"
_TWO_FACTOR = f"{_HOME}/two-factor"
_SETUP_KEY = "drawn_secret"
"""The cookie key of a new two-factor secret, until a first code has confirmed it."""


@dataclass(frozen=True, slots=True)
class FormFault:
    """What is wrong with a field, in the shape the template macros expect."""

    detail: str


Faults = Mapping[str, FormFault]


@account.get("")
@requires(Right.READ)
def show() -> AnyResponse:
    """The account of the signed-in member."""
    return _account_page({})


@account.post("/password")
@requires(Right.READ)
def change_password() -> AnyResponse:
    """Change the password, given the current one; all other sessions end."""
    field = request.form.get
    if field("new_password", "") != field("new_password_again", ""):
        return _account_page(
            {"new_password_again": FormFault("The two new passwords differ: type the same one twice.")}
        )
    try:
        _confirm(field("password", ""))
        set_password(
            session(), member().name, field("new_password", ""), member().name, now(), kept_token=session_token()
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
    """A secret for the authenticator app, as a QR code and as text."""
    if read_account(session(), member().account_id).totp_secret is not None:
        return redirect(_HOME, 303)
    return _two_factor_page({})


@account.post("/two-factor")
@requires(Right.READ)
def switch_on() -> AnyResponse:
    """Turn two-factor sign-in on, given a valid code from the app."""
    secret = cookie_session.get(_SETUP_KEY)
    if not isinstance(secret, str):
        return redirect(_TWO_FACTOR, 303)
    try:
        turn_on(session(), member(), secret, request.form.get("code", ""), now())
    except InvalidValue as error:
        return _two_factor_page({"code": FormFault(str(error))})
    session().commit()
    cookie_session.pop(_SETUP_KEY)
    return _done("From now on you are asked for a code when you sign in.")


@account.post("/two-factor/off")
@requires(Right.READ)
def switch_off() -> AnyResponse:
    """Turn two-factor sign-in off, given the password."""
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
    """End one of the member's own sessions, possibly this one."""
    key = request.form.get("session", "")
    this_key = next((open_session.key for open_session in _sessions() if open_session.is_this), None)
    ended = end_own_session(session(), member(), key, now())
    session().commit()
    if ended and key == this_key:
        clear_session_cookie()
    return _done("That session is ended." if ended else "That session had already ended.")


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
    secret = cookie_session.setdefault(_SETUP_KEY, new_secret())
    page = render_template(
        "staff/two_factor.html",
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        qr_code=qr_code_svg(provisioning_uri(secret, member().name)),
        faults=faults,
    )
    return Response(page, 422 if faults else 200, mimetype="text/html")


def qr_code_svg(text: str) -> Markup:
    """A QR code (ISO/IEC 18004) as inline SVG, dark on white whatever the page's colours."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(scale=5, light="#fff", omitsize=False))  # noqa: S704 - segno writes only paths

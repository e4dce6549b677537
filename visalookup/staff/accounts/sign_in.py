"""The pages to sign in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.extensions import now, session
from visalookup.services.accounts.sign_in import Credentials, SignedIn, SignInRefused, sign_in
from visalookup.services.accounts.sign_in_throttle import TooManyAttempts
from visalookup.services.accounts.staff_sessions import end_session
from visalookup.staff.access import (
    HOME,
    SIGN_IN,
    clear_session_cookie,
    nearest_page,
    public_view,
    safe_console_path,
    session_token,
    set_session_cookie,
    signed_in_member,
)
from visalookup.staff.interrupted_form import RESUME_AT_FIELD, SignInForm, carried_form, resume_page, sign_in_page

sign_in_pages = Blueprint("staff_sign_in", __name__)


@sign_in_pages.get(SIGN_IN)
@public_view
def show_sign_in() -> AnyResponse:
    """The sign-in form; a member who is signed in already is redirected to the page they wanted."""
    next_path = safe_console_path(request.args.get("next"))
    if signed_in_member() is not None:
        return redirect(next_path or HOME, 303)
    return sign_in_page(SignInForm(next=next_path))


@sign_in_pages.post(SIGN_IN)
@public_view
def submit_sign_in() -> AnyResponse:
    """Start a session, and continue with what was interrupted."""
    credentials = Credentials(
        name=request.form.get("name", ""),
        password=request.form.get("password", ""),
        code=request.form.get("code", ""),
        address=request.remote_addr or "",
    )
    try:
        signed_in = sign_in(session(), credentials, now())
    except TooManyAttempts as error:
        response = sign_in_page(_refilled_form(credentials, str(error)), 429)
        response.headers["Retry-After"] = error.retry_after
        return response
    except SignInRefused as error:
        return sign_in_page(_refilled_form(credentials, str(error)), 422)
    return _redirect_after_sign_in(signed_in)


@sign_in_pages.post("/staff/sign-out")
@public_view
def sign_out() -> AnyResponse:
    """End the session."""
    token = session_token()
    if token is not None:
        end_session(session(), token, now())
        session().commit()
    clear_session_cookie()
    return redirect(SIGN_IN, 303)


def _refilled_form(credentials: Credentials, fault: str) -> SignInForm:
    return SignInForm(
        name=credentials.name,
        next=safe_console_path(request.form.get("next")),
        resume_at=safe_console_path(request.form.get(RESUME_AT_FIELD)),
        interrupted=carried_form(),
        fault=fault,
    )


def _redirect_after_sign_in(signed_in: SignedIn) -> AnyResponse:
    """Continue with the interrupted form, or else the requested page, or else the home page."""
    set_session_cookie(signed_in.token, signed_in.member)
    address, interrupted = safe_console_path(request.form.get(RESUME_AT_FIELD)), carried_form()
    if address is None:
        return redirect(safe_console_path(request.form.get("next")) or HOME, 303)
    if interrupted.is_empty:
        return redirect(nearest_page(address), 303)
    return resume_page(address, interrupted, status=200, reason="signed_in")

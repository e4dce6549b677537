"""The pages on which one signs in and out."""

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
    enter,
    for_everybody,
    leave,
    nearest_page,
    own_path,
    session_token,
    signed_in_member,
)
from visalookup.staff.kept_form import GO_ON_AT, SignInForm, carried_form, resume_page, sign_in_page

entrance = Blueprint("staff_entrance", __name__)


@entrance.get(SIGN_IN)
@for_everybody
def show_sign_in() -> AnyResponse:
    """The form to sign in with; who is signed in goes on to where they wanted."""
    wanted = own_path(request.args.get("next"))
    if signed_in_member() is not None:
        return redirect(wanted or HOME, 303)
    return sign_in_page(SignInForm(next=wanted))


@entrance.post(SIGN_IN)
@for_everybody
def take_sign_in() -> AnyResponse:
    """Begin a session, and go on to what was wanted before."""
    given = Credentials(
        name=request.form.get("name", ""),
        password=request.form.get("password", ""),
        code=request.form.get("code", ""),
        address=request.remote_addr or "",
    )
    try:
        signed_in = sign_in(session(), given, now())
    except TooManyAttempts as error:
        response = sign_in_page(_form_again(given, str(error)), 429)
        response.headers["Retry-After"] = error.retry_after
        return response
    except SignInRefused as error:
        return sign_in_page(_form_again(given, str(error)), 422)
    return _go_on(signed_in)


@entrance.post("/staff/sign-out")
@for_everybody
def sign_out() -> AnyResponse:
    """End the session."""
    token = session_token()
    if token is not None:
        end_session(session(), token, now())
        session().commit()
    leave()
    return redirect(SIGN_IN, 303)


def _form_again(given: Credentials, fault: str) -> SignInForm:
    return SignInForm(
        name=given.name,
        next=own_path(request.form.get("next")),
        go_on_at=own_path(request.form.get(GO_ON_AT)),
        kept=carried_form(),
        fault=fault,
    )


def _go_on(signed_in: SignedIn) -> AnyResponse:
    """To the form that was kept, or the page that was wanted, or the first page."""
    enter(signed_in.token, signed_in.member)
    address, kept = own_path(request.form.get(GO_ON_AT)), carried_form()
    if address is None:
        return redirect(own_path(request.form.get("next")) or HOME, 303)
    if kept.is_empty:
        return redirect(nearest_page(address), 303)
    return resume_page(address, kept, status=200, reason="signed_in")

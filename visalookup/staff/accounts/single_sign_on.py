"""Sign-in through the identity provider: the redirect to it, and the callback."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.identities import NoRole, person_of
from visalookup.extensions import now, session, settings_of, state_of
from visalookup.services.accounts.sign_in import SignedIn
from visalookup.services.accounts.single_sign_on import AccountDisabled, record_person_without_role, sign_in_person
from visalookup.staff.access import HOME, SIGN_IN, is_console, public_view, safe_console_path, set_session_cookie
from visalookup.staff.accounts.identity_provider import IdentityProvider, SignInFailed, VerifiedLogin

single_sign_on = Blueprint("staff_single_sign_on", __name__)

_URL = f"{SIGN_IN}/single"


def init_single_sign_on(app: Flask) -> None:
    """Set up the identity provider, if one is configured; it is not contacted before the first sign-in."""
    configured = settings_of(app).staff.single_sign_on
    if configured is not None:
        state_of(app).add(IdentityProvider(configured))
    app.context_processor(lambda: {"single_sign_on_url": _URL} if configured and is_console() else {})


@single_sign_on.get(_URL)
@public_view
def start() -> AnyResponse:
    """Redirect the browser to the provider."""
    redirect_uri = url_for("staff_single_sign_on.callback", _external=True)
    try:
        return redirect(_provider().begin(redirect_uri, safe_console_path(request.args.get("next")), now()), 303)
    except SignInFailed as error:
        return _failed(str(error), error.status)


@single_sign_on.get(f"{_URL}/back")
@public_view
def callback() -> AnyResponse:
    """Start a session for the person the provider has authenticated."""
    try:
        login = _provider().finish(now())
        signed_in = _sign_in(login)
    except SignInFailed as error:
        return _failed(str(error), error.status)
    except (NoRole, AccountDisabled) as error:
        return _failed(str(error), 403)
    set_session_cookie(signed_in.token)
    return redirect(safe_console_path(login.next_path) or HOME, 303)


def _sign_in(login: VerifiedLogin) -> SignedIn:
    configured = _provider().settings
    try:
        person = person_of(login.claims, configured.role_claim, configured.roles)
    except NoRole:
        record_person_without_role(session(), login.claims["iss"], login.claims["sub"], now())
        raise
    return sign_in_person(session(), person, now())


def _provider() -> IdentityProvider:
    """The provider; abort with 404 if none is configured."""
    return state_of(current_app).find_part(IdentityProvider) or abort(404)


def _failed(detail: str, status: int) -> Response:
    page = render_template("staff/single_sign_on.html", detail=detail)
    return Response(page, status, mimetype="text/html")

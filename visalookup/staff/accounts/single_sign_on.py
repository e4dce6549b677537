"""The way in through the identity provider: there, and back with proof of who it is."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.identities import NoRole, person_of
from visalookup.extensions import now, session, settings
from visalookup.services.accounts.sign_in import SignedIn
from visalookup.services.accounts.single_sign_on import AccountDisabled, record_person_without_role, sign_in_person
from visalookup.staff.access import HOME, SIGN_IN, enter, for_everybody, is_console, own_path
from visalookup.staff.accounts.identity_provider import IdentityProvider, SignInFailed, VerifiedLogin

single_sign_on = Blueprint("staff_single_sign_on", __name__)

_AT = f"{SIGN_IN}/single"
_EXTENSION = "visalookup_identity_provider"


def init_single_sign_on(app: Flask) -> None:
    """Get to know the identity provider, if there is one; it is asked for nothing before somebody signs in."""
    with app.app_context():
        given = settings().staff.single_sign_on
    app.extensions[_EXTENSION] = IdentityProvider(given) if given else None
    app.context_processor(lambda: {"single_sign_on_url": _AT} if given and is_console() else {})


@single_sign_on.get(_AT)
@for_everybody
def go() -> AnyResponse:
    """Send the browser to the provider."""
    back_to = url_for("staff_single_sign_on.come_back", _external=True)
    try:
        return redirect(_provider().begin(back_to, own_path(request.args.get("next")), now()), 303)
    except SignInFailed as error:
        return _failed(str(error), error.status)


@single_sign_on.get(f"{_AT}/back")
@for_everybody
def come_back() -> AnyResponse:
    """Begin a session for whom the provider vouches for."""
    try:
        vouched = _provider().finish(now())
        signed_in = _let_in(vouched)
    except SignInFailed as error:
        return _failed(str(error), error.status)
    except (NoRole, AccountDisabled) as error:
        return _failed(str(error), 403)
    enter(signed_in.token)
    return redirect(own_path(vouched.going_to) or HOME, 303)


def _let_in(vouched: VerifiedLogin) -> SignedIn:
    given = _provider().settings
    try:
        person = person_of(vouched.claims, given.role_claim, given.roles)
    except NoRole:
        record_person_without_role(session(), vouched.claims["iss"], vouched.claims["sub"], now())
        raise
    return sign_in_person(session(), person, now())


def _provider() -> IdentityProvider:
    """The provider; without one there is nothing at these addresses."""
    found = cast("IdentityProvider | None", current_app.extensions[_EXTENSION])
    return found or abort(404)


def _failed(detail: str, status: int) -> Response:
    page = render_template("staff/single_sign_on.html", detail=detail)
    return Response(page, status, mimetype="text/html")

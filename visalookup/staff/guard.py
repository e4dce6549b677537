"""The guard of the console: what may not be reached, or not in this way, it answers itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, redirect, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from visalookup.extensions import settings
from visalookup.staff.access import (
    HOME,
    SIGN_IN,
    View,
    is_console,
    is_resumed,
    leave,
    nearest_page,
    own_path,
    signed_in_member,
)
from visalookup.staff.accounts.secret_key import kept_key
from visalookup.staff.kept_form import (
    GO_ON_AT,
    KeptForm,
    SignInForm,
    carried_form,
    resume_page,
    sign_in_page,
    typed_form,
)

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_STALE = "This page was open for too long, so nothing was done with it. Type your password again."
_NO_COOKIE = (
    "Your browser sent no cookie, without which nobody can sign in. Allow cookies for this site; where it is not"
    " served over TLS, SECURE_COOKIES must be off."
)

csrf = CSRFProtect()


def init_access(app: Flask) -> None:
    """Guard the console; the public pages neither set nor read a cookie."""
    with app.app_context():
        given = settings()
    app.secret_key = given.secret_key or kept_key()
    app.config.update(
        SESSION_COOKIE_NAME="visalookup_staff",
        SESSION_COOKIE_PATH=HOME,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=given.staff.secure_cookies,
        WTF_CSRF_CHECK_DEFAULT=False,  # the guard checks, and only the console
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
        WTF_CSRF_SSL_STRICT=False,  # some browsers keep the referrer to themselves; the token is proof enough
    )
    csrf.init_app(app)
    app.before_request(_guard)
    app.after_request(_keep_out_of_caches)
    app.context_processor(_known_to_templates)


def _guard() -> AnyResponse | None:
    """Answer in place of a view that may not be reached, or not in this way."""
    if not is_console() or request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    if signed_in_member() is None and not hasattr(view, "for_everybody"):
        return _ask_to_sign_in()
    return None if request.method in _SAFE_METHODS else _check_form(view)


def _ask_to_sign_in() -> AnyResponse:
    if request.method in _SAFE_METHODS:
        return redirect(f"{SIGN_IN}?{urlencode({'next': _this_address()})}", 303)
    if _comes_from_another_site():
        return _forged_form()
    leave()
    return sign_in_page(SignInForm(go_on_at=_this_address(), kept=typed_form(), ended=True), 401)


def _check_form(view: View) -> AnyResponse | None:
    try:
        csrf.protect()
    except CSRFError:
        return _answer_to_unproven_form()
    if is_resumed() and not hasattr(view, "resumable"):
        return redirect(nearest_page(request.path), 303)
    return None


def _answer_to_unproven_form() -> AnyResponse:
    if _comes_from_another_site():
        return _forged_form()
    if request.path == SIGN_IN:
        return sign_in_page(_stale_sign_in(), 400)
    return resume_page(_this_address(), typed_form(), status=400, reason="stale")


def _forged_form() -> AnyResponse:
    """What came from another site gets no cookie: one would put the member's own out of force."""
    kept = KeptForm() if request.path == SIGN_IN else typed_form()
    return resume_page(_this_address(), kept, status=400, reason="forged", with_token=False)


def _stale_sign_in() -> SignInForm:
    return SignInForm(
        name=request.form.get("name", ""),
        next=own_path(request.form.get("next")),
        go_on_at=own_path(request.form.get(GO_ON_AT)),
        kept=carried_form(),
        fault=_NO_COOKIE if not request.cookies else _STALE,
    )


def _comes_from_another_site() -> bool:
    """Whether the browser says so (W3C Fetch Metadata): it then withheld our cookie, which is SameSite=Lax."""
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def _this_address() -> str:
    return request.full_path if request.query_string else request.path


def _keep_out_of_caches(response: Response) -> Response:
    if is_console():
        response.headers["Cache-Control"] = "no-store"
    return response


def _known_to_templates() -> dict[str, Any]:
    """`member`, in the console: None for who is not signed in, or where nobody has looked yet."""
    return {"member": g.get("member")} if is_console() else {}

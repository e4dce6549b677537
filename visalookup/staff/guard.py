"""The guard of the console: it answers requests itself that must not reach a view."""

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
    clear_session_cookie,
    is_console,
    is_resumed,
    nearest_page,
    safe_console_path,
    signed_in_member,
)
from visalookup.staff.accounts.secret_key import load_or_create_key
from visalookup.staff.interrupted_form import (
    RESUME_AT_FIELD,
    InterruptedForm,
    SignInForm,
    carried_form,
    resume_page,
    sign_in_page,
    submitted_form,
)

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_STALE = "This page was open for too long, so nothing was done with it. Type your password again."
_NO_COOKIE = (
    "Your browser sent no cookie, without which nobody can sign in. Allow cookies for this site; if it is not"
    " served over TLS, SECURE_COOKIES must be off."
)

csrf = CSRFProtect()


def init_access(app: Flask) -> None:
    """Guard the console; the public pages neither set nor read a cookie."""
    with app.app_context():
        configured = settings()
    app.secret_key = configured.secret_key or load_or_create_key()
    app.config.update(
        SESSION_COOKIE_NAME="visalookup_staff",
        SESSION_COOKIE_PATH=HOME,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=configured.staff.secure_cookies,
        WTF_CSRF_CHECK_DEFAULT=False,  # the guard checks, and only in the console
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
        WTF_CSRF_SSL_STRICT=False,  # some browsers send no referrer; the token is proof enough
    )
    csrf.init_app(app)
    app.before_request(_guard)
    app.after_request(_disable_caching)
    app.context_processor(_template_context)


def _guard() -> AnyResponse | None:
    """The response in place of the view, or None if the request may pass."""
    if not is_console() or request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    if signed_in_member() is None and not hasattr(view, "public_view"):
        return _ask_to_sign_in()
    return None if request.method in _SAFE_METHODS else _check_form(view)


def _ask_to_sign_in() -> AnyResponse:
    if request.method in _SAFE_METHODS:
        return redirect(f"{SIGN_IN}?{urlencode({'next': _this_address()})}", 303)
    if _comes_from_another_site():
        return _reject_forged_form()
    clear_session_cookie()
    return sign_in_page(SignInForm(resume_at=_this_address(), interrupted=submitted_form(), ended=True), 401)


def _check_form(view: View) -> AnyResponse | None:
    try:
        csrf.protect()
    except CSRFError:
        return _reject_unproven_form()
    if is_resumed() and not hasattr(view, "resumable"):
        return redirect(nearest_page(request.path), 303)
    return None


def _reject_unproven_form() -> AnyResponse:
    if _comes_from_another_site():
        return _reject_forged_form()
    if request.path == SIGN_IN:
        return sign_in_page(_stale_sign_in(), 400)
    return resume_page(_this_address(), submitted_form(), status=400, reason="stale")


def _reject_forged_form() -> AnyResponse:
    """Set no cookie in response to another site: it would replace the member's own."""
    interrupted = InterruptedForm() if request.path == SIGN_IN else submitted_form()
    return resume_page(_this_address(), interrupted, status=400, reason="forged", with_token=False)


def _stale_sign_in() -> SignInForm:
    return SignInForm(
        name=request.form.get("name", ""),
        next=safe_console_path(request.form.get("next")),
        resume_at=safe_console_path(request.form.get(RESUME_AT_FIELD)),
        interrupted=carried_form(),
        fault=_NO_COOKIE if not request.cookies else _STALE,
    )


def _comes_from_another_site() -> bool:
    """Whether the browser reports it (W3C Fetch Metadata); it has then withheld our cookie, which is SameSite=Lax."""
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def _this_address() -> str:
    return request.full_path if request.query_string else request.path


def _disable_caching(response: Response) -> Response:
    if is_console():
        response.headers["Cache-Control"] = "no-store"
    return response


def _template_context() -> dict[str, Any]:
    """`member`, in the console: None if nobody is signed in, or if the session was not looked up."""
    return {"member": g.get("member")} if is_console() else {}

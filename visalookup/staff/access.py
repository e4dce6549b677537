"""Access control of the console.

Every page under /staff requires a session, unless its view is marked with `public_view`; a view declares the right
it requires with `requires`. Every form carries a CSRF token.

A form that is submitted without a session or without a valid token is not processed, but its input is not lost: it
is carried to a page from which the member can continue (`guard`, `interrupted_form`). From there the form is
submitted again with the field `_resume`, and its view must show the form filled in and do nothing. A view that
supports this is marked with `resumable`; for any other view the nearest viewable page is shown instead, so that
resuming never has an effect.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import unquote

from flask import Response, current_app, g, render_template, request
from flask import session as cookie_session
from werkzeug.exceptions import HTTPException

from visalookup.domain.accounts.roles import RIGHTS, Member, Right, Role
from visalookup.extensions import now, session, settings
from visalookup.services.accounts.staff_sessions import member_of_session
from visalookup.staff.interrupted_form import FLOW_FIELDS, RESUME_FIELD, submitted_form

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[..., Any]

HOME = "/staff"
SIGN_IN = "/staff/sign-in"
TOKEN = "session_token"  # noqa: S105 - the name of a field, not a token


def requires(right: Right) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Restrict a view to members with this right; the others get a page that says which roles have it.

    Apply it below the route: `@blueprint.get("/staff/accounts")`, then `@requires(Right.ADMINISTER)`.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            return view(*args, **kwargs) if member().may(right) else _not_allowed(right)

        vars(guarded)["required_right"] = right
        return guarded

    return decorate


def public_view(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view of the console that requires no session: the sign-in pages."""
    vars(view)["public_view"] = True
    return view


def resumable(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a form's view that checks `is_resumed()`, and then shows the form filled in and does nothing."""
    vars(view)["resumable"] = True
    return view


def is_resumed() -> bool:
    """Whether this request resumes an interrupted form: show the input, do nothing."""
    return RESUME_FIELD in request.form


def member() -> Member:
    """The signed-in member; only for views that require a session."""
    current = signed_in_member()
    assert current is not None  # noqa: S101 - the guard has rejected every other request
    return current


def signed_in_member() -> Member | None:
    """The signed-in member, if there is one."""
    if "member" not in g:
        token = session_token()
        g.member = member_of_session(session(), token, settings().staff, now()) if token else None
    return cast("Member | None", g.member)


def session_token() -> str | None:
    """The session token that the browser sent, if any."""
    token = cookie_session.get(TOKEN)
    return token if isinstance(token, str) else None


def set_session_cookie(token: str, signed_in: Member | None = None) -> None:
    """Store the token of a new session in the cookie, and discard everything the cookie held before.

    A new session gets new CSRF tokens; those issued before it, which others may know, become invalid.
    Pass `signed_in` if the response is a page and not a redirect.
    """
    clear_session_cookie()
    cookie_session[TOKEN] = token
    g.member = signed_in


def clear_session_cookie() -> None:
    """Remove everything from the cookie."""
    cookie_session.clear()
    g.pop("member", None)
    g.pop("csrf_token", None)


def is_console() -> bool:
    """Whether the current request is for the console."""
    return request.path == HOME or request.path.startswith(f"{HOME}/")


def safe_console_path(text: str | None) -> str | None:
    """The text if it is the path of a console page, else None: we redirect nowhere else."""
    if text is None or not text.isprintable() or "\\" in text:
        return None
    path = text.partition("?")[0]
    if "/.." in unquote(path):
        return None
    return text if path == HOME or path.startswith(f"{HOME}/") else None


def nearest_page(path: str) -> str:
    """The path itself if it can be viewed with GET, or the nearest path above it that can."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None  # noqa: S101 - every request has one
    path = path.partition("?")[0]
    while path != HOME and path.startswith(HOME):
        try:
            adapter.match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            return path
    return HOME


def _not_allowed(right: Right) -> Response:
    roles = " and ".join(f"{role}s" for role in Role if right in RIGHTS[role])
    submitted = [(name, value) for name, value in submitted_form().fields if name not in FLOW_FIELDS and value]
    page = render_template("staff/not_allowed.html", roles=roles, role=member().role, submitted=submitted)
    return Response(page, 403, mimetype="text/html")

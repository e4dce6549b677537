"""Who is let in to the console, and to what.

Every page under /staff wants a session, unless its view is marked with `for_everybody`; a view names the right it
wants with `requires`. Every form carries a token against forgery.

A form that comes without a session or without its token is not acted on, and nothing typed in it is lost: it goes
on to a page from which the same person presses on (`guard`, `kept_form`). The form's address is then asked again
with `_resume`, and its view is to show the form filled in and do nothing. A view that can is marked with
`resumable`; for any other the nearest page above it is shown instead, so nothing is ever done by going on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import unquote

from flask import Response, current_app, g, render_template, request
from flask import session as browser
from werkzeug.exceptions import HTTPException

from visalookup.domain.accounts.roles import RIGHTS, Member, Right, Role
from visalookup.extensions import now, session, settings
from visalookup.services.accounts.staff_sessions import member_of_session
from visalookup.staff.kept_form import OF_THE_FLOW, RESUME, typed_form

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[..., Any]

HOME = "/staff"
SIGN_IN = "/staff/sign-in"
TOKEN = "session_token"  # noqa: S105 - the name of a field, not a token


def requires(right: Right) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let only those members into a view who have this right; the others get a page that says who may.

    Write it under the route: `@blueprint.get("/staff/accounts")`, then `@requires(Right.ADMINISTER)`.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            return view(*args, **kwargs) if member().may(right) else _not_allowed(right)

        vars(guarded)["required_right"] = right
        return guarded

    return decorate


def for_everybody(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view of the console that wants no session: the pages on which one signs in."""
    vars(view)["for_everybody"] = True
    return view


def resumable(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view of a form that asks `is_resumed()`, and then shows the form filled in and does nothing."""
    vars(view)["resumable"] = True
    return view


def is_resumed() -> bool:
    """Whether somebody goes on with a form that was kept: show what they typed, do nothing."""
    return RESUME in request.form


def member() -> Member:
    """Who asks; only for views that want a session."""
    found = signed_in_member()
    assert found is not None  # noqa: S101 - the guard lets nobody else come so far
    return found


def signed_in_member() -> Member | None:
    """Who asks, if they are signed in."""
    if "member" not in g:
        token = session_token()
        g.member = member_of_session(session(), token, settings().staff, now()) if token else None
    return cast("Member | None", g.member)


def session_token() -> str | None:
    """The token of the session at hand, as the browser sent it."""
    token = browser.get(TOKEN)
    return token if isinstance(token, str) else None


def enter(token: str, who: Member | None = None) -> None:
    """Give the browser the token of a session that has begun, and nothing of what it held before.

    A new session has new tokens against forgery: those of before it, which others may know, are worth nothing.
    `who` is named where the answer is a page and no redirection.
    """
    leave()
    browser[TOKEN] = token
    g.member = who


def leave() -> None:
    """Take from the browser whatever it holds of us."""
    browser.clear()
    g.pop("member", None)
    g.pop("csrf_token", None)


def is_console() -> bool:
    """Whether the request at hand is for the console."""
    return request.path == HOME or request.path.startswith(f"{HOME}/")


def own_path(text: str | None) -> str | None:
    """The text, if it is the path of a page of the console: nobody is sent anywhere else."""
    if text is None or not text.isprintable() or "\\" in text:
        return None
    path = text.partition("?")[0]
    if "/.." in unquote(path):
        return None
    return text if path == HOME or path.startswith(f"{HOME}/") else None


def nearest_page(path: str) -> str:
    """The address itself if it can be looked at, or the nearest above it that can."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None  # noqa: S101 - there is one in every request
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
    typed = [(name, value) for name, value in typed_form().fields if name not in OF_THE_FLOW and value]
    page = render_template("staff/not_allowed.html", roles=roles, role=member().role, typed=typed)
    return Response(page, 403, mimetype="text/html")

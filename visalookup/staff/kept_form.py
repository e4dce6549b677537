"""Forms that could not be acted on: whatever was typed goes on, hidden, to the page that tells so, and back again.

Passwords and codes are never carried, and no browser lets us carry a file.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, render_template, request

RESUME = "_resume"
"""The field that asks a form's address to show the form filled in, and to do nothing."""
GO_ON_AT = "go_on_at"
"""The field of the sign-in form that holds the address of the form that was kept."""
OF_THE_FLOW = ("csrf_token", "action", RESUME, "based_on", "form_key", "renews")
"""Fields that say how a form goes on, not what somebody typed."""
_KEPT = "kept."
_KEPT_FILES = "kept_files"
_NEVER_KEPT = ("csrf_token", RESUME, "code")
_SECRET = ("password", "secret")


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What was typed into a form, in order, the files chosen, and whether something secret was left out."""

    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    had_secrets: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to go on with."""
        return not self.fields and not self.files

    def hidden(self) -> tuple[tuple[str, str], ...]:
        """The inputs by which the sign-in form carries it."""
        fields = tuple((f"{_KEPT}{name}", value) for name, value in self.fields)
        return (*fields, *((_KEPT_FILES, name) for name in self.files))


def typed_form() -> KeptForm:
    """What the form at hand holds."""
    pairs = list(request.form.items(multi=True))
    return KeptForm(
        tuple((name, value) for name, value in pairs if name not in _NEVER_KEPT and not _is_secret(name)),
        tuple(each.filename for each in request.files.values() if each.filename),
        any(_is_secret(name) for name, _ in pairs),
    )


def carried_form() -> KeptForm:
    """What the sign-in form at hand carries for another one."""
    pairs = request.form.items(multi=True)
    fields = ((name.removeprefix(_KEPT), value) for name, value in pairs if name.startswith(_KEPT))
    return KeptForm(
        tuple((name, value) for name, value in fields if name not in _NEVER_KEPT and not _is_secret(name)),
        tuple(request.form.getlist(_KEPT_FILES)),
    )


def resume_page(address: str, kept: KeptForm, *, status: int, reason: str, with_token: bool = True) -> Response:
    """The page from which one goes on with a form; without a token the first press leads to this page again."""
    page = render_template(
        "staff/resume.html", address=address, kept=kept, reason=reason, with_token=with_token, resume=RESUME
    )
    return Response(page, status, mimetype="text/html")


@dataclass(frozen=True, slots=True)
class SignInForm:
    """What the page to sign in on shows: why, what was typed, where to go then, and what it carries."""

    name: str = ""
    next: str | None = None
    go_on_at: str | None = None
    kept: KeptForm = KeptForm()
    ended: bool = False
    fault: str | None = None


def sign_in_page(form: SignInForm, status: int = 200) -> Response:
    """The page to sign in on."""
    response = Response(render_template("staff/sign_in.html", form=form), status, mimetype="text/html")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Form realm="Visa Lookup"'  # RFC 9110, section 11.6.1, wants one
    return response


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET)

"""Forms that could not be processed: their input is carried in hidden fields to the page that explains why, and back.

Passwords and codes are never carried, and browsers do not let a page carry a file.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, render_template, request

RESUME_FIELD = "_resume"
"""The field that makes a form's view show the form filled in and do nothing."""
RESUME_AT_FIELD = "go_on_at"
"""The field of the sign-in form with the address of the interrupted form."""
FLOW_FIELDS = ("csrf_token", "action", RESUME_FIELD, "based_on", "form_key", "renews")
"""Fields that control the flow of a form, as opposed to input."""
_CARRIED_PREFIX = "kept."
_FILES_FIELD = "kept_files"
_NEVER_CARRIED = ("csrf_token", RESUME_FIELD, "code")
_SECRET_WORDS = ("password", "secret")


@dataclass(frozen=True, slots=True)
class InterruptedForm:
    """The input of a form in order, the names of its files, and whether a secret was left out."""

    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    had_secrets: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to resume."""
        return not self.fields and not self.files

    def hidden(self) -> tuple[tuple[str, str], ...]:
        """The hidden fields in which the sign-in form carries it."""
        fields = tuple((f"{_CARRIED_PREFIX}{name}", value) for name, value in self.fields)
        return (*fields, *((_FILES_FIELD, name) for name in self.files))


def submitted_form() -> InterruptedForm:
    """The form in the current request."""
    pairs = list(request.form.items(multi=True))
    return InterruptedForm(
        tuple((name, value) for name, value in pairs if name not in _NEVER_CARRIED and not _is_secret(name)),
        tuple(file.filename for file in request.files.values() if file.filename),
        any(_is_secret(name) for name, _ in pairs),
    )


def carried_form() -> InterruptedForm:
    """The interrupted form that the submitted sign-in form carries."""
    pairs = request.form.items(multi=True)
    fields = ((name.removeprefix(_CARRIED_PREFIX), value) for name, value in pairs if name.startswith(_CARRIED_PREFIX))
    return InterruptedForm(
        tuple((name, value) for name, value in fields if name not in _NEVER_CARRIED and not _is_secret(name)),
        tuple(request.form.getlist(_FILES_FIELD)),
    )


def resume_page(
    address: str, interrupted: InterruptedForm, *, status: int, reason: str, with_token: bool = True
) -> Response:
    """The page from which to resume a form; without a token, submitting it leads back to this page once more."""
    page = render_template(
        "staff/resume.html",
        address=address,
        interrupted=interrupted,
        reason=reason,
        with_token=with_token,
        resume=RESUME_FIELD,
    )
    return Response(page, status, mimetype="text/html")


@dataclass(frozen=True, slots=True)
class SignInForm:
    """The content of the sign-in page: its fault, its input, where to go next, and the form it carries."""

    name: str = ""
    next: str | None = None
    resume_at: str | None = None
    interrupted: InterruptedForm = InterruptedForm()
    ended: bool = False
    fault: str | None = None


def sign_in_page(form: SignInForm, status: int = 200) -> Response:
    """The sign-in page."""
    response = Response(render_template("staff/sign_in.html", form=form), status, mimetype="text/html")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Form realm="Visa Lookup"'  # RFC 9110, section 11.6.1, requires one
    return response


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)

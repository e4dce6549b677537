"""Agencies that use the JSON interface: their limits, keys and usage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, stream_with_context
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.agencies.agency import LIVE_KEYS_AT_MOST, LONGEST_TITLE
from visalookup.domain.errors import DomainError, InvalidValue, NotFound
from visalookup.extensions import now, session, settings
from visalookup.rate_limits.hooks import usage_of
from visalookup.services.agencies.agencies import (
    IssuedKey,
    add_agency,
    agency_named,
    change_limits,
    disable_agency,
    enable_agency,
    issue_key,
    list_agencies,
    list_keys,
    revoke_key,
)
from visalookup.services.agencies.usage import export_usage, list_usage
from visalookup.staff.access import is_resumed, member, requires, resumable

agencies = Blueprint("staff_agencies", __name__, url_prefix="/staff/agencies")

_HOME = "/staff/agencies"
_EXPORT_PERIOD = timedelta(days=366)
Result = TypeVar("Result")


@agencies.get("")
@requires(Right.READ)
def show() -> AnyResponse:
    """All agencies."""
    return _list_page({})


@agencies.post("")
@requires(Right.ADMINISTER)
@resumable
def add() -> AnyResponse:
    """Add an agency."""
    given = _submitted()
    if is_resumed():
        return _list_page(given)
    name = given.get("name", "")
    try:
        _commit(lambda: add_agency(session(), name, given.get("title", ""), member().name, now()))
    except DomainError as error:
        return _list_page(given, str(error))
    flash(f"{name} is added; give it a key now.")
    return redirect(f"{_HOME}/{name}", 303)


@agencies.get("/usage.csv")
@requires(Right.READ)
def export() -> AnyResponse:
    """The usage of all agencies in the last year, as CSV."""
    _store_usage()
    since = now().date() - _EXPORT_PERIOD
    response = Response(stream_with_context(export_usage(session(), since)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="usage-{now().date()}.csv"'
    return response


@agencies.get("/<name>")
@requires(Right.READ)
def detail(name: str) -> AnyResponse:
    """One agency, with its keys and usage."""
    return _page(name)


@agencies.post("/<name>/keys")
@requires(Right.ADMINISTER)
def create_key(name: str) -> AnyResponse:
    """Create a key and show it, on this page and never again."""
    try:
        days = _number("days", "days")
        issued = _commit(lambda: issue_key(session(), name, days, member().name, now()))
    except DomainError as error:
        return _page(name, error)
    return _page(name, issued=issued)


@agencies.post("/<name>/keys/<int:number>/revocation")
@requires(Right.ADMINISTER)
def revoke(name: str, number: int) -> AnyResponse:
    """Revoke a key."""
    return _apply(name, "The key is revoked.", lambda: revoke_key(session(), name, number, member().name, now()))


@agencies.post("/<name>/limits")
@requires(Right.ADMINISTER)
def set_limits(name: str) -> AnyResponse:
    """Change the limits of an agency."""

    def change() -> object:
        per_minute, per_day = _number("per_minute", "questions a minute"), _number("per_day", "questions a day")
        return change_limits(session(), name, per_minute, per_day, member().name, now())

    return _apply(name, "The limits are changed.", change)


@agencies.post("/<name>/disable")
@requires(Right.ADMINISTER)
def disable(name: str) -> AnyResponse:
    """Disable an agency, and with it all its keys."""
    return _apply(name, f"{name} is disabled.", lambda: disable_agency(session(), name, member().name, now()))


@agencies.post("/<name>/enable")
@requires(Right.ADMINISTER)
def enable(name: str) -> AnyResponse:
    """Enable an agency, so that its keys are valid again."""
    message = f"The keys of {name} are valid again."
    return _apply(name, message, lambda: enable_agency(session(), name, member().name, now()))


def _apply(name: str, message: str, change: Callable[[], object]) -> AnyResponse:
    try:
        _commit(change)
    except DomainError as error:
        return _page(name, error)
    flash(message)
    return redirect(f"{_HOME}/{name}", 303)


def _commit(change: Callable[[], Result]) -> Result:
    """The result of the change, committed; rolled back if the change is refused."""
    try:
        result = change()
    except DomainError:
        session().rollback()
        raise
    session().commit()
    return result


def _submitted() -> dict[str, str]:
    return {name: text.strip() for name, text in request.form.items()}


def _number(name: str, noun: str) -> int | None:
    """The number in a field, None if it is empty; raise InvalidValue if it is not a number."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise InvalidValue(f"Write the {noun} as a whole number, or leave it empty.")
    return int(text)


def _store_usage() -> None:
    """Store this process's counts, so that the page includes them."""
    usage_of(current_app).store(session())


def _list_page(given: Mapping[str, str], fault: str | None = None) -> Response:
    page = render_template(
        "staff/agencies.html",
        agencies=list_agencies(session()),
        given=given,
        fault=fault,
        max_title_length=LONGEST_TITLE,
        **_default_limits(),
    )
    return Response(page, 422 if fault else 200, mimetype="text/html")


def _page(name: str, error: DomainError | None = None, issued: IssuedKey | None = None) -> AnyResponse:
    try:
        agency = agency_named(session(), name)
    except NotFound as unknown:
        response = _list_page({}, str(unknown))
        response.status_code = 404
        return response
    _store_usage()
    page = render_template(
        "staff/agency.html",
        agency=agency,
        keys=list_keys(session(), agency),
        usage=list_usage(session(), now().date(), agency),
        issued=issued,
        fault=str(error) if error else None,
        given=_submitted() if error else {"per_minute": agency.per_minute or "", "per_day": agency.per_day or ""},
        max_live_keys=LIVE_KEYS_AT_MOST,
        now=now(),
        **_default_limits(),
    )
    status = 200 if error is None else 404 if isinstance(error, NotFound) else 422
    return Response(page, status, mimetype="text/html")


def _default_limits() -> dict[str, int]:
    return {"default_per_minute": settings().rate_limit_agency, "default_per_day": settings().quota_agency}

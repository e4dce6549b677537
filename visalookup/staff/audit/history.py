"""The history: who did what and when, single entries, all of it as CSV, and the answers at any past moment."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.moments import format_instant
from visalookup.extensions import now, rulebook_store, session
from visalookup.services.audit.export_history import export_history
from visalookup.services.audit.history import (
    HistoryPage,
    action_label,
    list_history,
    moment_of_entry,
    read_entry_number,
    read_filter,
    show_entry,
)
from visalookup.services.lookup.questions import BadQuestion, InputFault
from visalookup.services.lookup.rulebook_store import NothingLoaded
from visalookup.staff.access import member, requires
from visalookup.storage.history.entries import read_actions, read_actors

history = Blueprint("staff_history", __name__, url_prefix="/staff")

_FIELDS = ("regime", "actor", "action", "from", "until")
_EMPTY_PAGE = HistoryPage((), None, None)


@history.get("/history")
@requires(Right.READ)
def index() -> AnyResponse:
    """The entries that match the filter, newest first."""
    try:
        return _list_page(_requested_page())
    except BadQuestion as error:
        return _list_page(_EMPTY_PAGE, tuple(error.faults))


@history.get("/history.csv")
@requires(Right.READ)
def export() -> AnyResponse:
    """All entries that match the filter, as CSV."""
    try:
        wanted = read_filter(request.args, with_accounts=_sees_accounts())
    except BadQuestion as error:
        return _list_page(_EMPTY_PAGE, tuple(error.faults))
    response = Response(stream_with_context(export_history(session(), wanted)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="history-{now().date()}.csv"'
    return response


@history.get("/history/<int:number>")
@requires(Right.READ)
def entry(number: int) -> AnyResponse:
    """One entry, with the changes it made."""
    page = render_template(
        "staff/history_entry.html",
        entry=show_entry(session(), number, with_accounts=_sees_accounts()),
        action_label=action_label,
        today=now().date(),
        places=_place_names(),
    )
    return AnyResponse(page, mimetype="text/html")


@history.get("/as-of/<int:number>")
@requires(Right.READ)
def as_of(number: int) -> AnyResponse:
    """Redirect to the answer as it was just before an entry, or just after it."""
    moment = moment_of_entry(session(), number)
    if request.args.get("when") == "before":
        moment -= timedelta(microseconds=1)
    asked = {name: request.args.get(name, "") for name in ("passport", "destination", "on")}
    if moment <= now():
        asked["as_of"] = format_instant(moment)
    return redirect(f"/ask?{urlencode({name: value for name, value in asked.items() if value})}", 303)


def _sees_accounts() -> bool:
    return member().may(Right.ADMINISTER)


def _requested_page() -> HistoryPage:
    return list_history(
        session(),
        read_filter(request.args, with_accounts=_sees_accounts()),
        before=read_entry_number(request.args.get("before")),
        after=read_entry_number(request.args.get("after")),
    )


def _list_page(page: HistoryPage, faults: tuple[InputFault, ...] = ()) -> AnyResponse:
    given = {name: request.args[name] for name in _FIELDS if request.args.get(name)}
    text = render_template(
        "staff/history.html",
        page=page,
        given=given,
        faults={fault.field: fault for fault in faults},
        query=urlencode(given),
        actors=read_actors(session(), with_accounts=_sees_accounts()),
        actions=read_actions(session(), with_accounts=_sees_accounts()),
        action_label=action_label,
    )
    return AnyResponse(text, 422 if faults else 200, mimetype="text/html")


def _place_names() -> list[str]:
    try:
        places = rulebook_store().current(session()).rulebook.places
    except NothingLoaded:
        return []
    return sorted(place.name for place in places.by_code.values())

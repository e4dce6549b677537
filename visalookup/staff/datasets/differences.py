"""Differences between an outside table and our answers: the list, and the review of each."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.errors import DomainError
from visalookup.extensions import now, rulebook_store, session
from visalookup.services.changes.list_work import open_differences
from visalookup.services.datasets.review_differences import review
from visalookup.staff.access import is_resumed, member, requires, resumable

differences = Blueprint("staff_differences", __name__, url_prefix="/staff/differences")

_MAX_SHOWN = 100


@differences.get("")
@requires(Right.READ)
def index() -> AnyResponse:
    """The differences that nobody has reviewed yet."""
    return _page()


@differences.post("/<int:number>")
@requires(Right.PROPOSE)
@resumable
def mark_reviewed(number: int) -> AnyResponse:
    """Record that the answer stays as it is, and why."""
    if is_resumed():
        return _page(number)
    try:
        review(session(), number, member(), request.form.get("comment", ""), now())
    except DomainError as error:
        session().rollback()
        return _page(number, str(error), 422)
    session().commit()
    return redirect("/staff/differences", 303)


def _page(number: int | None = None, fault: str | None = None, status: int = 200) -> AnyResponse:
    found = open_differences(session(), rulebook_store(), now())
    page = render_template(
        "staff/differences.html",
        differences=found[:_MAX_SHOWN],
        total=len(found),
        number=number,
        fault=fault,
        comment=request.form.get("comment", ""),
        may_review=member().may(Right.PROPOSE),
    )
    return AnyResponse(page, status, mimetype="text/html")

"""The console's home page: the work that waits for a person."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.extensions import now, rulebook_store, session, settings
from visalookup.services.changes.list_work import Limits, list_work
from visalookup.staff.access import requires

dashboard = Blueprint("staff_dashboard", __name__)


@dashboard.get("/staff")
@requires(Right.READ)
def home() -> AnyResponse:
    """Everything that waits for a person."""
    staff = settings().staff
    limits = Limits(staff.upcoming, staff.stuck, staff.limits_of_age)
    page = render_template(
        "staff/dashboard.html",
        work=list_work(session(), rulebook_store(), limits, now()),
        upcoming_days=staff.upcoming.days,
        limits=staff.limits_of_age,
    )
    return AnyResponse(page, mimetype="text/html")

"""Webhooks of agencies, and the log of their messages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.moments import format_instant
from visalookup.domain.webhooks.subscription import DeliveryState
from visalookup.extensions import now, session
from visalookup.services.lookup.questions import read_number
from visalookup.services.webhooks.delivery_log import count_waiting_changes, list_deliveries, replay_any
from visalookup.services.webhooks.subscriptions import list_webhooks
from visalookup.staff.access import member, requires
from visalookup.storage.webhooks.deliveries import DeliveryFilter

webhooks = Blueprint("staff_webhooks", __name__)

_URL = "/staff/webhooks"
_MAX_NUMBER = 2**63 - 1


@webhooks.get(_URL)
@requires(Right.READ)
def index() -> Response:
    """All webhooks, and the newest messages."""
    given = {name: request.args.get(name, "") for name in ("state", "webhook")}
    state = DeliveryState(given["state"]) if given["state"] in list(DeliveryState) else None
    wanted = DeliveryFilter(webhook_id=_number("webhook"), state=state)
    page = render_template(
        "staff/webhooks.html",
        webhooks=list_webhooks(session()),
        page=list_deliveries(session(), wanted, _number("before")),
        waiting=count_waiting_changes(session()),
        given=given,
        query="&".join(f"{name}={value}" for name, value in given.items() if value and value.isalnum()),
        states=list(DeliveryState),
        may_replay=member().may(Right.ADMINISTER),
        host=lambda url: urlsplit(url).hostname,
        moment=lambda instant: f"{format_instant(instant)[:16].replace('T', ' ')} UTC",
    )
    return Response(page, mimetype="text/html")


@webhooks.post(f"{_URL}/deliveries/<int:number>/replay")
@requires(Right.ADMINISTER)
def replay(number: int) -> AnyResponse:
    """Send a message again."""
    replay_any(session(), number, member().name, now())
    session().commit()
    return redirect(_URL, 303)


def _number(name: str) -> int | None:
    return read_number(request.args.get(name, ""), 1, _MAX_NUMBER)

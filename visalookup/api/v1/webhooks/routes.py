"""An agency's webhooks, and the log of what was sent to them."""

from __future__ import annotations

from typing import Any

from flask import Response

from visalookup.api.v1.agencies import agency, for_agency
from visalookup.api.v1.routing import StrictBlueprint, path_parameter, problems, refuse_repeated, responds
from visalookup.api.v1.strict_schema import NoArguments
from visalookup.api.v1.webhooks.arguments import DeliveriesArguments, WebhookBody
from visalookup.api.v1.webhooks.responses import (
    DeliveriesJson,
    DeliveryJson,
    NewSecretJson,
    NewWebhookJson,
    WebhookJson,
    WebhooksJson,
    deliveries_json,
    delivery_json,
    new_secret_json,
    new_webhook_json,
    webhook_json,
    webhooks_json,
)
from visalookup.domain.webhooks.subscription import DeliveryState
from visalookup.extensions import now, rulebook_store, session, webhook_dependencies
from visalookup.http.responses import fresh_json
from visalookup.services.lookup.questions import BadQuestion, InputFault, read_number
from visalookup.services.webhooks.delivery_log import list_deliveries, replay_delivery
from visalookup.services.webhooks.subscriptions import (
    WebhookForm,
    find_webhook,
    list_webhooks,
    make_webhook,
    ping,
    remove_webhook,
    resume_webhook,
    rotate_secret,
)
from visalookup.storage.webhooks.deliveries import DeliveryFilter

webhooks = StrictBlueprint(
    "webhooks", __name__, url_prefix="/api/v1/webhooks", description="Changes sent to an agency's server"
)

_NUMBER = {"schema": {"type": "integer", "minimum": 1}}
_WEBHOOK = path_parameter("number", "The number of a webhook of yours.") | _NUMBER
_DELIVERY = path_parameter("delivery", "The number of a message, as the log gives it.") | _NUMBER
_REFUSALS = (401, 404, 422, 503)


@webhooks.get("")
@for_agency(webhooks)
@webhooks.arguments(NoArguments, location="query")
@responds(webhooks, WebhooksJson)
@problems(webhooks, 401, 422, 503)
def own_webhooks(_arguments: dict[str, Any]) -> Response:
    """Your webhooks."""
    return fresh_json(webhooks_json(list_webhooks(session(), agency())))


@webhooks.post("")
@for_agency(webhooks)
@webhooks.arguments(WebhookBody)
@responds(webhooks, NewWebhookJson, 201)
@problems(webhooks, 400, 401, 413, 415, 422, 503)
def new_webhook(body: dict[str, Any]) -> Response:
    """Make a webhook for some pairs of passport and destination. Its secret is in this answer and never again."""
    form = WebhookForm(body["url"], [(each["passport"], each["destination"]) for each in body["pairs"]])
    new = make_webhook(session(), rulebook_store(), webhook_dependencies(), agency(), form, now())
    session().commit()
    response = fresh_json(new_webhook_json(new), 201)
    response.headers["Location"] = f"/api/v1/webhooks/{new.webhook.id}"
    return response


@webhooks.get("/<int:number>", parameters=[_WEBHOOK])
@for_agency(webhooks)
@webhooks.arguments(NoArguments, location="query")
@responds(webhooks, WebhookJson)
@problems(webhooks, *_REFUSALS)
def webhook(_arguments: dict[str, Any], number: int) -> Response:
    """One webhook."""
    return fresh_json(webhook_json(find_webhook(session(), agency(), number)))


@webhooks.delete("/<int:number>", parameters=[_WEBHOOK])
@for_agency(webhooks)
@webhooks.arguments(NoArguments, location="query")
@webhooks.response(204)
@problems(webhooks, *_REFUSALS)
def removed_webhook(_arguments: dict[str, Any], number: int) -> Response:
    """Delete a webhook; what still waits for it is not sent."""
    remove_webhook(session(), agency(), number, now())
    session().commit()
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Cache-Control"] = "no-store"
    return response


@webhooks.post("/<int:number>/secret", parameters=[_WEBHOOK])
@for_agency(webhooks)
@webhooks.arguments(NoArguments, location="query")
@responds(webhooks, NewSecretJson)
@problems(webhooks, *_REFUSALS)
def new_secret(_arguments: dict[str, Any], number: int) -> Response:
    """Get a new secret. For a day messages are signed with both, so that you can change over in peace."""
    new = rotate_secret(session(), webhook_dependencies().seal, agency(), number, now())
    session().commit()
    return fresh_json(new_secret_json(new))


@webhooks.post("/<int:number>/ping", parameters=[_WEBHOOK])
@for_agency(webhooks)
@webhooks.arguments(NoArguments, location="query")
@responds(webhooks, DeliveryJson, 202)
@problems(webhooks, *_REFUSALS)
def pinged_webhook(_arguments: dict[str, Any], number: int) -> Response:
    """Send a message without content, to check that deliveries arrive."""
    delivery = ping(session(), agency(), number, now())
    session().commit()
    return fresh_json(delivery_json(delivery), 202)


@webhooks.post("/<int:number>/resumption", parameters=[_WEBHOOK])
@for_agency(webhooks)
@webhooks.arguments(NoArguments, location="query")
@responds(webhooks, WebhookJson)
@problems(webhooks, *_REFUSALS)
def resumed_webhook(_arguments: dict[str, Any], number: int) -> Response:
    """Have messages sent again to a webhook that was disabled. What was published meanwhile is in the feed."""
    webhook = resume_webhook(session(), agency(), number, now())
    session().commit()
    return fresh_json(webhook_json(webhook))


@webhooks.get("/<int:number>/deliveries", parameters=[_WEBHOOK])
@for_agency(webhooks)
@webhooks.arguments(DeliveriesArguments, location="query")
@responds(webhooks, DeliveriesJson)
@problems(webhooks, *_REFUSALS)
def deliveries(arguments: dict[str, Any], number: int) -> Response:
    """The log of messages to a webhook, the newest first."""
    refuse_repeated()
    find_webhook(session(), agency(), number)
    wanted = DeliveryFilter(agency().id, number, _state(arguments.get("state")))
    return fresh_json(deliveries_json(list_deliveries(session(), wanted, _before(arguments.get("before")))))


@webhooks.post("/<int:number>/deliveries/<int:delivery>/replay", parameters=[_WEBHOOK, _DELIVERY])
@for_agency(webhooks)
@webhooks.arguments(NoArguments, location="query")
@responds(webhooks, DeliveryJson, 202)
@problems(webhooks, *_REFUSALS)
def replayed_delivery(_arguments: dict[str, Any], number: int, delivery: int) -> Response:
    """Have a message sent again that is dead, or was delivered; it keeps its `webhook-id`."""
    again = replay_delivery(session(), delivery, agency(), number, now())
    session().commit()
    return fresh_json(delivery_json(again), 202)


def _state(text: str | None) -> DeliveryState | None:
    if text is None or text in list(DeliveryState):
        return DeliveryState(text) if text else None
    detail = f"There is no such state; send one of {', '.join(DeliveryState)}."
    raise BadQuestion([InputFault("state", detail, text)])


def _before(text: str | None) -> int | None:
    before = None if text is None else read_number(text, 1, 2**63 - 1)
    if text is not None and before is None:
        detail = "It is not a place in the log; leave it out to begin, then send the `before` you were given."
        raise BadQuestion([InputFault("before", detail, text)])
    return before

"""Webhooks as JSON: what may be sent, and what comes back."""

from __future__ import annotations

from typing import Any

from flask_smorest import Api
from marshmallow import Schema, fields, validate

from visalookup.api.v1.lookup.schemas import ChangeSchema
from visalookup.api.v1.strict_schema import PLACE, REQUIRED, RequestSchema, described
from visalookup.domain.moments import format_instant
from visalookup.domain.webhooks.addresses import LONGEST_URL
from visalookup.domain.webhooks.subscription import (
    CHANGED,
    MOST_PAIRS,
    MOST_PAIRS_TOLD,
    Delivery,
    DeliveryState,
    Webhook,
)
from visalookup.services.webhooks.delivery_log import DeliveryPage
from visalookup.services.webhooks.subscriptions import ANY, Secret

_STATES = [str(each) for each in DeliveryState]
_OR_ANY = f"`{ANY}`, or a place. {PLACE}"


class PairBody(RequestSchema):
    """A passport and a destination."""

    passport = fields.String(required=True, error_messages=REQUIRED, metadata=described(_OR_ANY, example="KAZ"))
    destination = fields.String(required=True, error_messages=REQUIRED, metadata=described(_OR_ANY, example=ANY))


class WebhookBody(RequestSchema):
    """A new webhook."""

    url = fields.String(
        required=True,
        error_messages=REQUIRED,
        metadata=described(
            "Where messages are sent: an https address on the public internet.",
            maxLength=LONGEST_URL,
            example="https://hooks.example/visa-changes",
        ),
    )
    pairs = fields.List(
        fields.Nested(PairBody),
        required=True,
        error_messages=REQUIRED | {"invalid": "Send a list of pairs."},
        metadata=described("Whose changes are told.", minItems=1, maxItems=MOST_PAIRS),
    )


class DeliveriesArguments(RequestSchema):
    """The query of the log of messages."""

    state = fields.String(metadata=described("Only messages in this state.", enum=_STATES))
    before = fields.String(metadata=described("The `before` that the last page gave.", pattern="^[0-9]+$"))


class PairSchema(Schema):
    """A pair of codes, or `any`."""

    passport = fields.String(required=True)
    destination = fields.String(required=True)


class WebhookSchema(Schema):
    """A webhook."""

    id = fields.Integer(required=True)
    url = fields.String(required=True)
    pairs = fields.List(fields.Nested(PairSchema), required=True)
    created_at = fields.String(required=True)
    disabled_at = fields.String(required=True, allow_none=True)
    disabled_because = fields.String(required=True, allow_none=True)


class NewWebhookSchema(WebhookSchema):
    """A webhook that was made a moment ago, with its secret."""

    secret = fields.String(
        required=True, metadata=described("What its messages are signed with. It is shown only now; keep it.")
    )


class NewSecretSchema(Schema):
    """A new secret."""

    secret = fields.String(required=True, metadata=described("The new secret. It is shown only now; keep it."))
    former_signs_until = fields.String(
        required=True, metadata=described("Until then messages are signed with the former secret too.")
    )


class WebhooksSchema(Schema):
    """All webhooks of the agency."""

    webhooks = fields.List(fields.Nested(WebhookSchema), required=True)


class DeliverySchema(Schema):
    """A message, and how it fared."""

    id = fields.Integer(required=True)
    message_id = fields.String(required=True, metadata=described("What its header `webhook-id` says, each time."))
    type = fields.String(required=True, metadata=described("`visa.changed` or `webhook.ping`."))
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    attempts = fields.Integer(required=True)
    created_at = fields.String(required=True)
    next_attempt_at = fields.String(required=True, allow_none=True)
    last_attempt_at = fields.String(required=True, allow_none=True)
    last_status = fields.Integer(required=True, allow_none=True, metadata=described("The last HTTP status answered."))
    last_fault = fields.String(required=True, allow_none=True)
    delivered_at = fields.String(required=True, allow_none=True)


class DeliveriesSchema(Schema):
    """A page of the log, the newest first; send `before` for older ones."""

    deliveries = fields.List(fields.Nested(DeliverySchema), required=True)
    before = fields.String(required=True, allow_none=True)


class MessageDataSchema(Schema):
    """What a message of a change tells."""

    change = fields.Nested(ChangeSchema, required=True)
    pairs = fields.List(
        fields.Nested(PairSchema),
        required=True,
        metadata=described(f"Those of the webhook's pairs that the change concerns, {MOST_PAIRS_TOLD} at most."),
    )
    number_of_pairs = fields.Integer(required=True, metadata=described("How many such pairs there are."))


class ChangeMessage(Schema):
    """The body of a message of a change, as your server gets it."""

    type = fields.String(required=True, metadata={"enum": ["visa.changed"]})
    timestamp = fields.String(required=True, metadata=described("When the change was published."))
    data = fields.Nested(MessageDataSchema, required=True)


def describe_messages(api: Api) -> None:
    """Describe in the OpenAPI document what an agency's own server gets."""
    api.spec.components.schema("ChangeMessage", schema=ChangeMessage)
    api.spec.options["webhooks"] = {
        CHANGED: {
            "post": {
                "summary": "A change of policy that concerns a pair of your webhook",
                "description": "Sent by us to your server, signed as Standard Webhooks says.",
                "operationId": "visa_changed",
                "security": [{}],
                "tags": ["webhooks"],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChangeMessage"}}},
                },
                "responses": {
                    "2XX": {"description": "The message has arrived."},
                    "410": {"description": "No more messages are wanted; the webhook is disabled."},
                },
            }
        }
    }


def webhook_json(webhook: Webhook) -> dict[str, Any]:
    """A webhook; its secret is never shown again."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "pairs": [{"passport": each.passport or ANY, "destination": each.destination or ANY} for each in webhook.pairs],
        "created_at": format_instant(webhook.created_at),
        "disabled_at": format_instant(webhook.disabled_at) if webhook.disabled_at else None,
        "disabled_because": webhook.disabled_because,
    }


def new_webhook_json(made: Secret) -> dict[str, Any]:
    """A new webhook, with its secret."""
    return {**webhook_json(made.webhook), "secret": made.secret}


def new_secret_json(made: Secret) -> dict[str, Any]:
    """A new secret, and how long the former one is good."""
    assert made.former_signs_until is not None  # noqa: S101 - a rotation leaves a former secret
    return {"secret": made.secret, "former_signs_until": format_instant(made.former_signs_until)}


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """A message, and how it fared."""
    instants = ("created_at", "next_attempt_at", "last_attempt_at", "delivered_at")
    return {
        "id": delivery.id,
        "message_id": delivery.message_id,
        "type": delivery.type,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last_status": delivery.last_status,
        "last_fault": delivery.last_fault,
        **{name: format_instant(at) if (at := getattr(delivery, name)) else None for name in instants},
    }


def deliveries_json(page: DeliveryPage) -> dict[str, Any]:
    """A page of the log."""
    listed = [delivery_json(each) for each in page.deliveries]
    return {"deliveries": listed, "before": None if page.before is None else str(page.before)}

"""Webhooks as JSON, and the messages they get: each shape declared once, beside the function that makes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from visalookup.api.v1.lookup.responses.changes import ChangeJson, change_json
from visalookup.domain.moments import format_instant
from visalookup.domain.webhooks.subscription import (
    CHANGED,
    MOST_PAIRS_TOLD,
    CountryPair,
    Delivery,
    DeliveryState,
    Webhook,
)
from visalookup.services.changes.list_changes import PolicyChange
from visalookup.services.webhooks.delivery_log import DeliveryPage
from visalookup.services.webhooks.subscriptions import ANY, Secret
from visalookup.storage.webhooks.outbox import AffectedWebhook


class PairJson(TypedDict):
    """A pair of codes, or `any`."""

    passport: str
    destination: str


class WebhookJson(TypedDict):
    """A webhook."""

    id: int
    url: str
    pairs: list[PairJson]
    created_at: str
    disabled_at: str | None
    disabled_because: str | None


class NewWebhookJson(WebhookJson):
    """A webhook that was made a moment ago, with its secret."""

    secret: Annotated[str, Meta(description="What its messages are signed with. It is shown only now; keep it.")]


class NewSecretJson(TypedDict):
    """A new secret."""

    secret: Annotated[str, Meta(description="The new secret. It is shown only now; keep it.")]
    former_signs_until: Annotated[str, Meta(description="Until then messages are signed with the former secret too.")]


class WebhooksJson(TypedDict):
    """All webhooks of the agency."""

    webhooks: list[WebhookJson]


class DeliveryJson(TypedDict):
    """A message, and how it fared."""

    id: int
    message_id: Annotated[str, Meta(description="What its header `webhook-id` says, each time.")]
    type: Annotated[str, Meta(description="`visa.changed` or `webhook.ping`.")]
    state: DeliveryState
    attempts: int
    created_at: str
    next_attempt_at: str | None
    last_attempt_at: str | None
    last_status: Annotated[int | None, Meta(description="The last HTTP status answered.")]
    last_fault: str | None
    delivered_at: str | None


class DeliveriesJson(TypedDict):
    """A page of the log, the newest first; send `before` for older ones."""

    deliveries: list[DeliveryJson]
    before: str | None


class MessageDataJson(TypedDict):
    """What a message about a change contains."""

    change: ChangeJson
    pairs: Annotated[
        list[PairJson],
        Meta(description=f"Those of the webhook's pairs that the change concerns, {MOST_PAIRS_TOLD} at most."),
    ]
    number_of_pairs: Annotated[int, Meta(description="How many such pairs there are.")]


class ChangeMessageJson(TypedDict):
    """The body of a message of a change, as your server gets it."""

    type: Literal["visa.changed"]
    timestamp: Annotated[str, Meta(description="When the change was published.")]
    data: MessageDataJson


def webhooks_json(webhooks: Iterable[Webhook]) -> WebhooksJson:
    """All webhooks of an agency."""
    return {"webhooks": [webhook_json(webhook) for webhook in webhooks]}


def webhook_json(webhook: Webhook) -> WebhookJson:
    """A webhook; its secret is never shown again."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "pairs": [_pair(pair) for pair in webhook.pairs],
        "created_at": format_instant(webhook.created_at),
        "disabled_at": format_instant(webhook.disabled_at) if webhook.disabled_at else None,
        "disabled_because": webhook.disabled_because,
    }


def new_webhook_json(made: Secret) -> NewWebhookJson:
    """A new webhook, with its secret."""
    return {**webhook_json(made.webhook), "secret": made.secret}


def new_secret_json(made: Secret) -> NewSecretJson:
    """A new secret, and how long the former one is good."""
    assert made.former_signs_until is not None  # noqa: S101 - a rotation leaves a former secret
    return {"secret": made.secret, "former_signs_until": format_instant(made.former_signs_until)}


def delivery_json(delivery: Delivery) -> DeliveryJson:
    """A message, and how it fared."""
    next_at, last_at, delivered_at = delivery.next_attempt_at, delivery.last_attempt_at, delivery.delivered_at
    return {
        "id": delivery.id,
        "message_id": delivery.message_id,
        "type": delivery.type,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last_status": delivery.last_status,
        "last_fault": delivery.last_fault,
        "created_at": format_instant(delivery.created_at),
        "next_attempt_at": format_instant(next_at) if next_at else None,
        "last_attempt_at": format_instant(last_at) if last_at else None,
        "delivered_at": format_instant(delivered_at) if delivered_at else None,
    }


def deliveries_json(page: DeliveryPage) -> DeliveriesJson:
    """A page of the log."""
    listed = [delivery_json(delivery) for delivery in page.deliveries]
    return {"deliveries": listed, "before": None if page.before is None else str(page.before)}


def change_messages(change: PolicyChange, concerned: Sequence[AffectedWebhook]) -> list[ChangeMessageJson]:
    """The message of a change for each webhook it concerns."""
    change_data, published_at = change_json(change), format_instant(change.step.recorded_at)
    return [
        {"type": CHANGED, "timestamp": published_at, "data": _message_data(change_data, webhook)}
        for webhook in concerned
    ]


def _message_data(change: ChangeJson, concerned: AffectedWebhook) -> MessageDataJson:
    """The change, and which of the webhook's pairs it concerns; of many only some are listed."""
    return {
        "change": change,
        "pairs": [_pair(pair) for pair in concerned.pairs],
        "number_of_pairs": concerned.number,
    }


def _pair(pair: CountryPair) -> PairJson:
    return {"passport": pair.passport or ANY, "destination": pair.destination or ANY}

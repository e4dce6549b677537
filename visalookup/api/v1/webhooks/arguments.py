"""What may be sent about webhooks: the schemas that check requests, and describe them."""

from __future__ import annotations

from marshmallow import fields

from visalookup.api.v1.strict_schema import PLACE, REQUIRED, RequestSchema, described
from visalookup.domain.webhooks.addresses import LONGEST_URL
from visalookup.domain.webhooks.subscription import MOST_PAIRS, DeliveryState
from visalookup.services.webhooks.subscriptions import ANY

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
        metadata=described("The pairs whose changes are sent.", minItems=1, maxItems=MOST_PAIRS),
    )


class DeliveriesArguments(RequestSchema):
    """The query of the log of messages."""

    state = fields.String(metadata=described("Only messages in this state.", enum=_STATES))
    before = fields.String(metadata=described("The `before` that the last page gave.", pattern="^[0-9]+$"))

"""What an agency's own server gets, described in the OpenAPI document."""

from __future__ import annotations

from flask_smorest import Api

from visalookup.api.response_schemas import reference
from visalookup.api.v1.webhooks.responses import ChangeMessageJson
from visalookup.domain.webhooks.subscription import CHANGED


def describe_messages(api: Api) -> None:
    """Describe the messages."""
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
                    "content": {"application/json": {"schema": reference(ChangeMessageJson)}},
                },
                "responses": {
                    "2XX": {"description": "The message has arrived."},
                    "410": {"description": "No more messages are wanted; the webhook is disabled."},
                },
            }
        }
    }

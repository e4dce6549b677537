"""What every request schema shares: unknown members are refused, and each fault says what to send instead."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

PLACE = "A code (ISO 3166-1 alpha-3 or alpha-2, ICAO Doc 9303) or a name in any language we read."


def described(text: str, **more: Any) -> dict[str, Any]:
    """Metadata of a field: its description, and more for the document."""
    return {"description": text, **more}


FILLED = validate.Length(min=1, error="It is empty; leave it out or send a value.")


class RequestSchema(Schema):
    """A request: what it does not know it refuses."""

    class Meta:
        """Refuse unknown members."""

        unknown = RAISE

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        names = ", ".join(field.data_key or name for name, field in self.fields.items())
        advice = f"send only {names}" if names else "send none"
        self.error_messages = {
            "unknown": f"There is no such parameter here; {advice}.",
            "type": f"Send an object with {names}.",
        }
        for field in self.fields.values():
            field.error_messages["null"] = "It is null; leave it out or send a value."
            if isinstance(field, fields.String):
                field.error_messages["invalid"] = "Send text."
                # a schema is made for each request, and its fields share their validators with the class
                field.validators = [*(each for each in field.validators if each is not FILLED), FILLED]


REQUIRED: dict[str, Any] = {"required": "It is missing; send it."}


class NoArguments(RequestSchema):
    """A query that takes nothing."""

"""The receipt that an answer may carry."""

from __future__ import annotations

from marshmallow import Schema, fields

from visalookup.api.v1.strict_schema import described

GIVEN_AT = described("When the answer was given.", format="date-time")
SIGNATURE = described("A detached JWS (RFC 7515, appendix F) with Ed25519; its keys are at /.well-known/jwks.json.")


class AskedSchema(Schema):
    """A question as it was understood."""

    passports = fields.List(fields.String(), required=True)
    destination = fields.String(required=True)
    on = fields.String(required=True)
    document = fields.String(required=True)
    stay_days = fields.Integer(required=True, allow_none=True)
    as_of = fields.String(required=True, allow_none=True)


class ReceiptSchema(Schema):
    """What makes an answer provable: time, question, and our signature over the whole answer."""

    given_at = fields.String(required=True, metadata=GIVEN_AT)
    question = fields.Nested(AskedSchema, required=True)
    signature = fields.String(required=True, metadata=SIGNATURE)

"""Receipts as they are given, and as they come back to be verified."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields

from visalookup.api.v1.lookup.arguments import REQUIRED, Strict, described

_GIVEN_AT = described("When the answer was given.", format="date-time")
_SIGNATURE = described(
    "A detached JWS (RFC 7515, appendix F) with Ed25519; its keys are at /.well-known/jwks.json."
)


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

    given_at = fields.String(required=True, metadata=_GIVEN_AT)
    question = fields.Nested(AskedSchema, required=True)
    signature = fields.String(required=True, metadata=_SIGNATURE)


class StoredReceipt(Strict):
    """The receipt of an answer to be verified."""

    given_at = fields.Raw(required=True, error_messages=REQUIRED, metadata=_GIVEN_AT)
    question = fields.Raw(
        required=True, error_messages=REQUIRED, metadata=described("The question as understood.")
    )
    signature = fields.String(required=True, error_messages=REQUIRED, metadata=_SIGNATURE)


class StoredReply(Strict):
    """An answer with its receipt, whole and as it was given."""

    class Meta:
        """Whatever the answer holds is part of what was signed."""

        unknown = INCLUDE

    receipt = fields.Nested(StoredReceipt, required=True, error_messages=REQUIRED)

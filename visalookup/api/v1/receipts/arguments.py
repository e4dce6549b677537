"""Receipts as they come back to be verified: the schemas that check them, and describe them."""

from __future__ import annotations

from marshmallow import INCLUDE, fields

from visalookup.api.v1.strict_schema import REQUIRED, RequestSchema, described
from visalookup.services.receipts.give import GIVEN_AT, SIGNATURE


class StoredReceipt(RequestSchema):
    """The receipt of an answer to be verified."""

    given_at = fields.Raw(required=True, error_messages=REQUIRED, metadata=described(GIVEN_AT, format="date-time"))
    question = fields.Raw(required=True, error_messages=REQUIRED, metadata=described("The question as understood."))
    signature = fields.String(required=True, error_messages=REQUIRED, metadata=described(SIGNATURE))


class StoredReply(RequestSchema):
    """An answer with its receipt, whole and as it was given."""

    class Meta:
        """Whatever the answer holds is part of what was signed."""

        unknown = INCLUDE

    receipt = fields.Nested(StoredReceipt, required=True, error_messages=REQUIRED)

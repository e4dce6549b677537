"""Receipts as they come back to be verified."""

from __future__ import annotations

from marshmallow import INCLUDE, fields

from visalookup.api.v1.receipt_schema import GIVEN_AT, SIGNATURE
from visalookup.api.v1.strict_schema import REQUIRED, RequestSchema, described


class StoredReceipt(RequestSchema):
    """The receipt of an answer to be verified."""

    given_at = fields.Raw(required=True, error_messages=REQUIRED, metadata=GIVEN_AT)
    question = fields.Raw(required=True, error_messages=REQUIRED, metadata=described("The question as understood."))
    signature = fields.String(required=True, error_messages=REQUIRED, metadata=SIGNATURE)


class StoredReply(RequestSchema):
    """An answer with its receipt, whole and as it was given."""

    class Meta:
        """Whatever the answer holds is part of what was signed."""

        unknown = INCLUDE

    receipt = fields.Nested(StoredReceipt, required=True, error_messages=REQUIRED)

"""Receipts verified: whether we said so, when, and what we would say now."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import INCLUDE, Schema, fields, validate

from visalookup.api.v1.lookup.representations import Json, lookup_result_json
from visalookup.api.v1.lookup.schemas import LookupResultSchema
from visalookup.api.v1.receipts.representations import verified_json
from visalookup.api.v1.receipts.schemas import StoredReply
from visalookup.api.v1.routing import StrictBlueprint, problems
from visalookup.api.v1.strict_schema import NoArguments
from visalookup.domain.changes.answer_changes import ChangeSeverity
from visalookup.extensions import now, receipt_keys, rulebook_store, session
from visalookup.http.responses import fresh_json
from visalookup.services.lookup.answer_question import answer_question
from visalookup.services.lookup.questions import QuestionForm
from visalookup.services.receipts.verify import ReceiptStatus, verify_receipt

receipts = StrictBlueprint("receipts", __name__, url_prefix="/api/v1", description="Proof of what was answered")


class KeySchema(Schema):
    """The key that signed."""

    kid = fields.String(required=True)
    retired_at = fields.String(required=True, allow_none=True)


class DifferenceSchema(Schema):
    """One member of an answer that is not what it was."""

    passport = fields.String(required=True)
    member = fields.String(required=True)
    then = fields.Raw(required=True, allow_none=True)
    now = fields.Raw(required=True, allow_none=True)


class TodaySchema(Schema):
    """The answer to the same question now."""

    standing = fields.String(
        required=True,
        allow_none=True,
        metadata={"enum": [*map(str, ChangeSeverity), None]},
    )
    detail = fields.String(required=True)
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)
    answer = fields.Nested(LookupResultSchema, required=True, allow_none=True)


class VerifiedSchema(Schema):
    """What was found of a receipt; what was sent comes back only where the signature holds."""

    holds = fields.Boolean(required=True)
    finding = fields.String(required=True, validate=validate.OneOf([str(each) for each in ReceiptStatus]))
    detail = fields.String(required=True)
    kid = fields.String(required=True)
    key = fields.Nested(KeySchema, required=True, allow_none=True)
    given_at = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True, allow_none=True)
    answer = fields.Nested(LookupResultSchema, required=True, allow_none=True)
    now = fields.Nested(TodaySchema, required=True, allow_none=True)


@receipts.post("/receipts/verify")
@receipts.arguments(NoArguments, location="query")
@receipts.arguments(StoredReply, location="json", unknown=INCLUDE)
@receipts.response(200, VerifiedSchema)
@problems(receipts, 400, 413, 415, 422, 503)
def verified_receipt(_arguments: dict[str, Any], _body: dict[str, Any]) -> Response:
    """Verify a receipt.

    Send an answer as it was given with `receipt=true`, whole. `holds` says whether we signed just this; `now` says
    what the answer to the same question would be today. To verify it yourself, take `receipt.signature` out, write
    the rest in the canonical form of RFC 8785, and check the signature over that with the key from
    `/.well-known/jwks.json`.
    """
    return fresh_json(verified_json(verify_receipt(request.get_data(), receipt_keys(), _ask_again)))


def _ask_again(form: QuestionForm) -> Json:
    return lookup_result_json(answer_question(session(), rulebook_store(), form, now()))

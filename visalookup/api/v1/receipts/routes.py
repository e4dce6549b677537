"""Receipts verified: whether we said so, when, and what we would say now."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import INCLUDE

from visalookup.api.v1.lookup.responses.answers import LookupResultJson, lookup_result_json
from visalookup.api.v1.receipts.arguments import StoredReply
from visalookup.api.v1.receipts.responses import VerifiedJson, verified_json
from visalookup.api.v1.routing import StrictBlueprint, problems, responds
from visalookup.api.v1.strict_schema import NoArguments
from visalookup.extensions import now, receipt_keys, rulebook_store, session
from visalookup.http.responses import fresh_json
from visalookup.services.lookup.answer_question import answer_question
from visalookup.services.lookup.questions import QuestionForm
from visalookup.services.receipts.verify import verify_receipt

receipts = StrictBlueprint("receipts", __name__, url_prefix="/api/v1", description="Proof of what was answered")


@receipts.post("/receipts/verify")
@receipts.arguments(NoArguments, location="query")
@receipts.arguments(StoredReply, location="json", unknown=INCLUDE)
@responds(receipts, VerifiedJson)
@problems(receipts, 400, 413, 415, 422, 503)
def verified_receipt(_arguments: dict[str, Any], _body: dict[str, Any]) -> Response:
    """Verify a receipt.

    Send an answer as it was given with `receipt=true`, whole. `holds` says whether we signed just this; `now` says
    what the answer to the same question would be today. To verify it yourself, take `receipt.signature` out, write
    the rest in the canonical form of RFC 8785, and check the signature over that with the key from
    `/.well-known/jwks.json`.
    """
    return fresh_json(verified_json(verify_receipt(request.get_data(), receipt_keys(), _ask_again)))


def _ask_again(form: QuestionForm) -> LookupResultJson:
    return lookup_result_json(answer_question(session(), rulebook_store(), form, now()))

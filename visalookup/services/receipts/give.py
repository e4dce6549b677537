"""Add a receipt to an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from visalookup.domain.documents import DocumentType
from visalookup.domain.moments import format_instant
from visalookup.services.lookup.answer_question import LookupResult
from visalookup.services.lookup.links import format_on, stated_text
from visalookup.services.lookup.questions import Understood
from visalookup.services.receipts.keys import ReceiptKeys
from visalookup.services.receipts.signing import sign, signed_text

GIVEN_AT = "When the answer was given."
SIGNATURE = "A detached JWS (RFC 7515, appendix F) with Ed25519; its keys are at /.well-known/jwks.json."


class AskedJson(TypedDict):
    """A question as it was understood."""

    passports: list[str]
    destination: str
    on: str
    document: DocumentType
    stay_days: int | None
    as_of: str | None
    stated: NotRequired[
        Annotated[dict[str, str], Meta(description="What was said of the traveller besides, as it is sent.")]
    ]


class ReceiptJson(TypedDict):
    """What makes an answer provable: time, question, and our signature over the whole answer."""

    given_at: Annotated[str, Meta(description=GIVEN_AT, extra_json_schema={"format": "date-time"})]
    question: AskedJson
    signature: Annotated[str, Meta(description=SIGNATURE)]


def give_receipt(result: LookupResult, answer: Mapping[str, Any], keys: ReceiptKeys) -> ReceiptJson:
    """Return the receipt of an answer, which is `result` as JSON; raise KeysAway if it cannot be signed."""
    given_at = format_instant(result.now.replace(microsecond=0))
    question = question_json(result.understood)
    unsigned = {**answer, "receipt": {"given_at": given_at, "question": question}}
    return {"given_at": given_at, "question": question, "signature": sign(signed_text(unsigned), keys.signing_key())}


def question_json(understood: Understood) -> AskedJson:
    """Return the question as it was understood: places by code, and the day even if none was given."""
    first = understood.questions[0]
    question: AskedJson = {
        "passports": [question.passport.code for question in understood.questions],
        "destination": first.destination.code,
        "on": format_on(first.on),
        "document": first.document,
        "stay_days": first.stay_days,
        "as_of": format_instant(understood.as_of) if understood.as_of else None,
    }
    if stated := stated_text(first.stated):
        question["stated"] = stated
    return question

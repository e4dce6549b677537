"""Add a receipt to an answer."""

from __future__ import annotations

from typing import Any

from visalookup.domain.moments import format_instant
from visalookup.services.lookup.answer_question import LookupResult
from visalookup.services.lookup.links import format_on
from visalookup.services.lookup.questions import Understood
from visalookup.services.receipts.keys import ReceiptKeys
from visalookup.services.receipts.signing import sign, signed_text


def with_receipt(result: LookupResult, answer: dict[str, Any], keys: ReceiptKeys) -> dict[str, Any]:
    """Return the answer, which is `result` as JSON, with a receipt; raise KeysAway if it cannot be signed."""
    given_at = format_instant(result.now.replace(microsecond=0))
    receipt = {"given_at": given_at, "question": question_json(result.understood)}
    unsigned = {**answer, "receipt": receipt}
    return {**answer, "receipt": {**receipt, "signature": sign(signed_text(unsigned), keys.signing_key())}}


def question_json(understood: Understood) -> dict[str, Any]:
    """Return the question as it was understood: places by code, and the day even if none was given."""
    first = understood.questions[0]
    return {
        "passports": [question.passport.code for question in understood.questions],
        "destination": first.destination.code,
        "on": format_on(first.on),
        "document": first.document,
        "stay_days": first.stay_days,
        "as_of": format_instant(understood.as_of) if understood.as_of else None,
    }

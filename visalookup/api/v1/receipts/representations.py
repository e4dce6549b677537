"""What was found of a receipt, as JSON."""

from __future__ import annotations

from typing import Any

from visalookup.domain.changes.answer_changes import MemberChange
from visalookup.domain.moments import format_instant
from visalookup.services.receipts.keys import PublicKey
from visalookup.services.receipts.verify import AnswerNow, ReceiptStatus, Verified

Json = dict[str, Any]

_DETAILS = {
    ReceiptStatus.HOLDS: "The signature holds: this service gave just this answer, at the time named.",
    ReceiptStatus.ALTERED: (
        "The signature does not hold: answer or receipt were altered after we signed, or we never signed them."
        " Send both whole, as they were given."
    ),
    ReceiptStatus.UNKNOWN_KEY: (
        "The key that the receipt names is none of this service's, so nothing can be said of it."
        " Ask the service that gave the answer."
    ),
}


def finding_detail(finding: ReceiptStatus) -> str:
    """What was found, in words."""
    return _DETAILS[finding]


def verified_json(verified: Verified) -> Json:
    """What was found of a receipt."""
    answer = verified.answer
    return {
        "holds": verified.finding is ReceiptStatus.HOLDS,
        "finding": verified.finding,
        "detail": finding_detail(verified.finding),
        "kid": verified.kid,
        "key": _key(verified.key) if verified.key else None,
        "given_at": answer["receipt"]["given_at"] if answer else None,
        "revision": answer["revision"] if answer else None,
        "answer": answer,
        "now": _today(verified.today) if verified.today else None,
    }


def _key(key: PublicKey) -> Json:
    return {"kid": key.kid, "retired_at": format_instant(key.retired_at) if key.retired_at else None}


def _today(today: AnswerNow) -> Json:
    if today.comparison is None:
        return {"standing": None, "detail": str(today.refusal), "differences": [], "answer": None}
    return {
        "standing": today.comparison.severity,
        "detail": today.comparison.sentence,
        "differences": [_difference(each) for each in today.comparison.differences],
        "answer": today.answer,
    }


def _difference(difference: MemberChange) -> Json:
    return {
        "passport": difference.passport,
        "member": difference.member,
        "then": difference.then,
        "now": difference.now,
    }

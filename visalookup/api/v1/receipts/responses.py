"""What was found of a receipt, as JSON: each shape declared once, beside the function that makes it."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict, cast

from msgspec import Meta

from visalookup.api.v1.lookup.responses.answers import LookupResultJson
from visalookup.domain.changes.answer_changes import ChangeSeverity, MemberChange
from visalookup.domain.moments import format_instant
from visalookup.services.receipts.keys import PublicKey
from visalookup.services.receipts.verify import AnswerNow, ReceiptStatus, Verified


class KeyJson(TypedDict):
    """The key that signed."""

    kid: str
    retired_at: Annotated[str | None, Meta(description="When another took its place; null while it signs.")]


class DifferenceJson(TypedDict):
    """One member of an answer that is not what it was."""

    passport: str
    member: Annotated[str, Meta(description="Its name; what is inside one with a dot, such as `stay.days`.")]
    then: Annotated[Any, Meta(description="What it was; null where it was not there.")]
    now: Annotated[Any, Meta(description="What it is now; null where it is not there.")]


class TodayJson(TypedDict):
    """The answer to the same question now."""

    standing: Annotated[ChangeSeverity | None, Meta(description="What became of the answer; null where there is none.")]
    detail: str
    differences: list[DifferenceJson]
    answer: LookupResultJson | None


class VerifiedJson(TypedDict):
    """What was found of a receipt; what was sent comes back only where the signature holds."""

    holds: bool
    finding: ReceiptStatus
    detail: str
    kid: Annotated[str, Meta(description="The key that the receipt names.")]
    key: KeyJson | None
    given_at: str | None
    revision: int | None
    answer: LookupResultJson | None
    now: TodayJson | None


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


def verified_json(verified: Verified) -> VerifiedJson:
    """What was found of a receipt."""
    answer = _as_given(verified.answer)
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


def _as_given(answer: object) -> LookupResultJson | None:
    """An answer of ours: we signed it, or made it a moment ago. One given long ago lacks members added since."""
    return cast(LookupResultJson | None, answer)


def _key(key: PublicKey) -> KeyJson:
    return {"kid": key.kid, "retired_at": format_instant(key.retired_at) if key.retired_at else None}


def _today(today: AnswerNow) -> TodayJson:
    if today.comparison is None:
        return {"standing": None, "detail": str(today.refusal), "differences": [], "answer": None}
    return {
        "standing": today.comparison.severity,
        "detail": today.comparison.sentence,
        "differences": [_difference(difference) for difference in today.comparison.differences],
        "answer": _as_given(today.answer),
    }


def _difference(difference: MemberChange) -> DifferenceJson:
    return {
        "passport": difference.passport,
        "member": difference.member,
        "then": difference.then,
        "now": difference.now,
    }

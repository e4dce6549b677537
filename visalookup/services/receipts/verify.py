"""Verify a receipt: whether we signed this answer, when, and what the answer would be now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

import orjson

from visalookup.domain.changes.answer_changes import AnswerComparison, compare_answers
from visalookup.services.lookup.circumstances import StatedForm
from visalookup.services.lookup.questions import BadQuestion, InputFault, QuestionForm
from visalookup.services.receipts.keys import PublicKey, ReceiptKeys
from visalookup.services.receipts.signing import NoSignature, is_signed_by, key_id_in, signed_text

Json = dict[str, Any]
AskAgain = Callable[[QuestionForm], Mapping[str, Any]]
"""Answers a question from what is known now, as JSON; raises BadQuestion."""


class ReceiptStatus(StrEnum):
    """The result of checking a signature."""

    HOLDS = "holds"
    ALTERED = "altered"
    UNKNOWN_KEY = "unknown_key"


@dataclass(frozen=True, slots=True)
class AnswerNow:
    """The current answer to the same question, compared with the signed one; `refusal` says why there is none."""

    answer: Mapping[str, Any] | None
    comparison: AnswerComparison | None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a verification; if the signature does not hold, nothing that was sent is repeated."""

    finding: ReceiptStatus
    kid: str
    key: PublicKey | None = None
    answer: Json | None = None
    today: AnswerNow | None = None


def verify_receipt(text: bytes, keys: ReceiptKeys, ask_again: AskAgain) -> Verified:
    """Verify an answer with its receipt, as it was stored.

    Raise BadQuestion if it is not an answer with a receipt, and KeysAway if our keys cannot be read.
    """
    answer = _read(text)
    signature = answer["receipt"]["signature"]
    try:
        kid = key_id_in(signature)
    except NoSignature:
        _refuse("receipt.signature", "It is not a signature in our format; send the receipt as it was given.")
    key = keys.find(kid)
    if key is None:
        return Verified(ReceiptStatus.UNKNOWN_KEY, kid)
    if not is_signed_by(key.key, signature, signed_text(answer)):
        return Verified(ReceiptStatus.ALTERED, kid, key)
    return Verified(ReceiptStatus.HOLDS, kid, key, answer, _answer_now(answer, ask_again))


def _answer_now(answer: Json, ask_again: AskAgain) -> AnswerNow:
    try:
        again = ask_again(_question(answer["receipt"]["question"]))
    except BadQuestion as refusal:
        return AnswerNow(None, None, " ".join(fault.detail for fault in refusal.faults))
    return AnswerNow(again, compare_answers(answer, again))


def _question(asked: Json) -> QuestionForm:
    """Return the same question, to be answered from current data."""
    stay_days = asked["stay_days"]
    return QuestionForm(
        passports=tuple(asked["passports"]),
        destination=asked["destination"],
        on=asked["on"],
        document=asked["document"],
        stay_days=None if stay_days is None else str(stay_days),
        stated=StatedForm(**asked.get("stated", {})),
    )


def _read(text: bytes) -> Json:
    """Parse the answer, which must have a receipt with a signature."""
    try:
        answer = orjson.loads(text)
        json.loads(text, object_pairs_hook=_unique_members, parse_float=_no_fraction)
    except (ValueError, RecursionError):
        _refuse("request", "It is not JSON in our format; send the whole answer as it was given.")
    receipt = answer.get("receipt") if isinstance(answer, dict) else None
    if not isinstance(receipt, dict):
        _refuse("receipt", "It is missing; send the whole answer as it was given, with its `receipt`.")
    if not isinstance(receipt.get("signature"), str):
        _refuse("receipt.signature", "It is missing; send the receipt as it was given.")
    return dict(answer)


def _unique_members(members: list[tuple[str, Any]]) -> Json:
    """Refuse duplicate members of an object, which different parsers would read differently."""
    found = dict(members)
    if len(found) < len(members):
        raise ValueError
    return found


def _no_fraction(text: str) -> NoReturn:
    """Refuse fractions: no answer contains one, and orjson would read one that is too large as null."""
    raise ValueError(text)


def _refuse(field: str, detail: str) -> NoReturn:
    raise BadQuestion([InputFault(field, detail)])

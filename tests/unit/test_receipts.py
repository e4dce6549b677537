"""A receipt holds for just what was signed: nothing else passes, whatever it is made of."""

from __future__ import annotations

import base64
import string
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import orjson
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from visalookup.services.lookup.questions import BadQuestion, InputFault, QuestionForm
from visalookup.services.receipts.keys import ReceiptKeys
from visalookup.services.receipts.signing import NoSignature, is_signed_by, key_id_in, sign, signed_text
from visalookup.services.receipts.verify import ReceiptStatus, Verified, verify_receipt

ANSWER = {
    "answer": "yes",
    "requirement": "visa_required",
    "stay": {"days": 90, "within_days": None, "unlimited": False},
    "sentence": 'Côte d\'Ivoire: a visa is "needed".\n',
    "passport": {"code": "CIV", "name": "Côte d'Ivoire"},
    "revision": 417,
    "receipt": {
        "given_at": "2026-11-23T09:00:00Z",
        "question": {
            "passports": ["CIV"],
            "destination": "ISR",
            "on": "2026-12-01",
            "document": "ordinary",
            "stay_days": 30,
            "as_of": "2026-11-01T00:00:00Z",
        },
    },
}


@cache
def keys() -> ReceiptKeys:
    return ReceiptKeys(Path(mkdtemp()) / "key.pem", create_if_missing=True)


@cache
def stored() -> bytes:
    """The answer with its receipt, as an agency stores it."""
    return orjson.dumps(signed(ANSWER))


def signed(answer: dict[str, Any]) -> dict[str, Any]:
    found = deepcopy(answer)
    found["receipt"]["signature"] = sign(signed_text(answer), keys().signing_key())
    return found


def nobody_asks(form: QuestionForm) -> dict[str, Any]:
    raise AssertionError(f"{form} is asked again, although the signature does not hold")


def the_same(form: QuestionForm) -> dict[str, Any]:
    return ANSWER


def is_refused(text: bytes) -> bool:
    """Whether it is found to be altered, or not to be a receipt of ours at all."""
    try:
        return verify_receipt(text, keys(), nobody_asks).finding is not ReceiptStatus.HOLDS
    except BadQuestion:
        return True


def test_what_was_given_holds() -> None:
    found = verify_receipt(stored(), keys(), the_same)
    assert found.finding is ReceiptStatus.HOLDS
    assert found.answer == orjson.loads(stored())
    assert found.kid == keys().public_keys()[0].kid


def test_no_byte_can_be_another() -> None:
    """At every position, with each of its bits flipped, and with all of them."""
    for position, byte in enumerate(stored()):
        for flipped in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            text = bytearray(stored())
            text[position] = byte ^ flipped
            assert is_refused(bytes(text)), (position, flipped)


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_no_bytes_can_be_left_out(position: int, count: int) -> None:
    text = stored()
    position %= len(text)
    assert is_refused(text[:position] + text[position + count :])


def test_the_last_letter_of_the_signature_has_spare_bits_that_change_nothing_unseen() -> None:
    """Several letters stand for the same 64 bytes; only the one that we wrote is taken."""
    answer = orjson.loads(stored())
    signature = answer["receipt"]["signature"]
    same_bytes = []
    for letter in string.ascii_letters + string.digits + "-_":
        other = signature[:-1] + letter
        if other != signature:
            answer["receipt"]["signature"] = other
            assert is_refused(orjson.dumps(answer))
            same_bytes.append(decoded(other) == decoded(signature))
    assert any(same_bytes)


def decoded(signature: str) -> bytes:
    return base64.urlsafe_b64decode(signature.rpartition(".")[2] + "==")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(ANSWER)), json_values)
@example("stay", None)
@example("revision", True)
def test_no_member_can_be_another(name: str, value: Any) -> None:
    answer = orjson.loads(stored())
    assume(orjson.dumps(answer[name]) != orjson.dumps(value))
    answer[name] = value
    assert is_refused(orjson.dumps(answer))


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=8), json_values)
def test_no_member_can_be_added(name: str, value: Any) -> None:
    assume(name not in ANSWER)
    assert is_refused(orjson.dumps(orjson.loads(stored()) | {name: value}))


@settings(max_examples=300, deadline=None)
@given(st.permutations(sorted(ANSWER)), st.sampled_from((0, orjson.OPT_INDENT_2)))
def test_order_and_space_may_be_others(names: list[str], option: int) -> None:
    answer = orjson.loads(stored())
    text = orjson.dumps({name: answer[name] for name in names}, option=option)
    assert verify_receipt(text, keys(), the_same).finding is ReceiptStatus.HOLDS


@settings(max_examples=1_000, deadline=None)
@given(st.one_of(st.binary(max_size=60), json_values.map(orjson.dumps)))
@example(b"[" * 100_000)
@example(b'{"receipt":{"signature":"a"}}')
@example(b'{"receipt":{"signature":"\xff"}}')
@example(b'{"receipt":{"signature":"\\ud800"}}')
def test_whatever_else_is_sent_is_refused_in_words(text: bytes) -> None:
    with pytest.raises(BadQuestion, match="send"):
        verify_receipt(text, keys(), nobody_asks)


def header(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        b'{"alg":"none","kid":"x","typ":"visalookup-receipt"}',
        b'{"alg":"HS256","kid":"x","typ":"visalookup-receipt"}',
        b'{"alg":"Ed25519","kid":"x"}',
        b'{"alg":"Ed25519","kid":"x","typ":"JWT"}',
        b'{"alg":"Ed25519","kid":1,"typ":"visalookup-receipt"}',
        b'{"alg":"Ed25519","typ":"visalookup-receipt"}',
        b'{"alg":"Ed25519","kid":"x","typ":"visalookup-receipt","b64":false,"crit":["b64"]}',
        b"[]",
        b"1",
        b"\xff",
    ],
)
def test_only_a_header_as_we_write_it_is_taken(text: bytes) -> None:
    with pytest.raises(NoSignature):
        key_id_in(f"{header(text)}..{'A' * 86}")


def test_a_signature_for_another_purpose_by_the_same_key_is_no_receipt() -> None:
    """The signature must be over the canonical text itself."""
    key = keys().signing_key()
    assert is_signed_by(key, sign(b"text", key), b"text")
    assert not is_signed_by(key, sign(b"text", key), b"Text")


def test_the_question_is_asked_again_as_it_was_but_from_what_is_known_now() -> None:
    asked: list[QuestionForm] = []

    def ask_again(form: QuestionForm) -> dict[str, Any]:
        asked.append(form)
        return {**ANSWER, "revision": 418}

    found = verify_receipt(stored(), keys(), ask_again)
    assert asked == [QuestionForm(("CIV",), "ISR", on="2026-12-01", document="ordinary", stay_days="30")]
    assert found.today is not None
    assert found.today.comparison is not None
    assert found.today.comparison.differences == ()


def test_where_the_question_has_no_answer_any_more_the_receipt_still_holds() -> None:
    def refuse(form: QuestionForm) -> dict[str, Any]:
        raise BadQuestion([InputFault("destination", "No place is called ISR.")])

    found: Verified = verify_receipt(stored(), keys(), refuse)
    assert found.finding is ReceiptStatus.HOLDS
    assert found.today is not None
    assert (found.today.comparison, found.today.refusal) == (None, "No place is called ISR.")

"""Webhooks: how messages are signed, when they are tried again, and what an agency may ask for."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from tests.conftest import MORNING
from visalookup.domain.webhooks.signatures import secret_of, sign, signed_headers
from visalookup.domain.webhooks.subscription import (
    JITTER,
    MOST_ATTEMPTS,
    MOST_PAIRS,
    WAITS,
    CountryPair,
    DeliveryResponse,
    DeliveryState,
    WebhookRefused,
    checked_pairs,
    settle,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the example of the specification
BODY = b'{"test": 2432232314}'


def test_the_example_of_the_specification_is_signed_as_it_is_there() -> None:
    """As https://github.com/standard-webhooks/standard-webhooks has it in the tests of its libraries."""
    found = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=32, max_size=32), st.binary(), st.text("abc", min_size=1))
def test_whatever_is_signed_the_library_of_receivers_accepts(key: bytes, body: bytes, name: str) -> None:
    now = datetime.now(UTC)
    text = body.hex()
    headers = signed_headers([secret_of(key)], f"msg_{name}", now, f'"{text}"'.encode())
    assert Receiver(secret_of(key)).verify(f'"{text}"', headers) == text


def test_after_a_rotation_either_secret_verifies_and_no_other_does() -> None:
    old, new, other = (secret_of(bytes([number]) * 32) for number in range(3))
    headers = signed_headers([new, old], "msg_1", datetime.now(UTC), BODY)
    for secret in (old, new):
        assert Receiver(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Receiver(other).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body"])
def test_nothing_of_a_message_can_be_altered_unnoticed(changed: str) -> None:
    headers = signed_headers([SECRET], "msg_1", datetime.now(UTC), BODY)
    body = BODY
    match changed:
        case "body":
            body = BODY.replace(b"2", b"3")
        case "webhook-id":
            headers["webhook-id"] = "msg_2"
        case _:
            headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
    with pytest.raises(WebhookVerificationError):
        Receiver(SECRET).verify(body, headers)


def test_a_secret_is_32_random_bytes_in_base64() -> None:
    assert base64.b64decode(secret_of(b"x" * 32).removeprefix("whsec_")) == b"x" * 32


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_status_of_2xx_accepts(status: int) -> None:
    settled = settle(1, DeliveryResponse(status), MORNING, 0.5)
    assert (settled.state, settled.next_attempt_at, settled.fault) == (DeliveryState.DELIVERED, None, None)


@pytest.mark.parametrize(
    "reply",
    [
        DeliveryResponse(500),
        DeliveryResponse(301),
        DeliveryResponse(404),
        DeliveryResponse(None, "The connection failed."),
    ],
)
def test_all_else_is_tried_again_later_and_later(reply: DeliveryResponse) -> None:
    waits = []
    for attempts in range(1, MOST_ATTEMPTS):
        settled = settle(attempts, reply, MORNING, 0.0)
        assert settled.state is DeliveryState.PENDING
        assert settled.fault
        assert settled.next_attempt_at is not None
        waits.append(settled.next_attempt_at - MORNING)
    assert waits == list(WAITS) == sorted(WAITS)
    assert timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=4)


@given(st.integers(1, MOST_ATTEMPTS - 1), st.floats(0, 1))
def test_what_failed_together_is_not_tried_again_together_nor_much_later(attempts: int, jitter: float) -> None:
    again = settle(attempts, DeliveryResponse(503), MORNING, jitter).next_attempt_at
    assert again is not None
    assert WAITS[attempts - 1] <= again - MORNING <= WAITS[attempts - 1] * (1 + JITTER)


@pytest.mark.parametrize("attempts", [MOST_ATTEMPTS, MOST_ATTEMPTS + 1])
def test_after_the_last_attempt_a_message_is_dead_and_says_why(attempts: int) -> None:
    settled = settle(attempts, DeliveryResponse(503), MORNING, 0.5)
    assert (settled.state, settled.next_attempt_at) == (DeliveryState.DEAD, None)
    assert settled.fault == "503: only a status of 2xx accepts a message."


def test_who_says_gone_is_believed_at_once() -> None:
    assert settle(1, DeliveryResponse(410), MORNING, 0.5).state is DeliveryState.DEAD


def test_each_pair_counts_once_and_there_must_be_some_and_not_too_many() -> None:
    pair = CountryPair("KAZ", None)
    assert checked_pairs([pair, CountryPair(None, "ISR"), pair]) == (pair, CountryPair(None, "ISR"))
    with pytest.raises(WebhookRefused, match="at least one pair"):
        checked_pairs([])
    with pytest.raises(WebhookRefused, match=f"send at most {MOST_PAIRS}"):
        checked_pairs([CountryPair(str(number), None) for number in range(MOST_PAIRS + 1)])

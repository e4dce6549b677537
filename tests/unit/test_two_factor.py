"""Codes of an authenticator app: right for half a minute, and a little before and after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from visalookup.services.accounts.two_factor import new_secret, provisioning_uri, time_step_of

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105 - "12345678901234567890" of RFC 6238, appendix B
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
"""The codes of RFC 6238, appendix B, for SHA-1: their last six digits."""


@pytest.mark.parametrize(("second", "code"), RFC_CODES.items())
def test_the_codes_of_the_standard_are_right_at_their_moments(second: int, code: str) -> None:
    now = datetime.fromtimestamp(second, UTC)
    assert time_step_of(RFC_SECRET, code, now) == second // 30
    assert time_step_of(RFC_SECRET, f"{code[:3]} {code[3:]}", now) == second // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    now = datetime.fromtimestamp(1111111110, UTC)
    drifts = {
        seconds: time_step_of(RFC_SECRET, "050471", now + timedelta(seconds=seconds))
        for seconds in (-31, -30, 0, 29, 30, 59, 60)
    }
    assert [seconds for seconds, step in drifts.items() if step is not None] == [-30, 0, 29, 30, 59]
    assert set(drifts.values()) == {None, 1111111110 // 30}


@pytest.mark.parametrize("code", ["", "000000", "50471", "0504711", "abcdef", "\u0660\u0665\u0660\u0664\u0667\u0661"])
def test_any_other_code_is_wrong(code: str) -> None:
    assert time_step_of(RFC_SECRET, code, datetime.fromtimestamp(1111111111, UTC)) is None


def test_each_secret_is_another_and_long_enough_for_the_standard() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(each) * 5 >= 160 for each in secrets)


def test_an_app_learns_the_secret_the_service_and_the_account() -> None:
    address = urlsplit(provisioning_uri(RFC_SECRET, "edith@visa.example"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert address.path == "/Visa%20Lookup:edith%40visa.example"
    assert parse_qs(address.query) == {"secret": [RFC_SECRET], "issuer": ["Visa Lookup"]}

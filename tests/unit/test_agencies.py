"""Agencies: names, how many keys, and lots of questions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visalookup.config import Settings, settings_from
from visalookup.domain.agencies.agency import (
    AgencyKey,
    KeyStatus,
    check_may_have_another,
    check_questions,
    check_title,
    next_day,
)
from visalookup.domain.errors import InvalidValue
from visalookup.rate_limits.allowances import Allowance, key_in
from visalookup.services.agencies.usage import UsageCounter

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_key_is_good_until_it_ends_and_never_after_it_was_revoked() -> None:
    endless = AgencyKey(1, "silk-road", "vla_abcdef", NOON)
    assert endless.status(NOON + timedelta(days=9999)) is KeyStatus.USABLE
    ending = AgencyKey(1, "silk-road", "vla_abcdef", NOON, expires_at=NOON + timedelta(days=1))
    assert ending.status(NOON + timedelta(hours=23)) is KeyStatus.USABLE
    assert ending.status(NOON + timedelta(days=1)) is KeyStatus.EXPIRED
    revoked = AgencyKey(1, "silk-road", "vla_abcdef", NOON, NOON + timedelta(days=1), revoked_at=NOON)
    assert revoked.status(NOON) is KeyStatus.REVOKED


def test_an_agency_rotates_between_two_keys_and_has_no_third() -> None:
    check_may_have_another(0, "silk-road")
    check_may_have_another(1, "silk-road")
    with pytest.raises(InvalidValue, match="revoke one first"):
        check_may_have_another(2, "silk-road")


@pytest.mark.parametrize("title", ["", "   ", "x" * 101, "Silk\x00Road"])
def test_a_title_that_no_page_could_show_is_refused(title: str) -> None:
    with pytest.raises(InvalidValue):
        check_title(title)


@pytest.mark.parametrize("number", [0, -1, 1_000_000_001])
def test_a_number_of_questions_that_cannot_be_is_refused(number: int) -> None:
    with pytest.raises(InvalidValue, match="a minute"):
        check_questions(number, "a minute")


def test_the_day_of_a_quota_is_one_of_utc() -> None:
    in_tokyo = datetime(2026, 11, 24, 8, tzinfo=timezone(timedelta(hours=9)))
    assert next_day(in_tokyo) == datetime(2026, 11, 24, tzinfo=UTC)
    assert next_day(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Bearer vla_abc", "vla_abc"),
        ("bearer vla_abc", "vla_abc"),
        ("Bearer  vla_abc ", "vla_abc"),
        ("Bearer vl_of-staff", None),
        ("Basic vla_abc", None),
        ("vla_abc", None),
        ("", None),
    ],
)
def test_a_key_is_told_from_what_else_may_stand_in_the_header(header: str, key: str | None) -> None:
    assert key_in(header) == key


@given(size=st.integers(0, 50), beyond=st.integers(0, 50))
def test_a_lot_deals_out_each_question_once_and_tells_how_many_remain(size: int, beyond: int) -> None:
    lot = Allowance(1000, beyond, NOON, iter(range(size - 1, -1, -1)))
    dealt = [lot.acquire(NOON - timedelta(seconds=1)) for _ in range(size + 1)]
    assert dealt == [*range(beyond + size - 1, beyond - 1, -1), None]


def test_nothing_is_dealt_out_of_a_lot_whose_minute_is_over() -> None:
    lot = Allowance(1000, 5, NOON, count())
    assert lot.acquire(NOON - timedelta(microseconds=1)) is not None
    assert lot.acquire(NOON) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RATE_LIMIT_ANONYMOUS", "0"),
        ("RATE_LIMIT_AGENCY", "many"),
        ("QUOTA_AGENCY", "-5"),
        ("RATE_LIMIT_STORAGE", "memcached://here"),
    ],
)
def test_a_setting_that_cannot_be_says_what_to_write(name: str, text: str) -> None:
    with pytest.raises(InvalidValue, match=rf"{name} .*; write "):
        settings_from({name: text})


def test_without_settings_an_address_may_ask_less_than_an_agency() -> None:
    assert Settings().rate_limit_anonymous < Settings().rate_limit_agency < Settings().quota_agency


def test_what_is_counted_is_kept_by_key_and_day_of_utc() -> None:
    counter = UsageCounter()
    counter.count(1, NOON, questions=1)
    counter.count(1, NOON, questions=99)
    counter.count(2, NOON + timedelta(days=1), questions=1)
    assert [(each.key_id, each.day.day, *asked) for each, asked in counter._unstored.items()] == [
        (1, 23, 2, 100),
        (2, 24, 1, 1),
    ]

"""What may be asked of a token, and how long it is good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import MORNING
from visalookup.domain.accounts.roles import Right, Role
from visalookup.domain.accounts.tokens import (
    LONGEST_DAYS,
    Token,
    TokenStatus,
    UnusableToken,
    checked_order,
    expiry,
    scopes_of,
)


def faults(name: str = "nightly import", scopes: tuple[str, ...] = ("read",), days: int = 90) -> dict[str, str]:
    """What is wrong with an order of an editor."""
    with pytest.raises(UnusableToken) as refused:
        checked_order(name, scopes, days, Role.EDITOR)
    return refused.value.faults


def token(**changed: object) -> Token:
    values = {"created_at": MORNING, "expires_at": MORNING + timedelta(days=1), **changed}
    return Token(1, "edith", "nightly", frozenset({Right.READ}), **values)  # type: ignore[arg-type]


def test_an_order_keeps_its_name_without_space_around_it_and_ends_after_so_many_days() -> None:
    order = checked_order("  nightly import ", ["propose", "read"], 30, Role.EDITOR)
    assert (order.name, order.scopes) == ("nightly import", frozenset({Right.READ, Right.PROPOSE}))
    assert expiry(order, MORNING) - MORNING == timedelta(days=30)


@pytest.mark.parametrize("days", [1, LONGEST_DAYS])
def test_a_token_lives_at_least_a_day_and_at_most_a_leap_year(days: int) -> None:
    assert checked_order("nightly", ["read"], days, Role.EDITOR).days == days


@pytest.mark.parametrize("days", [0, -1, LONGEST_DAYS + 1, 10**9])
def test_no_token_lives_for_ever_or_not_at_all(days: int) -> None:
    assert faults(days=days) == {"days": "Write 1 to 366 days."}


@pytest.mark.parametrize("name", ["", "   ", "-", "a\nb", "a\x00", "<script>", "x" * 61, "=1+1", "a\u202eb"])
def test_a_name_that_nobody_can_read_in_a_list_is_refused(name: str) -> None:
    assert list(faults(name=name)) == ["name"]


@pytest.mark.parametrize("name", ["n", "Ночной импорт", "import 2026-11: gazette/kz @office", "a.b_c"])
def test_a_name_may_be_in_any_script(name: str) -> None:
    assert checked_order(name, ["read"], 1, Role.EDITOR).name == name


def test_each_role_may_give_the_scopes_it_has_and_nobody_that_of_looking_after_accounts() -> None:
    assert scopes_of(Role.EDITOR) == (Right.READ, Right.PROPOSE)
    assert scopes_of(Role.PUBLISHER) == scopes_of(Role.ADMINISTRATOR) == (Right.READ, Right.PROPOSE, Right.PUBLISH)


@pytest.mark.parametrize("scopes", [(), ("publish",), ("read", "publish"), ("administer",), ("everything",)])
def test_a_token_that_could_do_more_than_its_owner_or_nothing_is_refused(scopes: tuple[str, ...]) -> None:
    assert list(faults(scopes=scopes)) == ["scopes"]
    assert "read, propose" in faults(scopes=scopes)["scopes"]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert list(faults("", (), 0)) == ["name", "scopes", "days"]


def test_a_token_is_good_until_the_instant_it_expires() -> None:
    end = token().expires_at
    assert token().status(end - timedelta(microseconds=1)) is TokenStatus.USABLE
    assert token().status(end) is TokenStatus.EXPIRED


def test_a_revoked_token_stays_revoked_whatever_the_hour() -> None:
    revoked = token(revoked_at=MORNING)
    assert revoked.status(MORNING) is revoked.status(MORNING + timedelta(days=9)) is TokenStatus.REVOKED

"""Which passwords members of staff may choose, and how they are kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from visalookup.domain.accounts.passwords import LONGEST, check_password
from visalookup.domain.errors import InvalidValue
from visalookup.services.accounts import passwords
from visalookup.services.accounts.passwords import check_against, hash_password

GOOD = "four words without sense"


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes that take no time, where what they cost does not matter."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._dummy_hash.cache_clear()
    yield
    passwords._dummy_hash.cache_clear()


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "Zwölf Zeichen!",
        "пароль из пяти слов",
        "correct horse battery stable",
        "k7#mQ2v!xR9z",
        "x" * 30 + "abcdefg hijk",
        "edith likes mountain goats",
    ],
)
def test_any_long_password_that_nobody_guesses_is_taken_whatever_its_characters(password: str) -> None:
    assert check_password(password, "edith")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "too short"),
        ("elevenchars", "too short"),
        ("x" * (LONGEST + 1), "too long"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("abcabcabcabcabc", "repeats"),
        ("Password123456", "commonest"),
        ("password password", "commonest"),
        ("Administrator1!", "commonest"),
        ("Correct Horse Battery Staple", "commonest"),
        ("visalookup2026", "commonest"),
        ("qwertyuiopas", "row of keys"),
        ("1234567890123", "row of keys"),
        ("abcdefghijklm", "row of keys"),
        ("edith-edith-edith", "made of the account's name"),
        ("edith.miller2026", "made of the account's name"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_and_told_why(password: str, why: str) -> None:
    with pytest.raises(InvalidValue, match=why) as refusal:
        check_password(password, "edith.miller")
    assert not password or password not in str(refusal.value)


def test_before_the_at_sign_of_an_address_is_a_name_too() -> None:
    with pytest.raises(InvalidValue, match="name"):
        check_password("montgomery-2026", "montgomery@visa.example")


def test_a_letter_typed_in_two_parts_is_the_letter_typed_as_one(quick_hashes: None) -> None:
    kept = hash_password(check_password("Zwo\u0308lf Zeichen!", "edith"))
    assert check_against(kept, "Zw\u00f6lf Zeichen!").is_correct


def test_what_is_kept_does_not_tell_the_password_and_is_never_the_same_twice(quick_hashes: None) -> None:
    kept, again = hash_password(GOOD), hash_password(GOOD)
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    assert kept != again


def test_only_the_right_password_is_right_to_the_last_character(quick_hashes: None) -> None:
    kept = hash_password(GOOD)
    assert check_against(kept, GOOD).is_correct
    for wrong in ("", GOOD.upper(), f"{GOOD} ", GOOD[:-1]):
        assert not check_against(kept, wrong).is_correct


def test_nobody_comes_in_without_a_password_on_record_even_with_that_of_nobody(quick_hashes: None) -> None:
    assert not check_against(None, "nobody's password").is_correct
    assert not check_against("not a hash", GOOD).is_correct


def test_a_hash_by_weaker_parameters_is_made_anew_when_the_password_comes_by() -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    assert check_against(weaker, "wrong").new_hash is None
    new_hash = check_against(weaker, GOOD).new_hash
    assert new_hash is not None
    assert check_against(new_hash, GOOD).is_correct
    assert check_against(new_hash, GOOD).new_hash is None

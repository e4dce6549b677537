"""Passwords that follow a row of keys, in either direction."""

from __future__ import annotations

import pytest

from visalookup.domain.accounts.passwords import SHORTEST, check_password
from visalookup.domain.errors import InvalidValue


@pytest.mark.parametrize(
    "row",
    [
        "abcdefghijkl",
        "opqrstuvwxyz",
        "012345678901",
        "1234567890qw",
        "hjklzxcvbnm",
        "qwertyuiop[]asd",
        "vbnm,./",
        "qwertzuiopasdf",
        "azertyuiopqsdf",
        "1qaz2wsx3edc4rf",
        "1q2w3e4r5t6y",
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_row_of_keys_is_guessed_in_either_direction(row: str, backwards: bool) -> None:
    password = row[::-1] if backwards else row
    with pytest.raises(InvalidValue) as refusal:
        check_password(password.ljust(SHORTEST), "edith")
    assert str(refusal.value) == (
        "The password follows the alphabet or a row of keys: choose another, such as four words without a connection."
    )

"""What an account may be called."""

from __future__ import annotations

import pytest

from visalookup.domain.accounts.names import check_account_name, check_display_name, typed_name
from visalookup.domain.errors import InvalidValue


@pytest.mark.parametrize("name", ["edith", "e.miller", "e_miller-2", "7", "edith.miller@visa.example", "a+b@c.d"])
def test_short_names_and_addresses_name_accounts(name: str) -> None:
    assert check_account_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "Edith", "edith miller", ".edith", "edith.", "e..m", "edith@", "@visa", "é", "edith\n", "a/b", "x" * 101],
)
def test_anything_else_is_refused_and_told_what_to_use(name: str) -> None:
    with pytest.raises(InvalidValue, match="use lower case letters"):
        check_account_name(name)


def test_who_types_a_name_with_capitals_and_blanks_means_the_same_account() -> None:
    assert typed_name("  Edith ") == "edith"


def test_a_display_name_is_what_people_are_called_in_any_script() -> None:
    assert check_display_name("  Édith   Миллер ") == "Édith Миллер"


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\u202eb"])
def test_a_display_name_is_neither_empty_nor_endless_nor_invisible(name: str) -> None:
    with pytest.raises(InvalidValue, match="1 to 100"):
        check_display_name(name)

"""What a provider says of somebody, and what that makes them here."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visalookup.domain.accounts.identities import NoRole, Person, free_name, person_of, says_enough, values_of
from visalookup.domain.accounts.names import check_account_name, check_display_name
from visalookup.domain.accounts.roles import Role

ROLES = {"visa-editors": Role.EDITOR, "visa-publishers": Role.PUBLISHER, "visa-admins": Role.ADMINISTRATOR}
WHO = {"iss": "https://id.example", "sub": "8f2c"}


def person(**claims: Any) -> Person:
    return person_of({**WHO, "roles": "visa-editors", **claims}, "roles", ROLES)


def test_the_claim_may_be_one_value_or_a_list_among_others_that_mean_nothing_here() -> None:
    assert person().role is Role.EDITOR
    assert person(roles=["canteen", "visa-publishers"]).role is Role.PUBLISHER


@pytest.mark.parametrize("values", [["visa-editors", "visa-admins"], ["visa-admins", "visa-editors"]])
def test_of_several_roles_the_highest_wins_in_whatever_order_they_come(values: list[str]) -> None:
    assert person(roles=values).role is Role.ADMINISTRATOR


@pytest.mark.parametrize(
    "value",
    [None, "", [], "administrator", ["canteen"], {"visa-admins": True}, 7, [["visa-admins"]], "VISA-ADMINS"],
)
def test_who_is_given_no_role_is_told_which_claim_was_looked_for_and_whom_to_ask(value: Any) -> None:
    with pytest.raises(NoRole) as refused:
        person(roles=value)
    assert "“roles”" in str(refused.value)
    assert "Ask an administrator" in str(refused.value)


def test_a_claim_within_another_is_found_along_its_dots_but_its_whole_name_comes_first() -> None:
    within = {"realm_access": {"roles": ["visa-editors"]}}
    assert values_of(within, "realm_access.roles") == ("visa-editors",)
    assert values_of({**within, "realm_access.roles": "visa-admins"}, "realm_access.roles") == ("visa-admins",)
    assert values_of({"https://id.example/roles": ["a"]}, "https://id.example/roles") == ("a",)
    assert values_of({"realm_access": "visa-admins"}, "realm_access.roles") == ()


@pytest.mark.parametrize(
    ("claims", "name", "display_name"),
    [
        ({"preferred_username": "boris", "email": "b@id.example", "name": "Boris B."}, "boris", "Boris B."),
        ({"email": "Boris.B@ID.example"}, "boris.b@id.example", "Boris.B@ID.example"),
        ({"preferred_username": "Zoë Müller"}, "zoe-muller", "Zoë Müller"),
        ({"preferred_username": "CORP\\boris"}, "corp-boris", "CORP\\boris"),
        ({"preferred_username": "..boris__b--"}, "boris_b", "..boris__b--"),
        ({"preferred_username": "Борис", "email": "boris@id.example"}, "member", "Борис"),
        ({"preferred_username": " ", "name": 7, "email": ["x"]}, "member", "Member of staff"),
        ({}, "member", "Member of staff"),
        ({"name": "A\x00B\n\u202eC"}, "member", "A B C"),
        ({"preferred_username": "x" * 200}, "x" * 60, "x" * 100),
    ],
)
def test_an_account_is_named_after_the_user_name_or_the_address(
    claims: dict[str, Any], name: str, display_name: str
) -> None:
    found = person(**claims)
    assert (found.wished_name, found.display_name) == (name, display_name)


@given(st.text(), st.text())
def test_whatever_the_provider_calls_somebody_the_account_has_a_name_that_accounts_may_have(
    user_name: str, name: str
) -> None:
    found = person(preferred_username=user_name, name=name)
    assert check_account_name(found.wished_name) == found.wished_name
    assert check_display_name(found.display_name) == found.display_name


def test_a_name_that_somebody_has_already_gets_a_number_before_the_host() -> None:
    assert free_name("boris", {"anna"}) == "boris"
    assert free_name("boris", {"boris", "boris-2"}) == "boris-3"
    assert free_name("boris@id.example", {"boris@id.example"}) == "boris-2@id.example"


def test_the_provider_is_asked_for_more_only_where_the_id_token_leaves_role_or_name_open() -> None:
    assert says_enough({"roles": "visa-editors", "email": "b@id.example"}, "roles")
    assert not says_enough({"roles": "visa-editors"}, "roles")
    assert not says_enough({"email": "b@id.example"}, "roles")

"""How whoever runs the service names the identity provider."""

from __future__ import annotations

import pytest

from visalookup.config import SingleSignOn, settings_from
from visalookup.domain.accounts.roles import Role
from visalookup.domain.errors import InvalidValue

GIVEN = {
    "OIDC_ISSUER": "https://id.example/",
    "OIDC_CLIENT_ID": "visa-lookup",
    "OIDC_CLIENT_SECRET": "hush",
    "OIDC_ROLES": "visa-editors=editor, visa-leads=publisher",
}


def given(**changed: str) -> SingleSignOn | None:
    return settings_from({**GIVEN, **changed}).staff.single_sign_on


def test_there_is_none_unless_an_issuer_is_named() -> None:
    assert settings_from({}).staff.single_sign_on is None
    assert given(OIDC_ISSUER="") is None


def test_each_value_of_the_claim_stands_for_a_role() -> None:
    found = given()
    assert found is not None
    assert found.issuer == "https://id.example"
    assert found.role_claim == "roles"
    assert found.roles == {"visa-editors": Role.EDITOR, "visa-leads": Role.PUBLISHER}


def test_the_secret_is_not_shown_where_the_settings_are_printed() -> None:
    assert "hush" not in repr(settings_from(GIVEN))


@pytest.mark.parametrize("name", ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES"])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(InvalidValue, match=name):
        given(**{name: ""})


@pytest.mark.parametrize("roles", ["visa-editors", "visa-editors=chief", "=editor", "a=editor,", ","])
def test_a_value_without_a_role_of_ours_is_refused(roles: str) -> None:
    with pytest.raises(InvalidValue, match="value=role"):
        given(OIDC_ROLES=roles)

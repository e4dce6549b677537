"""Agencies in the console: added, given keys and limits, and looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import MakeDatabase
from tests.contract.conftest import close_app
from tests.contract.html import Element, page_of
from tests.staff_app import StaffSite, open_site
from visalookup.domain.accounts.roles import Role

HOME = "/staff/agencies"
ONE = f"{HOME}/silk-road-travel"
ORDER = {"name": "silk-road-travel", "title": "Silk Road Travel"}


@pytest.fixture
def site(make_sqlite: MakeDatabase, loaded_sqlite_template: str) -> Iterator[StaffSite]:
    site = open_site(make_sqlite(loaded_sqlite_template))
    yield site
    close_app(site.app)


@pytest.fixture
def added(site: StaffSite) -> StaffSite:
    """With an agency."""
    response = site.client_of(Role.ADMINISTRATOR).post(HOME, ORDER, page=HOME)
    assert (response.status_code, response.headers["Location"]) == (303, ONE)
    return site


def do(site: StaffSite, action: str, status: int = 200, **given: str) -> Element:
    """What an administrator sees after pressing a button of the agency's page."""
    browser = site.client_of(Role.ADMINISTRATOR)
    response = browser.post(f"{ONE}/{action}", given, page=ONE)
    return page_of(browser.get(ONE) if response.status_code == 303 else response, status)


def test_an_agency_is_added_and_given_a_key_that_is_shown_once(added: StaffSite) -> None:
    page = do(added, "keys", days="30")
    secret = page.one("code", id="secret").text
    assert secret.startswith("vla_")
    again = added.client_of(Role.ADMINISTRATOR).get(ONE).get_data(as_text=True)
    assert secret not in again
    assert secret[:10] in again


def test_a_third_key_is_refused_with_what_to_do_and_a_revoked_one_makes_room(added: StaffSite) -> None:
    do(added, "keys")
    do(added, "keys")
    refused = do(added, "keys", 422)
    assert "revoke one first" in refused.one("div", role="alert").text
    assert "revoked" in do(added, "keys/1/revocation").one("section", **{"aria-labelledby": "keys"}).text
    assert do(added, "keys").one("code", id="secret").text


def test_what_was_typed_wrong_stays_in_the_form(added: StaffSite) -> None:
    page = do(added, "limits", 422, per_minute="many", per_day="5000")
    assert "whole number" in page.one("div", role="alert").text
    assert page.one("input", id="per_minute").attributes["value"] == "many"
    assert page.one("input", id="per_day").attributes["value"] == "5000"
    assert "600 questions a minute and 5,000 a day" in do(added, "limits", per_minute="600", per_day="5000").text
    assert "120,000 questions a minute" in do(added, "limits").text


def test_a_name_that_is_taken_or_cannot_be_is_told_and_nothing_typed_is_lost(added: StaffSite) -> None:
    browser = added.client_of(Role.ADMINISTRATOR)
    for name, said in (("silk-road-travel", "choose another name"), ("Silk Road", "lower case letters")):
        response = browser.post(HOME, {"name": name, "title": "Another"}, page=HOME)
        page = page_of(response, 422)
        assert said in page.one("div", role="alert").text
        assert page.one("input", id="name").attributes["value"] == name
        assert page.one("input", id="title").attributes["value"] == "Another"


def test_a_disabled_agency_is_let_in_again(added: StaffSite) -> None:
    key = do(added, "keys").one("code", id="secret").text
    asked = "/api/v1/requirements?passport=KAZ&destination=ISR"
    headers = {"Authorization": f"Bearer {key}"}
    assert "none of its keys is valid" in do(added, "disable").text
    assert added.app.test_client().get(asked, headers=headers).status_code == 401
    assert "valid again" in do(added, "enable").text
    assert added.app.test_client().get(asked, headers=headers).status_code == 200


def test_everybody_sees_what_each_key_asked_also_as_csv(added: StaffSite) -> None:
    key = do(added, "keys").one("code", id="secret").text
    for _ in range(3):
        added.app.test_client().get("/api/v1/places", headers={"Authorization": f"Bearer {key}"})
    editor = added.client_of(Role.EDITOR)
    page = page_of(editor.get(ONE))
    assert [each.text for each in page.one("section", **{"aria-labelledby": "usage"}).all("td")] == [
        key[:10],
        "3",
        "3",
    ]
    assert "Make a key" not in page.text
    exported = editor.get(f"{HOME}/usage.csv")
    assert exported.mimetype == "text/csv"
    assert exported.get_data(as_text=True).splitlines()[1] == f"2026-11-23,silk-road-travel,{key[:10]},3,3"


def test_an_agency_that_is_not_there_is_said_not_to_be(added: StaffSite) -> None:
    browser = added.client_of(Role.ADMINISTRATOR)
    response = browser.get(f"{HOME}/nobody")
    assert "no agency" in page_of(response, 404).one("div", role="alert").text
    assert browser.post(f"{ONE}/keys/99/revocation", {}, page=ONE).status_code == 404

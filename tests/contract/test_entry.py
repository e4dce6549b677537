"""What a destination asks of every visitor, in answers and on pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.contract.conftest import Api
from tests.contract.html import Element, page_of


def shown(client: FlaskClient, path: str) -> Element:
    """The page at a path."""
    return page_of(client.get(path))


def links(page: Element) -> set[str]:
    return {link.attributes["href"] for link in page.all("a")}


def test_an_answer_states_passport_conditions_and_how_to_apply_each_with_its_source(api: Api) -> None:
    entry = api.ask("FRA", "KEN", on="2027-01-10")["entry"]
    passport, (fever,), (way,) = entry["passport"], entry["conditions"], entry["how_to_apply"]
    assert passport["validity"] == {"beyond": "entry", "months": 6, "days": None}
    assert passport["blank_pages"] == 2
    assert (
        passport["sentence"] == "Your passport must be valid for six months after you arrive and have two blank pages."
    )
    assert (fever["kind"], fever["concerns"]) == ("yellow_fever", "from_risk_countries")
    assert (way["requirement"], way["url"]) == ("eta", "https://www.etakenya.go.ke/")
    assert way["fee"] == {"amount": "30", "currency": "USD", "on": "2024-01-02"}
    for fact in (passport, fever, way):
        assert fact["source"]["url"].startswith("https://")
        assert fact["verification"]["level"] == "secondary"


@pytest.mark.parametrize(
    ("passport", "destination"),
    [("DEU", "FRA"), ("KEN", "KEN"), ("FRA", "KAZ")],
    ids=["free-movement", "own-country", "nothing-known"],
)
def test_where_nothing_is_asked_or_known_it_is_null(api: Api, passport: str, destination: str) -> None:
    assert api.ask(passport, destination, on="2027-01-10")["entry"] is None


def test_the_rule_of_a_bloc_holds_in_its_members(api: Api) -> None:
    for code in ("FRA", "ISL", "BGR"):
        passport = api.ask("USA", code, on="2027-01-10")["entry"]["passport"]
        assert passport["validity"] == {"beyond": "departure", "months": 3, "days": None}
        assert passport["issued_within_years"] == 10


def test_a_way_to_apply_is_named_for_what_the_answer_offers(api: Api) -> None:
    offered = api.ask("USA", "AZE", on="2027-01-10")
    assert offered["requirement"] == "e_visa"
    assert [way["url"] for way in offered["entry"]["how_to_apply"]] == ["https://evisa.gov.az/"]
    assert api.ask("KAZ", "AZE", on="2027-01-10")["entry"] is None


def test_several_passports_and_batches_state_it_for_each(api: Api) -> None:
    best = api.ask(["DEU", "USA"], "FRA", on="2027-01-10")
    assert best["entry"] is None
    assert best["other_passports"][0]["entry"]["passport"]["issued_within_years"] == 10
    (answer,) = api.batch({"passport": "USA", "destination": "FRA", "on": "2027-01-10"})
    assert answer["entry"] == best["other_passports"][0]["entry"]


def test_the_page_of_an_answer_shows_it_with_source_and_doubt(client: FlaskClient) -> None:
    page = shown(client, "/visa/FRA/THA?on=2027-01-10")
    assert "What you need at check-in" in page.text
    assert "Thailand Digital Arrival Card" in page.text
    assert "https://tdac.immigration.go.th/" in links(page)
    kenya = shown(client, "/visa/FRA/KEN?on=2027-01-10")
    assert "valid for six months after you arrive and have two blank pages" in kenya.text
    assert "30 USD (as of 2 January 2024)" in kenya.text
    assert "Check again before you travel" in kenya.text


def test_the_page_of_an_answer_without_it_has_no_such_part(client: FlaskClient) -> None:
    assert "What you need at check-in" not in shown(client, "/visa/DEU/FRA").text


def test_the_page_of_a_destination_shows_all_of_it(client: FlaskClient) -> None:
    page = shown(client, "/destinations/AZE")
    assert "What you need at check-in" in page.text
    assert "https://evisa.gov.az/" in links(page)


def test_an_authorisation_that_an_instrument_of_its_own_asks_for_has_its_address(api: Api) -> None:
    found = api.ask("USA", "GBR", on="2027-01-10")
    assert found["requirement"] == "eta"
    (way,) = found["entry"]["how_to_apply"]
    assert way["url"].startswith("https://www.gov.uk/")

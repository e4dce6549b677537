"""Dates of rules on pages and in JSON, as a traveller and an agency meet them."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.contract.conftest import Json
from tests.contract.html import page_of


def ask(client: FlaskClient, passport: str, destination: str, on: str, **more: str) -> Json:
    query = {"passport": passport, "destination": destination, "on": on, **more}
    response = client.get("/api/v1/requirements", query_string=query)
    assert response.status_code == 200
    found: Json = response.get_json()
    return found


def test_an_answer_says_on_which_days_its_rule_holds(client: FlaskClient) -> None:
    answer = ask(client, "MYS", "CHN", "2024-12-01")
    assert (answer["applies_from"], answer["applies_until"], answer["stay"]["days"]) == ("2024-11-30", None, 30)
    assert answer["verification"]["covers_day"] is True
    before = ask(client, "MYS", "CHN", "2024-11-29")
    assert (before["applies_from"], before["applies_until"], before["stay"]["days"]) == (None, "2024-11-29", 15)
    assert before["next_change"]["from"] == "2024-11-29T16:00:00Z"
    assert [pending["effective_from"] for pending in before["pending"] if pending["applies_from"]] == ["2024-11-30"]


def test_an_answer_without_dates_has_the_members_and_they_are_null(client: FlaskClient) -> None:
    answer = ask(client, "USA", "DEU", "2026-11-23")
    assert (answer["applies_from"], answer["applies_until"]) == (None, None)
    assert answer["verification"]["covers_day"] is True


def test_what_was_read_in_a_later_text_is_unverified_for_the_day(client: FlaskClient) -> None:
    answer = ask(client, "USA", "HRV", "2022-06-01")
    assert answer["regime"]["id"] == "eu-visa-lists-before-schengen"
    assert answer["verification"] == {"level": "unverified", "verified_on": None, "stale": True, "covers_day": False}


def test_the_page_of_an_answer_says_so_too(client: FlaskClient) -> None:
    page = page_of(client.get("/visa/USA/HRV?on=2022-06-01"))
    assert "The text we read is later than 1 June 2022" in page.text
    dated = page_of(client.get("/visa/MYS/CHN?on=2024-12-01"))
    assert "By its own dates this holds from 30 November 2024." in dated.text


def test_the_page_and_the_json_of_a_regime_show_the_dates_of_its_lists(client: FlaskClient) -> None:
    page = page_of(client.get("/regimes/chn-visa-mys-2023"))
    assert "until 29 November 2024" in page.text
    rules = client.get("/api/v1/regimes/chn-visa-mys-2023").get_json()["rules"]
    assert {(rule["applies_from"], rule["applies_until"]) for rule in rules} == {
        ("2024-11-30", None),
        (None, "2024-11-29"),
    }

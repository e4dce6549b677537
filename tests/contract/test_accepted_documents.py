"""Whether a document is accepted at all, on the real data: passports, identity cards and refugees' documents."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.contract.conftest import Api, Json
from tests.contract.html import page_of

CARD = {"document": "national_id_card"}
REFUGEE = {"document": "refugee_1951"}


def asked(api: Api, pair: str, **circumstances: str) -> Json:
    passport, destination = pair.split("-")
    return api.ask(passport, destination, **circumstances)


@pytest.mark.parametrize(
    ("pair", "circumstances", "instead"),
    [
        ("GBN-CHN", {}, "Mainland Travel Permit"),
        ("GBN-HKG", {}, "Hong Kong permanent identity card"),
        ("HKG-CHN", {}, "Mainland Travel Permit for Hong Kong and Macao Residents"),
        ("TWN-CHN", {}, "Mainland Travel Permit for Taiwan Residents"),
        ("TWN-GEO", {}, "another nationality"),
        ("DEU-JEY", CARD, "a passport"),
        ("DEU-GBR", CARD, "a passport and, since 2 April 2025, an electronic travel authorisation (ETA)"),
        ("CHE-GBR", CARD, "a passport"),
        ("DEU-MAR", CARD, "a passport"),
        ("DEU-JOR", CARD, "a passport"),
        ("DEU-TUN", CARD, "a passport"),
        ("FRA-TUN", CARD, "a passport"),
        ("AUT-TUR", CARD, "a passport"),
        ("FRA-FRO", CARD, "a passport"),
        ("DEU-USA", CARD, "a passport"),
    ],
)
def test_a_document_that_is_not_accepted_is_answered_with_another(
    api: Api, pair: str, circumstances: dict[str, str], instead: str
) -> None:
    answer = asked(api, pair, **circumstances)
    assert (answer["answer"], answer["requirement"]) == ("document_not_accepted", "document_not_accepted")
    assert answer["sentence"].startswith("Not accepted. ")
    assert instead in answer["use_instead"]
    assert answer["sentence"].endswith(f" Travel with {answer['use_instead']}.")
    assert "visa" not in answer["sentence"]
    assert answer["sources"]


@pytest.mark.parametrize(
    ("pair", "circumstances", "day_before", "first_day"),
    [
        ("GBN-CHN", {}, "2021-01-30", "2021-01-31"),
        ("GBN-HKG", {}, "2021-01-30", "2021-01-31"),
        ("DEU-GBR", CARD, "2021-09-30", "2021-10-01"),
        ("FRA-TUN", CARD, "2024-12-31", "2025-01-01"),
    ],
)
def test_it_is_so_since_a_day(
    api: Api, pair: str, circumstances: dict[str, str], day_before: str, first_day: str
) -> None:
    assert asked(api, pair, on=first_day, **circumstances)["answer"] == "document_not_accepted"
    assert asked(api, pair, on=day_before, **circumstances)["answer"] != "document_not_accepted"


def test_who_lives_in_the_united_kingdom_may_still_use_the_card(api: Api) -> None:
    [settled] = asked(api, "DEU-GBR", **CARD)["also_applies"]
    assert settled["requirement"] == "visa_free"
    assert [condition["kind"] for condition in settled["conditions"]] == ["holds_residence"]


@pytest.mark.parametrize(
    ("pair", "requirement"),
    [
        ("DEU-MDA", "visa_free"),
        ("ROU-MDA", "visa_free"),
        ("DEU-EGY", "visa_on_arrival"),
        ("ITA-EGY", "visa_on_arrival"),
        ("FRA-EGY", "visa_on_arrival"),
        ("DEU-TUR", "visa_free"),
        ("DEU-GEO", "visa_free"),
        ("UKR-GEO", "visa_free"),
        ("DEU-ALB", "visa_free"),
        ("DEU-SRB", "visa_free"),
        ("DEU-FRO", "visa_free"),
        ("DEU-IRL", "freedom_of_movement"),
        ("CHE-DEU", "freedom_of_movement"),
        ("ARE-OMN", "freedom_of_movement"),
        ("KGZ-UZB", "visa_free"),
        ("COL-PER", "visa_free"),
        ("BIH-SRB", "visa_free"),
        ("SRB-BIH", "visa_free"),
        ("TUR-GEO", "visa_free"),
        ("RUS-BLR", "visa_free"),
        ("MAC-HKG", "visa_free"),
    ],
)
def test_an_identity_card_that_a_source_names_is_accepted(api: Api, pair: str, requirement: str) -> None:
    assert asked(api, pair, **CARD)["requirement"] == requirement


def test_a_card_in_egypt_needs_two_photographs(api: Api) -> None:
    texts = [condition["text"] for condition in asked(api, "DEU-EGY", **CARD)["conditions"]]
    assert "You bring two biometric photographs for the entry card." in texts


@pytest.mark.parametrize("pair", ["DEU-AUS", "DEU-JPN", "KAZ-CHN", "AFG-LAO", "CAN-USA", "FRA-GRL"])
def test_a_card_of_which_nothing_is_known_is_no_question_of_a_visa(api: Api, pair: str) -> None:
    answer = asked(api, pair, **CARD)
    assert (answer["answer"], answer["requirement"], answer["use_instead"]) == ("unknown", None, None)
    assert "accepts a national identity card of" in answer["sentence"]
    assert answer["sentence"].endswith("; travel with a passport.")
    assert answer["authority"] is not None


@pytest.mark.parametrize("destination", ["BLR", "USA", "CHN", "BRA", "ARG", "KEN", "THA"])
def test_no_card_is_ever_answered_with_a_visa_by_what_everybody_needs(api: Api, destination: str) -> None:
    view = api.get(f"/api/v1/destinations/{destination}/requirements", document="national_id_card")
    needs = {answer["passport"]["code"] for answer in view["requirements"] if answer["requirement"] == "visa_required"}
    assert needs <= {place["code"] for place in api.get("/api/v1/places")["places"] if place["kind"] == "document"}


@pytest.mark.parametrize(
    ("pair", "circumstances"),
    [
        ("GBR-DEU", REFUGEE),
        ("USA-DEU", REFUGEE),
        ("GBR-DEU", {"document": "stateless_1954"}),
        ("IRL-DEU", REFUGEE),
        ("IRL-NOR", REFUGEE),
        ("CHE-FRA", REFUGEE),
        ("FRA-DEU", {"document": "stateless_1954"}),
    ],
)
def test_refugees_are_exempt_by_the_state_that_issued_their_document(
    api: Api, pair: str, circumstances: dict[str, str]
) -> None:
    answer = asked(api, pair, **circumstances)
    assert answer["requirement"] == "visa_free"
    assert (answer["stay"]["days"], answer["stay"]["within_days"]) == (90, 180)
    assert answer["conditions"]


@pytest.mark.parametrize("pair", ["GBR-FRA", "GBR-NOR", "IRL-FRA", "TUR-DEU", "HKG-DEU"])
def test_an_exemption_of_one_state_is_none_of_its_neighbours(api: Api, pair: str) -> None:
    assert asked(api, pair, **REFUGEE)["requirement"] == "visa_required"


def test_ireland_has_suspended_what_it_granted_to_refugees(api: Api) -> None:
    answer = asked(api, "DEU-IRL", **REFUGEE)
    assert answer["requirement"] == "visa_required"
    assert [ended["regime"]["status"] for ended in answer["ended"]] == ["suspended"]
    assert asked(api, "DEU-IRL", on="2022-07-19T10:00:00Z", **REFUGEE)["answer"] == "no"


def test_the_page_says_that_the_document_is_not_accepted(client: FlaskClient) -> None:
    page = page_of(client.get("/visa/DEU/GBR?document=national_id_card"))
    assert "Document not accepted" in page.text
    assert "Travel with a passport" in page.text


def test_a_trip_uses_the_passport_and_not_the_card(api: Api) -> None:
    documents = [{"passport": "DEU", "document": "national_id_card"}, {"passport": "DEU", "document": "ordinary"}]
    trip = {
        "travellers": [{"label": "A", "documents": documents}],
        "legs": [{"from": "DEU", "to": "GBR", "arrival": "2026-12-10", "departure": "2026-12-14"}],
    }
    response = api.client.post("/api/v1/trips", json=trip)
    assert response.status_code == 200, response.get_data(as_text=True)
    [traveller] = response.get_json()["travellers"]
    assert traveller["best_document"] == 1

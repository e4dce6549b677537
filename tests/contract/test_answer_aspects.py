"""What must be shown: each line of the table that the service was ordered with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

from tests.contract.conftest import Api, Json, build_app, close_app
from tests.contract.html import Element, page_of

PROMISE = re.compile(r"visa[-_ ]free|no visa|without a visa|waive|memorandum|agreement", re.IGNORECASE)


def without_what_is_pending(page: Element) -> Element:
    """A page of an answer without its one section on what is announced."""
    section = page.one("section", class_="pending")
    assert section.one("h2").text == "Announced, but not in force"
    return page.without(section)


def test_a_kazakhstan_passport_needs_a_visa_for_israel_today(api: Api) -> None:
    answer = api.ask("KAZ", "ISR")
    assert answer["answer"] == "yes"
    assert answer["on"] == "2026-11-23"


def test_the_memorandum_of_2026_is_pending_with_anadolu_agency_as_its_source(api: Api) -> None:
    (noted,) = (each for each in api.ask("KAZ", "ISR")["pending"] if each["regime"]["id"] == "kaz-isr-2026")
    assert noted["regime"]["status"] == "memorandum_of_intent"
    assert noted["regime"]["status_since"] == "2026-01-27"
    assert noted["requirement"] == "visa_free"
    assert noted["effective_from"] is None
    assert [(each["publisher"], each["published_on"]) for each in noted["sources"]] == [
        ("Anadolu Agency", "2026-01-28")
    ]
    assert "27 January 2026" in noted["sentence"]
    assert "It is not in force: do not travel without a visa because of it." in noted["sentence"]


def test_outside_pending_the_json_holds_no_word_that_suggests_a_visa_waiver(api: Api) -> None:
    answer = api.ask("KAZ", "ISR")
    rest = {name: value for name, value in answer.items() if name != "pending"}
    assert not PROMISE.search(json.dumps(rest))


def test_every_pending_sentence_says_that_it_is_not_in_force(api: Api) -> None:
    pending = api.ask("KAZ", "ISR")["pending"]
    assert pending
    for noted in pending:
        assert "It is not in force" in noted["sentence"]
        assert noted["regime"]["status"] == "memorandum_of_intent"
        assert "in_force_from" not in noted["regime"]


def test_outside_its_notice_the_page_holds_no_word_that_suggests_a_visa_waiver(client: FlaskClient) -> None:
    page = page_of(client.get("/visa/KAZ/ISR"))
    rest = without_what_is_pending(page)
    assert not PROMISE.search(rest.text)
    descriptions = [each.attributes["content"] for each in page.all("meta", name="description")]
    assert not PROMISE.search(" ".join(descriptions))


def test_the_page_calls_the_memorandum_not_in_force_and_names_its_source(client: FlaskClient) -> None:
    notice = page_of(client.get("/visa/KAZ/ISR")).one("section", class_="pending")
    assert "A memorandum of intent on visa-free travel was signed on 27 January 2026." in notice.text
    assert "Anadolu Agency, 28 January 2026" in notice.text
    assert [each.text for each in notice.all("span", class_="tag")] == ["Not in force"] * len(
        notice.all("div", class_="rule-item")
    )


@pytest.mark.parametrize("path", ["/visa/KAZ/ISR", "/regimes/kaz-isr-2026"])
def test_no_page_calls_the_memorandum_an_agreement(client: FlaskClient, path: str) -> None:
    page = page_of(client.get(path)).one("main")
    notes = [*page.all("p", class_="source"), *page.all("p", class_="note"), *page.all("aside")]
    assert "memorandum of intent" in page.text.lower()
    assert "agreement" not in page.without(*notes).text.lower()


def test_the_regime_page_of_the_memorandum_warns_that_it_changes_no_answer(client: FlaskClient) -> None:
    page = page_of(client.get("/regimes/kaz-isr-2026"))
    assert page.one("p", class_="warning").text == "This regime is not in force today. It changes no answer."


def test_the_view_of_the_passport_files_israel_under_visa_required(api: Api) -> None:
    rows = api.get("/api/v1/passports/KAZ/requirements")["requirements"]
    (row,) = (each for each in rows if each["destination"]["code"] == "ISR")
    assert row["answer"] == "yes"
    assert "kaz-isr-2026" in row["pending"]


def test_an_israel_passport_needs_no_visa_for_kazakhstan_for_thirty_days(api: Api) -> None:
    answer = api.ask("ISR", "KAZ")
    assert answer["answer"] == "no"
    assert answer["requirement"] == "visa_free"
    assert answer["stay"]["days"] == 30
    assert answer["regime"]["id"] == "isr-kaz-2017"


def test_a_diplomatic_passport_of_kazakhstan_travels_under_the_agreement_of_2009(api: Api) -> None:
    answer = api.ask("KAZ", "ISR", document="diplomatic")
    assert answer["answer"] == "no"
    assert answer["regime"]["id"] == "kaz-isr-2009"
    assert answer["regime"]["kind"] == "bilateral_agreement"
    assert answer["regime"]["status"] == "in_force"
    assert answer["regime"]["in_force_from"] == "2010-05-11"


def test_morocco_to_azerbaijan_signed_in_may_2024_needs_a_visa_in_june(api: Api) -> None:
    answer = api.ask("MAR", "AZE", on="2024-06-15")
    assert answer["answer"] == "yes"
    (noted,) = answer["pending"]
    assert noted["regime"]["id"] == "mar-aze-2024"
    assert noted["regime"]["status"] == "signed"
    assert noted["effective_from"] == "2024-08-28"
    assert answer["next_change"]["requirement"] == "visa_free"


def test_morocco_to_azerbaijan_is_visa_free_in_september_2024(api: Api) -> None:
    answer = api.ask("MAR", "AZE", on="2024-09-01")
    assert (answer["answer"], answer["requirement"]) == ("no", "visa_free")
    assert answer["regime"]["in_force_from"] == "2024-08-28"
    assert answer["pending"] == []


@pytest.mark.parametrize("on", ["2024-05-04", "2024-08-27"])
def test_the_agreement_of_morocco_and_azerbaijan_spares_nobody_a_visa_before_it_is_in_force(api: Api, on: str) -> None:
    assert api.ask("MAR", "AZE", on=on)["answer"] == "yes"


def test_the_day_the_agreement_of_morocco_and_azerbaijan_takes_effect_is_visa_free(api: Api) -> None:
    assert api.ask("MAR", "AZE", on="2024-08-28")["requirement"] == "visa_free"


def test_a_minute_before_three_in_london_jordan_travels_with_an_eta(api: Api) -> None:
    answer = api.ask("JOR", "GBR", on="2024-09-10T13:59:00Z")
    assert (answer["answer"], answer["requirement"]) == ("no", "eta")


def test_from_three_in_london_jordan_needs_a_visa(api: Api) -> None:
    answer = api.ask("JOR", "GBR", on="2024-09-10T14:00:00Z")
    assert (answer["answer"], answer["requirement"]) == ("yes", "visa_required")
    (ended,) = answer["ended"]
    assert ended["regime"]["id"] == "jor-gbr-eta-2024"
    assert ended["transition"]["until"] == "2024-10-08"
    assert ended["transition"]["runs"] is True


def test_the_same_hour_may_be_asked_for_by_the_clock_of_amman(api: Api) -> None:
    assert api.ask("JOR", "GBR", on="2024-09-10T16:59:00+03:00")["requirement"] == "eta"
    assert api.ask("JOR", "GBR", on="2024-09-10T17:00:00+03:00")["requirement"] == "visa_required"


def test_the_day_of_the_change_gets_its_strictest_answer_and_both_hours(api: Api) -> None:
    answer = api.ask("JOR", "GBR", on="2024-09-10")
    assert answer["answer"] == "yes"
    assert [each["requirement"] for each in answer["during_day"]] == ["eta", "visa_required"]
    assert answer["during_day"][1]["from"] == "2024-09-10T14:00:00Z"


def test_france_to_germany_is_freedom_of_movement(api: Api) -> None:
    answer = api.ask("FRA", "DEU")
    assert (answer["answer"], answer["requirement"]) == ("no", "freedom_of_movement")


def test_nobody_needs_a_visa_for_their_own_country(api: Api) -> None:
    answer = api.ask("KAZ", "KAZ")
    assert answer["answer"] == "no"
    assert answer["basis"] == "own_country"
    assert answer["requirement"] is None
    assert "own country" in answer["sentence"]
    assert answer["sources"]


@pytest.mark.parametrize("said", ["KAZ", "KZ", "kz", "kazakhstan", " Kazakhstan ", "Казахстан", "Қазақстан", "קזחסטן"])
def test_kazakhstan_is_understood_by_code_and_in_many_languages(api: Api, said: str) -> None:
    assert api.ask(said, "Israel")["passport"] == {"code": "KAZ", "name": "Kazakhstan"}


def test_a_slip_of_the_pen_is_refused_with_what_was_meant(api: Api) -> None:
    problem = api.refuses(422, "/api/v1/requirements?passport=Kazakstan&destination=ISR")
    (error,) = problem["errors"]
    assert error["field"] == "passport"
    assert error["value"] == "Kazakstan"
    assert error["suggestions"][0] == {"code": "KAZ", "name": "Kazakhstan"}
    assert "did you mean Kazakhstan (KAZ)" in error["detail"]


BATCH = "/api/v1/requirements/batch"
PAIR = {"passport": "KAZ", "destination": "ISR"}

REFUSED: list[Any] = [
    pytest.param(422, "/api/v1/requirements?passport=KAZ&destination=ISR&visum=1", {}, id="unknown parameter"),
    pytest.param(422, "/api/v1/requirements?passport=KAZ&destination=ISR&on=3.3.2027", {}, id="bad date"),
    pytest.param(422, "/api/v1/requirements?passport=KAZ", {}, id="missing destination"),
    pytest.param(
        422, BATCH, {"method": "POST", "json": {"queries": [PAIR] * 10_001}}, id="ten thousand and one questions"
    ),
    pytest.param(
        413,
        BATCH,
        {"method": "POST", "data": b" " * 10_000_000, "content_type": "application/json"},
        id="ten megabytes",
    ),
    pytest.param(415, BATCH, {"method": "POST", "data": "passport=KAZ&destination=ISR"}, id="no content type"),
    pytest.param(415, BATCH, {"method": "POST", "data": {"passport": "KAZ"}}, id="a form where JSON is asked for"),
]


@pytest.mark.parametrize(("status", "path", "request_"), REFUSED)
def test_what_cannot_be_answered_is_refused_with_advice(api: Api, status: int, path: str, request_: Json) -> None:
    api.refuses(status, path, **request_)


def test_an_unknown_parameter_is_named_beside_those_there_are(api: Api) -> None:
    problem = api.refuses(422, "/api/v1/requirements?passport=KAZ&destination=ISR&dokument=diplomatic")
    (error,) = problem["errors"]
    assert error["field"] == "dokument"
    assert "document" in error["detail"]


def test_ten_thousand_questions_are_answered_at_once(api: Api) -> None:
    answers = api.batch(*[PAIR] * 10_000)
    assert len(answers) == 10_000
    assert answers[-1]["answer"] == "yes"


@pytest.fixture
def on_postgres(loaded_postgres_url: str) -> Iterator[Api]:
    """The JSON interface on a real PostgreSQL that holds the real data."""
    assert make_url(loaded_postgres_url).get_backend_name() == "postgresql"
    app = build_app(loaded_postgres_url)
    yield Api(app.test_client())
    close_app(app)


def test_postgresql_and_sqlite_give_the_same_answers(api: Api, on_postgres: Api) -> None:
    for passport, destination in [("KAZ", "ISR"), ("ISR", "KAZ"), ("MAR", "AZE"), ("JOR", "GBR"), ("FRA", "DEU")]:
        assert on_postgres.ask(passport, destination) == api.ask(passport, destination)
    for path in ("/api/v1/places", "/api/v1/regimes", "/api/v1/regimes/kaz-isr-2026", "/api/v1/changes"):
        assert on_postgres.get(path) == api.get(path)

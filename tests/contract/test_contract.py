"""The JSON contract: every member by name and type, and how the addresses behave for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.contract.conftest import Api, Json, assert_declared, assert_problem
from visalookup.api.v1.lookup.responses.answers import LookupResultJson
from visalookup.api.v1.lookup.responses.changes import ChangesJson
from visalookup.api.v1.lookup.responses.places import PlacesJson
from visalookup.api.v1.lookup.responses.regimes import RegimeJson, RegimesJson
from visalookup.api.v1.lookup.responses.views import ViewJson

PROMISED = """
Answer: also_applies answer as_of authority basis conditions destination document during_day ended links next_change
Answer: note on passport pending regime requirement revision sentence sources stay stay_days stay_too_short
Answer: use_instead verification
Applied: conditions note regime requirement sources stay use_instead verification
Ended: conditions regime requirement sentence sources stay transition use_instead
Pending: conditions effective_from regime requirement sentence sources stay use_instead
RegimeInEffect: id in_force_from in_force_from_attested kind status title
RegimeNoted: id kind status status_since title
VerdictAt: answer from regime requirement stay
Condition: kind text
Links: page regime self
PlaceRef: code name
Source: accessed_on kind published_on publisher state_on title url
Stay: days months total unlimited within_days
Verification: level stale verified_on
"""
"""Members that clients rely on, by the schema that has them. Add to it, and take nothing away."""
ANSWER_OF = {
    None: "unknown",
    "freedom_of_movement": "no",
    "visa_free": "no",
    "eta": "no",
    "visa_on_arrival": "yes",
    "e_visa": "yes",
    "visa_required": "yes",
    "document_not_accepted": "document_not_accepted",
    "no_admission": "not_admitted",
}
"""The short answer to each requirement."""


QUESTIONS: list[Json] = [
    {"passport": "KAZ", "destination": "ISR"},
    {"passport": "ISR", "destination": "KAZ", "stay_days": "20"},
    {"passport": "KAZ", "destination": "ISR", "document": "service"},
    {"passport": "MAR", "destination": "AZE", "on": "2024-06-15"},
    {"passport": "JOR", "destination": "GBR", "on": "2024-09-10"},
    {"passport": "JOR", "destination": "GBR", "on": "2024-09-20T12:00:00Z"},
    {"passport": "FRA", "destination": "DEU", "document": "national_id_card"},
    {"passport": "KAZ", "destination": "KAZ"},
    {"passport": "KAZ", "destination": "GRL"},
    {"passport": "XXB", "destination": "DEU"},
    {"passport": "IRN", "destination": "USA"},
    {"passport": "GBN", "destination": "GBR", "lang": "en"},
    {"passport": "KAZ", "destination": "ISR", "as_of": "2026-11-23T09:00:00Z"},
]


def question_id(question: Json) -> str:
    return " ".join(question.values())


@pytest.mark.parametrize("question", QUESTIONS, ids=question_id)
def test_an_answer_is_as_declared(api: Api, question: Json) -> None:
    assert_declared(api.ask(**question), LookupResultJson)


def test_the_answers_to_thousands_of_pairs_are_as_declared(api: Api) -> None:
    places = api.get("/api/v1/places")["places"]
    passports = [place["code"] for place in places if place["issues_documents"]][::9]
    destinations = [place["code"] for place in places if place["can_be_entered"]][::3]
    queries = [{"passport": passport, "destination": to} for passport in passports for to in destinations]
    assert len(api.batch(*queries, {"passport": "KAZ", "destination": "Isreal"})) == len(queries) + 1


@pytest.mark.parametrize("promise", PROMISED.strip().splitlines())
def test_every_promised_member_is_declared_as_always_there(api: Api, promise: str) -> None:
    name, _, members = promise.partition(": ")
    assert set(members.split()) <= set(api.get("/openapi.json")["components"]["schemas"][name]["required"])


@pytest.mark.parametrize("question", QUESTIONS, ids=question_id)
def test_an_answer_has_a_source_or_says_that_it_does_not_know(api: Api, question: Json) -> None:
    assert_is_sourced(api.ask(**question))


def assert_is_sourced(row: Json) -> None:
    """An answer, or a row of a view, has a source and a verification, or is unknown and has neither."""
    known = row["answer"] != "unknown"
    assert bool(row["sources"]) is known
    assert (row["verification"] is not None) is known
    assert (row["regime"] is not None) is (row["basis"] == "rule")
    if row["basis"] != "own_country":
        assert row["answer"] == ANSWER_OF[row["requirement"]]


@pytest.mark.parametrize("passport", ["KAZ", "ISR", "FRA", "USA", "XKX", "XXB", "GBN", "JOR", "MAR"])
def test_every_row_of_a_passport_has_a_source_or_is_unknown(api: Api, passport: str) -> None:
    view = api.get(f"/api/v1/passports/{passport}/requirements")
    assert view["place"]["code"] == passport
    assert len(view["requirements"]) > 200
    for row in view["requirements"]:
        assert row["passport"] == view["place"]
        assert_is_sourced(row)


@pytest.mark.parametrize("destination", ["ISR", "KAZ", "GBR", "DEU", "USA", "AZE", "GRL"])
def test_every_row_of_a_destination_has_a_source_or_is_unknown(api: Api, destination: str) -> None:
    view = api.get(f"/api/v1/destinations/{destination}/requirements")
    assert view["place"]["code"] == destination
    assert len(view["requirements"]) > 190
    for row in view["requirements"]:
        assert row["destination"] == view["place"]
        assert_is_sourced(row)


def test_a_row_of_a_view_says_what_the_answer_at_its_address_says(api: Api) -> None:
    rows = api.get("/api/v1/destinations/GBR/requirements", on="2024-09-20", document="diplomatic")["requirements"]
    for row in rows[::20]:
        answer = api.get(row["href"])
        assert answer["on"] == "2024-09-20"
        assert answer["document"] == "diplomatic"
        for member in ("answer", "requirement", "stay", "conditions", "sources", "verification", "basis"):
            assert answer[member] == row[member]


@pytest.mark.parametrize("question", QUESTIONS, ids=question_id)
def test_the_link_to_itself_gives_the_same_answer(api: Api, question: Json) -> None:
    answer = api.ask(**question)
    assert api.get(answer["links"]["self"]) == answer


@pytest.mark.parametrize("question", QUESTIONS, ids=question_id)
def test_an_answer_links_to_its_page_and_its_regime(api: Api, client: FlaskClient, question: Json) -> None:
    answer = api.ask(**question)
    assert answer["sentence"] in client.get(answer["links"]["page"]).get_data(as_text=True).replace("&#39;", "'")
    if answer["links"]["regime"]:
        assert api.get(answer["links"]["regime"])["id"] == answer["regime"]["id"]


def test_an_instant_is_given_back_in_utc(api: Api) -> None:
    assert api.ask("JOR", "GBR", on="2024-09-10T15:00:00+01:00")["on"] == "2024-09-10T14:00:00Z"


def test_the_clock_of_a_place_is_shown_to_the_minute_even_before_time_zones(api: Api) -> None:
    sentence = api.ask("KAZ", "ISR", on="1900-06-01T00:00:00Z")["sentence"]
    assert "1 June 1900, 02:20 (UTC+02:20)" in sentence


def test_of_several_passports_the_best_answers_and_the_others_follow(api: Api) -> None:
    answer = api.ask(["KAZ", "FRA", "IRN"], "DEU")
    assert answer["passport"]["code"] == "FRA"
    assert answer["answer"] == "no"
    assert [each["passport"]["code"] for each in answer["other_passports"]] == ["IRN", "KAZ"]
    for other in answer["other_passports"]:
        code = other["passport"]["code"]
        others = ",".join(sorted({"KAZ", "FRA", "IRN"} - {code}))
        assert other == api.ask(code, "DEU", also_national=others)


def test_a_passport_held_twice_is_answered_once(api: Api) -> None:
    assert api.ask(["KAZ", "Kazakhstan", "KZ"], "ISR") == api.ask("KAZ", "ISR")


def test_the_order_of_passports_does_not_matter(api: Api) -> None:
    assert api.ask(["FRA", "KAZ"], "DEU") == api.ask(["KAZ", "FRA"], "DEU")


def test_before_the_first_revision_nothing_was_known(api: Api) -> None:
    answer = api.ask("KAZ", "ISR", as_of="2026-11-23T08:59:59Z")
    assert answer["answer"] == "unknown"
    assert answer["revision"] == 0
    assert answer["pending"] == []
    assert answer["as_of"] == "2026-11-23T08:59:59Z"


def test_as_of_the_first_revision_the_answer_is_todays(api: Api) -> None:
    assert api.ask("KAZ", "ISR", as_of="2026-11-23T09:00:00Z") == api.ask("KAZ", "ISR")


def test_views_too_are_answered_from_what_was_known(api: Api) -> None:
    for path in ("/api/v1/passports/KAZ/requirements", "/api/v1/destinations/ISR/requirements"):
        view = api.get(path, as_of="2020-01-01T00:00:00Z")
        assert view["as_of"] == "2020-01-01T00:00:00Z"
        assert {row["answer"] for row in view["requirements"]} <= {"unknown", "no"}
        assert [row for row in view["requirements"] if row["basis"] == "rule"] == []


def test_a_stay_longer_than_the_waiver_grants_is_told(api: Api) -> None:
    short, long = api.ask("ISR", "KAZ", stay_days="30"), api.ask("ISR", "KAZ", stay_days="31")
    assert (short["answer"], short["stay_too_short"]) == ("no", [])
    assert long["answer"] != "no"
    assert long["stay_days"] == 31
    assert [each["requirement"] for each in long["stay_too_short"]] == ["visa_free"]
    assert "not for the 31 days you plan" in long["sentence"]


@pytest.mark.parametrize("document", ["diplomatic", "service"])
def test_the_agreement_of_2009_is_for_diplomatic_and_service_passports(api: Api, document: str) -> None:
    assert api.ask("KAZ", "ISR", document=document)["regime"]["id"] == "kaz-isr-2009"


@pytest.mark.parametrize(
    "document", ["ordinary", "official", "special", "alien", "refugee_1951", "stateless_1954", "emergency"]
)
def test_the_agreement_of_2009_is_for_no_other_document(api: Api, document: str) -> None:
    answer = api.ask("KAZ", "ISR", document=document)
    assert answer["document"] == document
    assert "kaz-isr-2009" not in json.dumps(answer)


def test_places_hold_the_codes_of_iso_and_of_icao(api: Api) -> None:
    places = {each["code"]: each for each in api.get("/api/v1/places")["places"]}
    assert len(places) > 250
    assert {"XKX", "GBN", "GBO", "GBD", "GBS", "GBP", "XXA", "XXB", "XXC", "XOM", "EUE", "UNO"} <= places.keys()
    assert (places["KAZ"]["alpha2"], places["DEU"]["icao"]) == ("KZ", "D")
    assert not places["XXB"]["can_be_entered"]
    assert places["XXB"]["issues_documents"]


CATALOGUE: list[tuple[str, type]] = [
    ("/api/v1/places", PlacesJson),
    ("/api/v1/regimes", RegimesJson),
    ("/api/v1/changes?limit=500", ChangesJson),
    ("/api/v1/passports/KAZ/requirements", ViewJson),
    ("/api/v1/destinations/GBR/requirements?on=2024-09-20", ViewJson),
]


@pytest.mark.parametrize(("path", "declared"), CATALOGUE, ids=[path for path, _ in CATALOGUE])
def test_a_list_is_as_declared(api: Api, path: str, declared: type) -> None:
    assert_declared(api.get(path), declared)


def test_every_regime_is_as_declared(api: Api) -> None:
    for summary in api.get("/api/v1/regimes")["regimes"]:
        assert_declared(api.get(summary["href"]), RegimeJson)


def test_every_place_is_found_by_its_code_and_its_name(api: Api) -> None:
    places = api.get("/api/v1/places")["places"]
    holders = [each for each in places if each["issues_documents"]]
    queries = [{"passport": each[by], "destination": "ISR"} for each in holders for by in ("code", "name")]
    found = [answer.get("passport", answer)["code"] for answer in api.batch(*queries)]
    assert found == [each["code"] for each in holders for _ in range(2)]


def test_a_name_that_two_countries_share_is_never_guessed(api: Api) -> None:
    for name, codes in (("Korea", {"KOR", "PRK"}), ("Congo", {"COD", "COG"})):
        problem = api.refuses(422, "/api/v1/requirements", query_string={"passport": name, "destination": "ISR"})
        assert {each["code"] for each in problem["errors"][0]["suggestions"]} == codes


def ids(regimes: Iterable[Json]) -> set[str]:
    return {each["id"] for each in regimes}


def test_regimes_are_listed_by_party_and_by_status(api: Api) -> None:
    of_kazakhstan = api.get("/api/v1/regimes", party="Казахстан")["regimes"]
    assert {"kaz-isr-2026", "kaz-isr-2009", "isr-kaz-2017"} <= ids(of_kazakhstan)
    assert "mar-aze-2024" not in ids(of_kazakhstan)
    both = api.get("/api/v1/regimes", party="KAZ", status="memorandum_of_intent")["regimes"]
    assert "kaz-isr-2026" in ids(both)
    assert {each["status"] for each in both} == {"memorandum_of_intent"}
    assert ids(both) == {each["id"] for each in of_kazakhstan if each["status"] == "memorandum_of_intent"}


def test_every_regime_is_in_one_status_or_not_yet_begun(api: Api) -> None:
    everything = api.get("/api/v1/regimes")["regimes"]
    for status in {each["status"] for each in everything if each["status"]}:
        found = api.get("/api/v1/regimes", status=status)["regimes"]
        assert found == [each for each in everything if each["status"] == status]


def test_a_member_of_a_group_is_a_party_to_what_the_group_agreed(api: Api) -> None:
    assert "eu-free-movement" in ids(api.get("/api/v1/regimes", party="FRA")["regimes"])
    assert "eu-free-movement" not in ids(api.get("/api/v1/regimes", party="GBR")["regimes"])


def test_a_regime_tells_its_timeline_with_a_source_for_every_step(api: Api) -> None:
    regime = api.get("/api/v1/regimes/kaz-isr-2009")
    steps = [(each["status"] or each["milestone"], each["party"], each["effective"]) for each in regime["timeline"]]
    assert steps == [
        ("signed", None, "2009-06-30"),
        ("ratified", "KAZ", "2009-10-12"),
        ("in_force", None, "2010-05-11"),
    ]
    assert {(each["passport"], each["destination"]) for each in regime["rules"]} == {
        ("KAZ", "ISR"),
        ("ISR", "KAZ"),
    }
    assert regime["version"] == 1


def test_every_regime_in_the_list_has_its_own_address(api: Api) -> None:
    for summary in api.get("/api/v1/regimes")["regimes"]:
        regime = api.get(summary["href"])
        assert {name: regime[name] for name in summary} == summary
        assert regime["rules"]
        assert regime["timeline"]


def test_changes_come_page_by_page_with_nothing_skipped_or_repeated(api: Api) -> None:
    everything = api.get("/api/v1/changes", limit="500")
    assert everything["more"] is False
    read: list[Json] = []
    page = api.get("/api/v1/changes", limit="37")
    while True:
        read += page["changes"]
        if not page["more"]:
            break
        assert len(page["changes"]) == 37
        page = api.get("/api/v1/changes", limit="37", since=page["cursor"])
    assert read == everything["changes"]
    assert len({each["cursor"] for each in read}) == len(read) > 100


def test_the_last_cursor_waits_for_what_comes_next(api: Api) -> None:
    last = api.get("/api/v1/changes", limit="500")["cursor"]
    assert api.get("/api/v1/changes", since=last) == {"changes": [], "cursor": last, "more": False}


def test_a_change_names_its_regime_its_step_and_its_source(api: Api) -> None:
    changes = api.get("/api/v1/changes", limit="500")["changes"]
    (memorandum,) = (each for each in changes if each["regime"]["id"] == "kaz-isr-2026")
    assert (memorandum["status"], memorandum["effective"]) == ("memorandum_of_intent", "2026-01-27")
    assert [each["publisher"] for each in memorandum["sources"]] == ["Anadolu Agency"]
    assert api.get(memorandum["href"])["id"] == "kaz-isr-2026"
    for change in changes:
        assert change["sources"]
        assert change["revision"] == 1
        assert change["correction"] is False


GOOD: Json = {"passport": "KAZ", "destination": "ISR"}
BAD: list[Any] = [
    {"passport": "Kazakstan", "destination": "ISR"},
    {"passport": "KAZ"},
    {},
    None,
    "KAZ to ISR",
    7,
    [],
    {**GOOD, "visum": 1},
    {**GOOD, "stay_days": -1},
    {**GOOD, "stay_days": 10**30},
    {**GOOD, "stay_days": True},
    {**GOOD, "on": None},
    {**GOOD, "on": 20261201},
    {**GOOD, "document": "library card"},
    {"passport": [], "destination": "ISR"},
    {"passport": ["KAZ", None], "destination": "ISR"},
    {"passport": ["KAZ"] * 11, "destination": "ISR"},
    {"passport": {"code": "KAZ"}, "destination": "ISR"},
    {"passport": "KAZ", "destination": "XXB"},
    {"passport": "\x00", "destination": "ISR"},
]


def test_a_batch_answers_in_order_with_errors_in_their_own_place(api: Api) -> None:
    queries = [query for bad in BAD for query in (GOOD, bad)]
    answers = api.batch(*queries)
    assert len(answers) == len(queries)
    assert answers[::2] == [api.ask("KAZ", "ISR")] * len(BAD)
    for index, item in enumerate(answers):
        if index % 2:
            problem = dict(item["error"])
            assert problem.pop("index") == index
            assert_problem(problem)
            assert problem["status"] == 422


def test_a_batch_takes_all_that_a_single_question_takes(api: Api) -> None:
    query = {
        "passport": ["KAZ", "FRA"],
        "destination": "Germany",
        "on": "2027-03-03",
        "as_of": "2026-11-23T09:00:00Z",
        "document": "ordinary",
        "stay_days": 30,
        "lang": "en",
    }
    (answer,) = api.batch(query)
    assert answer == api.get("/api/v1/requirements", **query)


def test_an_empty_batch_has_no_answers(api: Api) -> None:
    assert api.batch() == []


def test_a_batch_comes_line_by_line_to_who_asks_for_ndjson(api: Api, client: FlaskClient) -> None:
    queries = [GOOD, {"passport": "KAZ"}, {"passport": "FRA", "destination": "DEU"}]
    response = client.post(
        "/api/v1/requirements/batch", json={"queries": queries}, headers={"Accept": "application/x-ndjson"}
    )
    assert response.mimetype == "application/x-ndjson"
    lines = response.get_data(as_text=True).splitlines()
    assert [json.loads(line) for line in lines] == api.batch(*queries)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", "application/x-ndjson;q=0.1, */*"])
def test_a_batch_is_one_json_document_to_everybody_else(client: FlaskClient, accept: str) -> None:
    response = client.post("/api/v1/requirements/batch", json={"queries": [GOOD]}, headers={"Accept": accept})
    assert response.mimetype == "application/json"
    assert response.get_json()["revision"] == 1


CACHEABLE = [
    "/api/v1/requirements?passport=KAZ&destination=ISR",
    "/api/v1/passports/KAZ/requirements",
    "/api/v1/destinations/ISR/requirements",
    "/api/v1/places",
    "/api/v1/regimes",
    "/api/v1/regimes?party=KAZ&status=in_force",
    "/api/v1/regimes/kaz-isr-2026",
    "/api/v1/changes",
    "/openapi.json",
    "/",
    "/visa/KAZ/ISR",
    "/passports/KAZ",
    "/destinations/ISR",
    "/places",
    "/regimes",
    "/regimes/kaz-isr-2026",
    "/about",
    "/coverage",
    "/changes.atom",
    "/docs",
    "/docs/errors",
]


@pytest.mark.parametrize("path", CACHEABLE)
def test_what_has_not_changed_is_answered_304_and_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "public, no-cache"
    etag = first.headers["ETag"]
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path, headers={"If-None-Match": condition})
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["ETag"] == etag
        assert again.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("path", CACHEABLE)
def test_what_has_changed_is_sent(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"If-None-Match": '"of another day"'})
    assert response.status_code == 200
    assert response.data


def test_answers_that_differ_have_different_etags(client: FlaskClient) -> None:
    passports = ("KAZ", "FRA", "ISR", "XXB")
    paths = [f"/api/v1/requirements?passport={each}&destination=ISR" for each in passports]
    assert len({client.get(path).headers["ETag"] for path in paths}) == len(passports)


def test_a_batch_is_kept_by_no_cache(client: FlaskClient) -> None:
    response = client.post("/api/v1/requirements/batch", json={"queries": [GOOD]})
    assert response.headers["Cache-Control"] == "no-store"


def test_the_service_says_that_it_lives_and_is_ready(api: Api) -> None:
    assert api.get("/healthz") == {"status": "ok"}
    ready = api.get("/readyz")
    assert ready["status"] == "ready"
    assert ready["revision"] == 1

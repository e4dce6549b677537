"""Errors: one shape on every address, advice in each, nothing of our inside, and never a 500."""

from __future__ import annotations

import json
import re
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import MakeDatabase
from tests.contract.conftest import (
    PROBLEM,
    Api,
    Json,
    assert_no_leak,
    assert_problem,
    build_app,
    checked_problem,
    close_app,
)
from tests.contract.html import page_of
from tests.staff_app import StaffSite
from visalookup.domain.accounts.roles import Role

ASK = "/api/v1/requirements"
KEY_SET = "/.well-known/jwks.json"
BATCH = "/api/v1/requirements/batch"
KAZ_ISR = {"passport": "KAZ", "destination": "ISR"}
LONE_SURROGATE = "%ED%A0%80"

AWKWARD = {
    "NUL": "%00",
    "NUL after a code": "KAZ%00",
    "control characters": "%01%1B%7F",
    "line break": "KAZ%0D%0ASet-Cookie:%20a=b",
    "lone surrogate": LONE_SURROGATE,
    "not UTF-8": "%FF%FE",
    "right-to-left override": quote("\u202eZAK"),
    "combining marks": quote("a" + "\u0301" * 90),
    "ligature that unfolds": quote("\ufdfa" * 50),
    "emoji": quote("🇰🇿🏖"),
    "negative number": "-1",
    "number of forty digits": "9" * 40,
    "digits that are not ASCII": quote("²²٣٣"),
    "five thousand letters": "a" * 5_000,
    "path to elsewhere": quote("../../etc/passwd", safe=""),
    "SQL": quote("' OR 1=1; DROP TABLE rule --"),
    "markup": quote("<script>alert(1)</script>"),
    "template": quote("{{7*7}}${7*7}%s%n"),
}
"""What people and machines send by mistake or in malice, percent-encoded."""

SLOTS = {
    "passport": f"{ASK}?destination=ISR&passport={{}}",
    "one of two passports": f"{ASK}?destination=ISR&passport=KAZ&passport={{}}",
    "destination": f"{ASK}?passport=KAZ&destination={{}}",
    "on": f"{ASK}?passport=KAZ&destination=ISR&on={{}}",
    "as_of": f"{ASK}?passport=KAZ&destination=ISR&as_of={{}}",
    "document": f"{ASK}?passport=KAZ&destination=ISR&document={{}}",
    "stay_days": f"{ASK}?passport=KAZ&destination=ISR&stay_days={{}}",
    "lang": f"{ASK}?passport=KAZ&destination=ISR&lang={{}}",
    "name of a parameter": f"{ASK}?passport=KAZ&destination=ISR&{{}}=1",
    "passport viewed": "/api/v1/passports/{}/requirements",
    "destination viewed": "/api/v1/destinations/{}/requirements",
    "day of a view": "/api/v1/passports/KAZ/requirements?on={}",
    "party": "/api/v1/regimes?party={}",
    "status": "/api/v1/regimes?status={}",
    "regime": "/api/v1/regimes/{}",
    "since": "/api/v1/changes?since={}",
    "limit": "/api/v1/changes?limit={}",
    "parameter of places": "/api/v1/places?{}=1",
    "address": "/api/v1/{}",
}

PAGE_SLOTS = {
    "passport": "/ask?destination=ISR&passport={}",
    "destination": "/ask?passport=KAZ&destination={}",
    "other passport": "/ask?passport=KAZ&destination=ISR&also={}",
    "on": "/ask?passport=KAZ&destination=ISR&on={}",
    "stay_days": "/ask?passport=KAZ&destination=ISR&stay_days={}",
    "document": "/ask?passport=KAZ&destination=ISR&document={}",
    "passport of an answer": "/visa/{}/ISR",
    "destination of an answer": "/visa/KAZ/{}",
    "as_of of an answer": "/visa/KAZ/ISR?as_of={}",
    "passport viewed": "/passports/{}",
    "destination viewed": "/destinations/{}",
    "day of a view": "/passports/KAZ?on={}",
    "party": "/regimes?party={}",
    "status": "/regimes?status={}",
    "regime": "/regimes/{}",
    "address": "/{}",
}


@pytest.mark.parametrize("value", AWKWARD.values(), ids=AWKWARD.keys())
@pytest.mark.parametrize("slot", SLOTS.values(), ids=SLOTS.keys())
def test_awkward_text_is_refused_in_one_shape_wherever_it_is_sent(
    client: FlaskClient, database_path: str, slot: str, value: str
) -> None:
    response = client.get(slot.format(value))
    assert response.status_code in (404, 422)
    checked_problem(response, response.status_code)
    text = response.get_data(as_text=True)
    assert database_path not in text
    assert len(text) < 3_000, "it sends back what is too long to read"


@pytest.mark.parametrize("value", AWKWARD.values(), ids=AWKWARD.keys())
@pytest.mark.parametrize("slot", PAGE_SLOTS.values(), ids=PAGE_SLOTS.keys())
def test_awkward_text_gets_a_page_that_says_so_wherever_it_is_typed(
    client: FlaskClient, database_path: str, slot: str, value: str
) -> None:
    response = client.get(slot.format(value))
    assert response.status_code in (404, 422)
    page = page_of(response, response.status_code)
    assert len(page.all("h1")) == 1
    assert_no_leak(response.get_data(as_text=True))
    assert database_path not in response.get_data(as_text=True)


ON_OF_NO_USE = [
    "0001-01-01",
    "9999-12-31",
    "1899-12-31",
    "2200-01-01",
    "0000-01-01",
    "10000-01-01",
    "-0001-01-01",
    "2024-02-30",
    "2023-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-12",
    "2026",
    "2026-W01",
    "2026-W01-1",
    "01/12/2026",
    "1 December 2026",
    "tomorrow",
    "Tuesday",
    "2026-12-01T09:00:00",
    "2026-12-01T25:00:00Z",
    "2026-12-01T09:60:00Z",
    "2026-12-01T09:00:00+24:00",
    "2026-12-01T09:00:00+99:99",
    "2026-12-01T09:00:00 Europe/London",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00-14:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59+14:00",
    "T",
    "2026-02-30T12:00:00Z",
]


@pytest.mark.parametrize("on", ON_OF_NO_USE)
def test_a_day_that_is_none_is_refused_with_the_value_and_how_to_write_it(api: Api, on: str) -> None:
    problem = api.refuses(422, ASK, query_string={**KAZ_ISR, "on": on})
    (error,) = problem["errors"]
    assert (error["field"], error["value"]) == ("on", on)
    assert on.upper() == on or on.upper() not in error["detail"]


@pytest.mark.parametrize("on", ON_OF_NO_USE)
def test_the_views_refuse_the_same_days(api: Api, on: str) -> None:
    for path in ("/api/v1/passports/KAZ/requirements", "/api/v1/destinations/ISR/requirements"):
        assert api.refuses(422, path, query_string={"on": on})["errors"][0]["field"] == "on"


@pytest.mark.parametrize(
    ("on", "utc"),
    [
        ("2026-12-01T09:00:00+05:45", "2026-12-01T03:15:00Z"),
        ("2026-12-01T09:00:00-03:30", "2026-12-01T12:30:00Z"),
        ("2026-12-01T09:00:00+14:00", "2026-11-30T19:00:00Z"),
        ("2026-12-01T09:00:00-12:00", "2026-12-01T21:00:00Z"),
        ("2026-12-01T23:59:59.999999+00:00", "2026-12-01T23:59:59.999999Z"),
        ("2026-12-01t09:00:00z", "2026-12-01T09:00:00Z"),
        ("2024-02-29", "2024-02-29"),
        ("1900-01-01", "1900-01-01"),
        ("2199-12-31", "2199-12-31"),
    ],
)
def test_odd_offsets_and_the_edges_of_the_calendar_are_understood(api: Api, on: str, utc: str) -> None:
    assert api.ask("KAZ", "ISR", on=on)["on"] == utc


def test_a_plus_sign_that_became_a_space_is_still_an_offset(api: Api) -> None:
    answer = api.get(f"{ASK}?passport=KAZ&destination=ISR&on=2026-12-01T09:00:00+05:00")
    assert answer["on"] == "2026-12-01T04:00:00Z"


@pytest.mark.parametrize(
    "as_of", ["2026-11-23", "2026-11-23T09:00:00", "2026-11-23T09:00:01Z", "2999-01-01T00:00:00Z", "now", "0"]
)
def test_a_moment_of_knowledge_that_is_none_or_lies_ahead_is_refused(api: Api, as_of: str) -> None:
    problem = api.refuses(422, ASK, query_string={**KAZ_ISR, "as_of": as_of})
    assert [(each["field"], each["value"]) for each in problem["errors"]] == [("as_of", as_of)]


@pytest.mark.parametrize(
    "question", [{"on": "2026-12-01T09:00:00"}, {"as_of": "2026-11-22T09:00:00"}, {"as_of": "2026-11-22"}]
)
def test_advice_that_is_followed_to_the_letter_is_understood(api: Api, question: Json) -> None:
    (error,) = api.refuses(422, ASK, query_string={**KAZ_ISR, **question})["errors"]
    advised = re.findall(r"\d{4}-\d\d-\d\d\S*(?=[,;.\s]|$)", error["detail"].partition(";")[2])
    assert advised
    for value in advised:
        api.ask("KAZ", "ISR", **{error["field"]: value.rstrip(".,")})


@pytest.mark.parametrize("stay_days", ["-1", "0", "3651", "1.5", "1e2", "+5", "0x1f", "ninety"])
def test_a_length_of_stay_that_is_none_is_refused(api: Api, stay_days: str) -> None:
    (error,) = api.refuses(422, ASK, query_string={**KAZ_ISR, "stay_days": stay_days})["errors"]
    assert (error["field"], error["value"]) == ("stay_days", stay_days)


def test_every_fault_of_a_question_is_named_at_once(api: Api) -> None:
    query = {
        "passport": ["Kazakstan", "Frnce"],
        "destination": "Isreal",
        "on": "soon",
        "document": "library card",
        "stay_days": "-1",
        "as_of": "soon",
        "lang": "tlh",
    }
    problem = api.refuses(422, ASK, query_string=query)
    fields = [each["field"] for each in problem["errors"]]
    assert sorted(fields) == sorted([*query, "passport"])
    suggested = [
        each["suggestions"][0]["code"] for each in problem["errors"] if each["field"] in ("passport", "destination")
    ]
    assert suggested == ["KAZ", "FRA", "ISR"]


@pytest.mark.parametrize(
    "path",
    [
        f"{ASK}?passport=KAZ&destination=ISR&destination=DEU",
        f"{ASK}?passport=KAZ&destination=ISR&on=2026-12-01&on=2026-12-02",
        f"{ASK}?passport=KAZ&destination=ISR&on=2026-12-01&on=2026-12-01",
        "/api/v1/passports/KAZ/requirements?on=2026-12-01&on=2026-12-02",
        "/api/v1/destinations/ISR/requirements?document=ordinary&document=service",
        "/api/v1/regimes?party=KAZ&party=ISR",
        "/api/v1/changes?since=1&since=2",
    ],
)
def test_a_parameter_sent_twice_is_refused_by_name(api: Api, path: str) -> None:
    (error,) = api.refuses(422, path)["errors"]
    assert f"{error['field']}=" in path
    assert "once" in error["detail"]


@pytest.mark.parametrize(
    "path",
    [
        f"{ASK}?passport=KAZ&destination=ISR&format=xml",
        "/api/v1/passports/KAZ/requirements?destination=ISR",
        "/api/v1/destinations/ISR/requirements?passport=KAZ",
        "/api/v1/places?limit=5",
        "/api/v1/regimes?party=KAZ&kind=domestic_law",
        "/api/v1/regimes/kaz-isr-2026?lang=en",
        "/api/v1/changes?until=5",
    ],
)
def test_a_parameter_that_does_not_exist_is_refused_by_name(api: Api, path: str) -> None:
    (error,) = api.refuses(422, path)["errors"]
    assert error["field"] == path.rpartition("&")[2].rpartition("?")[2].partition("=")[0]
    assert "parameter" in error["detail"]


def test_the_batch_too_refuses_parameters_it_does_not_know(api: Api) -> None:
    problem = api.refuses(422, f"{BATCH}?lang=en", method="POST", json={"queries": [KAZ_ISR]})
    assert [each["field"] for each in problem["errors"]] == ["lang"]


def post(client: FlaskClient, body: str | bytes, content_type: str = "application/json") -> TestResponse:
    return client.post(BATCH, data=body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "",
        "   ",
        '{"queries": [}',
        '{"queries": [NaN]}',
        "{'queries': []}",
        "passport,destination",
        b"\xff\xfe{\x00}\x00",
        b"\x00",
        "\ufeff{}",
        b'{"queries": ["\\ud800"]}',
        "[" * 100_000,
        '{"queries": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_not_json_is_400(client: FlaskClient, body: str | bytes) -> None:
    problem = checked_problem(post(client, body), 400)
    assert problem["type"] == "/docs/errors#malformed"


def test_who_sends_no_json_is_told_to_send_json(client: FlaskClient) -> None:
    assert "JSON" in checked_problem(post(client, "{"), 400)["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("[]", "request"),
        ("null", "request"),
        ('"KAZ"', "request"),
        ("7", "request"),
        ("{}", "queries"),
        ('{"queries": null}', "queries"),
        ('{"queries": {}}', "queries"),
        ('{"queries": "KAZ to ISR"}', "queries"),
        ('{"queries": [], "lang": "en"}', "lang"),
        ('{"queries": [], "\\u0000": 1}', "\x00"),
        (json.dumps({"queries": [], "x" * 100: 1}), "x" * 100),
    ],
)
def test_json_that_is_no_batch_is_422_and_names_the_member(client: FlaskClient, body: str, field: str) -> None:
    problem = checked_problem(post(client, body), 422)
    assert [each["field"] for each in problem["errors"]] == [field]


def test_a_number_too_long_for_any_integer_is_no_crash(client: FlaskClient) -> None:
    response = post(client, '{"queries": [1' + "0" * 5_000 + "]}")
    if response.status_code == 200:
        (item,) = response.get_json()["answers"]
        assert item["error"]["status"] == 422
    else:
        checked_problem(response, 400)


@pytest.mark.parametrize("value", ["\x00", "\u202e", "a" * 5_000, "😀", "\ufffe", "-1"])
@pytest.mark.parametrize("member", ["passport", "destination", "on", "as_of", "document", "lang"])
def test_awkward_text_in_a_batch_is_an_error_in_its_place(api: Api, member: str, value: str) -> None:
    (item,) = api.batch({**KAZ_ISR, member: value})
    problem = {name: value for name, value in item["error"].items() if name != "index"}
    assert_problem(problem)
    assert_no_leak(json.dumps(problem))
    assert len(json.dumps(problem)) < 3_000, "it sends back what is too long to read"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "multipart/form-data; boundary=x",
        "?",
    ],
)
def test_a_body_of_another_media_type_is_415(client: FlaskClient, content_type: str) -> None:
    problem = checked_problem(post(client, json.dumps({"queries": []}), content_type), 415)
    assert "application/json" in problem["detail"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON", "text/json"]
)
def test_json_is_recognised_with_its_parameters(client: FlaskClient, content_type: str) -> None:
    expected = 415 if content_type == "text/json" else 200
    assert post(client, json.dumps({"queries": []}), content_type).status_code == expected


@pytest.mark.parametrize("size", [5 * 1024 * 1024 + 1, 10_000_000])
def test_a_body_too_large_is_413_whatever_is_in_it(client: FlaskClient, size: int) -> None:
    problem = checked_problem(post(client, b" " * size), 413)
    assert "5 MB" in problem["detail"]


GUNICORN = import_module("gunicorn.http.errors")
"""What the server raises as a body is read; it carries no types."""


class Broken(BytesIO):
    """What a client sends that stops, or whose chunks are garbled, on the way."""

    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self.fault = fault

    def read(self, _size: int | None = -1, /) -> bytes:
        raise self.fault

    def readinto(self, _buffer: object, /) -> int:
        raise self.fault


def post_in_chunks(client: FlaskClient, stream: BytesIO) -> TestResponse:
    """Send a body without saying how long it is."""
    return client.post(
        BATCH,
        input_stream=stream,
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )


def test_a_body_sent_in_chunks_is_read(client: FlaskClient) -> None:
    response = post_in_chunks(client, BytesIO(json.dumps({"queries": [KAZ_ISR]}).encode()))
    assert response.get_json()["answers"][0]["answer"] == "yes"


def test_a_body_too_large_is_413_also_when_sent_in_chunks(client: FlaskClient) -> None:
    body = json.dumps({"queries": [KAZ_ISR]}).encode() + b" " * 6_000_000
    checked_problem(post_in_chunks(client, BytesIO(body)), 413)


@pytest.mark.parametrize(
    "fault",
    [ConnectionResetError(), GUNICORN.InvalidChunkSize(b"ZZ"), GUNICORN.ChunkMissingTerminator(b"{}")],
    ids=lambda each: type(each).__name__,
)
def test_a_body_that_breaks_off_or_is_garbled_is_the_senders_fault(client: FlaskClient, fault: Exception) -> None:
    checked_problem(post_in_chunks(client, Broken(fault)), 400)


def api_rules(app: Flask) -> Iterator[tuple[str, set[str]]]:
    """Each address for every program, filled in, with its methods; those that are for staff alone left out."""
    methods: defaultdict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        methods[rule.rule] |= rule.methods or set()
    for rule in app.url_map.iter_rules():
        for_programs = rule.rule.startswith(("/api/", "/.well-known/", "/openapi", "/healthz", "/readyz", "/metrics"))
        if for_programs and not rule.endpoint.startswith("staff_api."):
            path = rule.rule.replace("<code>", "KAZ").replace("<regime_id>", "kaz-isr-2026")
            path = path.replace("<int:number>", "1").replace("<int:delivery>", "1")
            yield path, methods[rule.rule]


def page_rules(app: Flask) -> Iterator[str]:
    """Each address for people, filled in."""
    samples = {
        "<passport>": "KAZ",
        "<destination>": "ISR",
        "<code>": "KAZ",
        "<regime_id>": "kaz-isr-2026",
        "<path:filename>": "style.css",
    }
    programs = {path for path, _ in api_rules(app)}
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name, sample in samples.items():
            path = path.replace(name, sample)
        if path not in programs and not path.startswith(("/api/", "/staff")):
            yield path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_a_method_an_address_does_not_take_is_405_and_names_those_it_takes(app: Flask, method: str) -> None:
    refused = [(path, methods) for path, methods in api_rules(app) if method not in methods]
    assert refused
    for path, methods in refused:
        response = app.test_client().open(path, method=method)
        problem = checked_problem(response, 405)
        assert problem["type"] == "/docs/errors#method-not-allowed"
        assert set(response.headers["Allow"].split(", ")) == methods


def test_at_a_number_that_no_row_can_have_there_is_nothing(staff_site: StaffSite) -> None:
    administrator = staff_site.client_of(Role.ADMINISTRATOR)
    rules = [rule for rule in staff_site.app.url_map.iter_rules() if rule.rule.startswith("/staff/")]
    asked = [rule.rule for rule in rules if "<int:number>" in rule.rule and "GET" in (rule.methods or ())]
    assert asked
    for path in asked:
        assert administrator.get(path.replace("<int:number>", str(10**40))).status_code == 404, path


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_page_refuses_other_methods_with_a_page(app: Flask, method: str) -> None:
    for path in page_rules(app):
        response = app.test_client().open(path, method=method)
        page_of(response, 405)
        assert "GET" in response.headers["Allow"]


def test_head_answers_as_get_without_the_body(app: Flask) -> None:
    paths = [path for path, methods in api_rules(app) if "GET" in methods] + list(page_rules(app))
    assert len(paths) > 20
    for path in paths:
        query = {"passport": "KAZ", "destination": "ISR"} if path in (ASK, "/ask") else None
        client = app.test_client()
        got, head = client.get(path, query_string=query), client.head(path, query_string=query)
        with closing(got), closing(head):
            assert (head.status_code, head.data) == (got.status_code, b""), path
            for name in ("Content-Type", "ETag", "Cache-Control", "Location"):
                assert head.headers.get(name) == got.headers.get(name), path


def test_head_of_an_error_has_its_status_and_type_and_no_body(client: FlaskClient) -> None:
    response = client.head(f"{ASK}?passport=KAZ")
    assert (response.status_code, response.mimetype, response.data) == (422, PROBLEM, b"")


def test_options_names_the_methods_of_every_address(app: Flask) -> None:
    for path, methods in api_rules(app):
        response = app.test_client().options(path)
        assert response.status_code in (200, 204)
        assert set(response.headers["Allow"].split(", ")) == methods
        assert response.data == b""


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/requirements",
        "/api/v1/requirements/",
        "/api/v1/Requirements",
        "/api/v1/passports/KAZ",
        "/api/v1/regimes/kaz-isr-1999",
        "/api/v1/regimes/KAZ-ISR-2026",
        "/api/v1/%2e%2e/%2e%2e/etc/passwd",
        "/api/v1/" + "a/" * 2_000,
        "/api/v1/" + "a" * 20_000,
    ],
    ids=lambda path: path[:40],
)
def test_an_address_with_nothing_behind_it_is_404(api: Api, path: str) -> None:
    assert api.refuses(404, path)["type"] == "/docs/errors#not-found"


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/visa",
        "/visa/KAZ",
        "/regimes/kaz-isr-1999",
        "/static/nowhere.css",
        "/static/../wsgi.py",
        "/%00",
    ],
)
def test_a_person_who_strays_gets_a_page_with_a_way_on(client: FlaskClient, path: str) -> None:
    page = page_of(client.get(path), 404)
    assert page.one("h1").text == "Not found"
    assert "/" in [each.attributes["href"] for each in page.one("main").all("a")]


@pytest.mark.parametrize("path", ["/passports/Kazakstan", "/destinations/Kazakstan", "/regimes?party=Kazakstan"])
def test_a_slip_of_the_pen_on_a_page_leads_to_what_was_meant(client: FlaskClient, path: str) -> None:
    main = page_of(client.get(path), 422).one("main")
    assert "did you mean Kazakhstan" in main.text
    assert any("KAZ" in each.attributes["href"] or "Kazakhstan" in each.attributes["href"] for each in main.all("a"))


def test_every_problem_type_is_explained_in_the_documentation(client: FlaskClient) -> None:
    responses = [
        client.get("/api/v1/nowhere"),
        client.get(ASK),
        client.put(ASK),
        post(client, "{"),
        post(client, "{}", "text/plain"),
        post(client, b" " * 6_000_000),
    ]
    explained = {each.id for each in page_of(client.get("/docs/errors")).all("dt")}
    for response in responses:
        page, _, anchor = response.get_json()["type"].partition("#")
        assert page == "/docs/errors"
        assert anchor in explained
    assert {"not-ready", "internal-error"} <= explained


def test_a_condition_on_an_error_changes_nothing(client: FlaskClient) -> None:
    checked_problem(client.get(f"{ASK}?passport=KAZ", headers={"If-None-Match": "*"}), 422)


@pytest.mark.parametrize("host", ["evil.example", "localhost:99999", "[::1]", "a" * 300])
def test_another_name_of_the_host_changes_nothing_that_is_said(client: FlaskClient, host: str) -> None:
    response = client.get(ASK, query_string=KAZ_ISR, headers={"Host": host})
    assert response.status_code in (200, 400)
    assert host not in response.get_data(as_text=True)


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(params=["no tables", "no data", "no server"])
def stopped(request: pytest.FixtureRequest, make_sqlite: MakeDatabase, sqlite_template: str) -> Iterator[Flask]:
    """The application without a database that could answer."""
    urls = {
        "no tables": lambda: make_sqlite(None),
        "no data": lambda: make_sqlite(sqlite_template),
        "no server": lambda: f"postgresql://nobody:secret@127.0.0.1:{unused_port()}/visalookup",
    }
    app = build_app(urls[request.param]())
    yield app
    close_app(app)


def test_without_a_database_programs_are_told_to_come_back(stopped: Flask) -> None:
    queries: dict[str, Any] = {ASK: KAZ_ISR}
    for path, methods in api_rules(stopped):
        for_all = not path.startswith("/api/v1/webhooks")  # which asks for a key first
        if for_all and "GET" in methods and path not in ("/openapi.json", "/healthz", "/metrics", KEY_SET):
            response = stopped.test_client().get(path, query_string=queries.get(path))
            problem = checked_problem(response, 503)
            assert problem["type"] == "/docs/errors#not-ready"
            assert int(response.headers["Retry-After"]) > 0
            assert "secret" not in response.get_data(as_text=True)
            assert ".sqlite" not in response.get_data(as_text=True)


def test_without_a_database_a_batch_is_told_to_come_back(stopped: Flask) -> None:
    for accept in ("application/json", "application/x-ndjson"):
        body = {"queries": [KAZ_ISR]}
        response = stopped.test_client().post(BATCH, json=body, headers={"Accept": accept})
        checked_problem(response, 503)


def test_without_a_database_people_get_a_page_that_says_so(stopped: Flask) -> None:
    for path in ("/", "/visa/KAZ/ISR", "/passports/KAZ", "/destinations/ISR", "/places", "/regimes"):
        page = page_of(stopped.test_client().get(path), 503)
        assert page.one("h1").text == "The service is not ready"


def test_without_a_database_the_process_still_lives_and_explains_itself(stopped: Flask) -> None:
    client = stopped.test_client()
    for path in (
        "/healthz",
        "/metrics",
        "/openapi.json",
        KEY_SET,
        "/about",
        "/docs",
        "/docs/errors",
        "/static/style.css",
    ):
        with closing(client.get(path)) as response:
            assert response.status_code == 200


def test_a_fault_of_ours_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret is 42, SELECT * FROM rule")

    for module in ("visalookup.api.v1.lookup.requirements", "visalookup.web.questions"):
        monkeypatch.setattr(import_module(module), "answer_question", fail)
    response = client.get(ASK, query_string=KAZ_ISR)
    checked_problem(response, 500)
    page = client.get("/visa/KAZ/ISR")
    page_of(page, 500)
    assert "secret" not in response.get_data(as_text=True) + page.get_data(as_text=True)
    assert response.headers["X-Request-Id"]
    assert page.headers["X-Request-Id"] in page.get_data(as_text=True), "a person cannot read headers"


def test_the_same_fault_is_told_in_the_same_words_however_often(client: FlaskClient) -> None:
    """Each request once lengthened the list of checks that the next had to go through."""
    told = {client.get("/api/v1/requirements?passport=KAZ&destination=").get_data() for _ in range(5)}
    assert len(told) == 1
    assert told.pop().count(b"It is empty") == 2  # in the detail, and at its field

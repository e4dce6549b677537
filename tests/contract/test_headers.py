"""Headers that every response carries, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.contract.conftest import Json

ANSWER = "/api/v1/requirements?passport=KAZ&destination=ISR"

KINDS = {
    "answer as JSON": ("GET", ANSWER),
    "batch": ("POST", "/api/v1/requirements/batch"),
    "problem": ("GET", "/api/v1/requirements"),
    "address for programs that is none": ("GET", "/api/v1/nowhere"),
    "method refused": ("DELETE", "/api/v1/places"),
    "options": ("OPTIONS", "/api/v1/places"),
    "head": ("HEAD", ANSWER),
    "description": ("GET", "/openapi.json"),
    "health": ("GET", "/healthz"),
    "readiness": ("GET", "/readyz"),
    "metrics": ("GET", "/metrics"),
    "form": ("GET", "/"),
    "answer as a page": ("GET", "/visa/KAZ/ISR"),
    "redirection": ("GET", "/visa/kz/il"),
    "form sent back": ("GET", "/ask?passport=Kazakstan"),
    "page that is none": ("GET", "/nowhere"),
    "style sheet": ("GET", "/static/style.css"),
    "icon": ("GET", "/static/icon.svg"),
    "static file that is none": ("GET", "/static/nowhere.css"),
}


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def response(request: pytest.FixtureRequest, app: Flask) -> Iterator[TestResponse]:
    """A response of each kind."""
    method, path = request.param
    body: Json | None = {"queries": []} if method == "POST" else None
    with closing(app.test_client().open(path, method=method, json=body)) as response:
        assert response.status_code < 500
        yield response


def directives(response: TestResponse) -> dict[str, list[str]]:
    """The content security policy, by directive."""
    policy = response.headers["Content-Security-Policy"]
    words = (each.split() for each in policy.split(";"))
    return {name: values for name, *values in words}


def is_data(response: TestResponse) -> bool:
    """Whether it is JSON, which no browser shows as a page of ours."""
    return "json" in (response.mimetype or "") or (response.status_code == 304 and "/api/" in response.request.path)


def test_every_response_tells_the_browser_to_be_careful(response: TestResponse) -> None:
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if is_data(response):
        return
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in response.headers["Permissions-Policy"]


def test_every_response_has_a_policy_that_runs_no_script_and_frames_nothing(response: TestResponse) -> None:
    policy = directives(response)
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'none'" if is_data(response) else "'self'"]
    for name, values in policy.items():
        assert not re.search(r"unsafe|\*|data:|http:", " ".join(values)), name
    assert policy.get("script-src", ["'none'"]) == ["'none'"]


def test_every_response_has_an_id_of_its_own(response: TestResponse) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-Id"])


def test_no_response_names_our_software_or_sets_a_cookie(response: TestResponse) -> None:
    assert "Set-Cookie" not in response.headers
    assert not re.search(r"werkzeug|flask|python|gunicorn", str(response.headers), re.IGNORECASE)


def test_every_response_says_how_long_it_may_be_kept_or_has_nothing_to_keep(response: TestResponse) -> None:
    if response.request.method in ("GET", "HEAD") and response.status_code not in (302, 303):
        assert response.headers.get("Cache-Control") or response.request.path == "/metrics"


def test_no_header_holds_a_line_break(response: TestResponse) -> None:
    assert not [value for _, value in response.headers if "\n" in value or "\r" in value]


@pytest.mark.parametrize("path", [ANSWER, "/visa/KAZ/ISR", "/static/style.css"])
def test_a_304_carries_the_same_protection(client: FlaskClient, path: str) -> None:
    with closing(client.get(path)) as first:
        etag = first.headers["ETag"]
    with closing(client.get(path, headers={"If-None-Match": etag})) as again:
        assert again.status_code == 304
        test_every_response_tells_the_browser_to_be_careful(again)
        test_every_response_has_a_policy_that_runs_no_script_and_frames_nothing(again)
        test_every_response_has_an_id_of_its_own(again)


@pytest.mark.parametrize("given", ["agency-0001", "4bf92f3577b34da6a3ce929d0e0e4736", "a.b_c-d.1", "x" * 64])
def test_a_well_formed_request_id_is_given_back(client: FlaskClient, given: str) -> None:
    for path in (ANSWER, "/", "/nowhere"):
        assert client.get(path, headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "agency 0001", "agency/0001", "<script>", "ключ-000001", "a" * 10 + "\t"]
)
def test_any_other_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    found = client.get(ANSWER, headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", found)


def test_each_request_gets_another_id(client: FlaskClient) -> None:
    assert len({client.get("/healthz").headers["X-Request-Id"] for _ in range(20)}) == 20


def test_programs_in_other_pages_may_read_the_json(client: FlaskClient) -> None:
    for path in (ANSWER, "/api/v1/requirements", "/openapi.json"):
        assert client.get(path).headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/").headers


def test_a_static_file_is_kept_for_good_at_an_address_that_names_its_content(client: FlaskClient) -> None:
    address = re.search(r'href="(/static/style\.css\?v=[0-9a-f]+)"', client.get("/").get_data(as_text=True))
    assert address
    with closing(client.get(address[1])) as response:
        assert "immutable" in response.headers["Cache-Control"]


def test_what_depends_on_accept_says_so(client: FlaskClient) -> None:
    response = client.post(
        "/api/v1/requirements/batch", json={"queries": []}, headers={"Accept": "application/x-ndjson"}
    )
    assert response.headers["Cache-Control"] == "no-store" or "Accept" in response.headers.get("Vary", "")

"""The published service: the application on the real data, at nine in the morning of 23 November 2026.

Nothing here writes, so one database and one application serve all tests of a process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from tests.conftest import MORNING, UNLIMITED, FixedClock, MakeDatabase
from tests.staff_app import StaffSite, open_site
from visalookup import create_app
from visalookup.api.v1.lookup.responses.answers import LookupResultJson
from visalookup.api.v1.lookup.responses.views import BatchFaultJson
from visalookup.config import Settings
from visalookup.extensions import db
from visalookup.http.problems import ProblemJson

Json = dict[str, Any]

PROBLEM = "application/problem+json"
LEAKS = ("Traceback", "sqlalchemy", "SELECT", "sqlite3", "psycopg", 'File "/', "/site-packages/", "werkzeug.")
"""What only the inside of the service says."""

ADVICE = re.compile(
    r"\b(?:send|write|use|did you mean|leave it out|try|split|run|asks?|documentation is at|names them all)\b"
    r"|\d to \d",
    re.IGNORECASE,
)
"""A phrase that tells what to do, or which values are allowed."""


def build_app(url: str) -> Flask:
    return create_app(
        Settings(database_url=url, log_level="ERROR", rate_limit_anonymous=UNLIMITED), FixedClock(MORNING)
    )


def close_app(app: Flask) -> None:
    """Let go of the database."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def app(loaded_sqlite_url: str) -> Iterator[Flask]:
    """The application on the real data, in a SQLite file."""
    app = build_app(loaded_sqlite_url)
    yield app
    close_app(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A program or a browser that keeps nothing between tests."""
    return app.test_client()


@pytest.fixture(scope="session")
def database_path(loaded_sqlite_url: str) -> str:
    """Where the data lies; nobody outside may learn it."""
    return str(make_url(loaded_sqlite_url).database)


@pytest.fixture
def staff_site(make_sqlite: MakeDatabase, loaded_sqlite_template: str, quick_passwords: None) -> Iterator[StaffSite]:
    """The service with its console on the real data, for one test alone: it may write."""
    site = open_site(make_sqlite(loaded_sqlite_template))
    yield site
    close_app(site.app)


@pytest.fixture
def trusting_site(make_sqlite: MakeDatabase, loaded_sqlite_template: str, quick_passwords: None) -> Iterator[StaffSite]:
    """The service with its console behind one proxy of ours."""
    site = open_site(make_sqlite(loaded_sqlite_template), trusted_proxies=1)
    yield site
    close_app(site.app)


class Api:
    """The JSON interface as a program uses it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **query: Any) -> Any:
        """What an address answers with 200, as data."""
        response = self.client.get(path, query_string=query or None)
        assert response.status_code == 200, response.get_data(as_text=True)[:400]
        assert response.mimetype == "application/json"
        return response.get_json()

    def ask(self, passport: str | list[str], destination: str, **circumstances: str) -> Json:
        """The answer to one question."""
        query = {"passport": passport, "destination": destination, **circumstances}
        answer: Json = self.get("/api/v1/requirements", **query)
        assert_declared(answer, LookupResultJson)
        return answer

    def batch(self, *queries: Any) -> list[Json]:
        """The answers to many questions, in order."""
        response = self.client.post("/api/v1/requirements/batch", json={"queries": queries})
        assert response.status_code == 200, response.get_data(as_text=True)[:400]
        answers: list[Json] = response.get_json()["answers"]
        for answer in answers:
            assert_declared(answer, BatchFaultJson if "error" in answer else LookupResultJson)
        return answers

    def refuses(self, status: int, path: str, method: str = "GET", **request: Any) -> Json:
        """The problem an address answers with, checked to be one."""
        return checked_problem(self.client.open(path, method=method, **request), status)


@pytest.fixture
def api(client: FlaskClient) -> Api:
    """The JSON interface on the real data."""
    return Api(client)


def checked_problem(response: TestResponse, status: int) -> Json:
    """The problem in a response, in the one shape that all of them have; it tells nothing of our inside."""
    text = response.get_data(as_text=True)
    assert response.status_code == status, text[:400]
    assert response.mimetype == PROBLEM
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert_no_leak(text)
    problem: Json = response.get_json()
    assert_problem(problem)
    assert problem["status"] == status
    return problem


def assert_declared(value: Json, declared: type) -> None:
    """A response has every member that its declaration requires, in its type, and none that is not declared."""
    assert msgspec.convert(value, declared, strict=True) == value


def assert_problem(problem: Json) -> None:
    """RFC 9457 with our members, and nothing else."""
    assert_declared(problem, ProblemJson)
    assert re.fullmatch(r"/docs/errors#[a-z-]+", problem["type"])
    assert problem["title"]
    assert ADVICE.search(problem["detail"]), f"it does not say what to do: {problem['detail']}"
    assert ("errors" in problem) == problem["type"].endswith("#bad-input")
    for error in problem.get("errors", ()):
        assert_field_error(error)


def assert_field_error(error: Json) -> None:
    """Which field, what is wrong with it, what was sent, and what might have been meant."""
    assert error["field"]
    assert error["detail"]
    assert ADVICE.search(error["detail"]), f"it does not say what to do: {error['detail']}"


def assert_no_leak(text: str) -> None:
    """Nothing of the inside of the service is told."""
    assert [each for each in LEAKS if each in text] == []

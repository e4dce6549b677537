"""What the log tells those who run the service, and what it keeps to itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from io import StringIO

import pytest
from flask import Flask

from tests.conftest import MORNING, FixedClock
from tests.contract.conftest import close_app
from visalookup import create_app
from visalookup.config import Settings

ASK = "/api/v1/requirements?passport=KAZ&destination=ISR"


@pytest.fixture(params=["text", "json"])
def settings(request: pytest.FixtureRequest, loaded_sqlite_url: str) -> Settings:
    """The settings for each form of log."""
    return Settings(database_url=loaded_sqlite_url, log_format=request.param)


@pytest.fixture
def log(app: Flask) -> Iterator[StringIO]:
    """What is written to the log; the loggers of the process are put back afterwards."""
    logger = logging.getLogger("visalookup")
    handlers, level = logger.handlers, logger.level
    yield StringIO()
    logger.handlers = handlers
    logger.setLevel(level)


Start = Callable[[Settings], Flask]


@pytest.fixture
def start(log: StringIO) -> Iterator[Start]:
    """Starts an application that writes to the log at hand."""
    started: list[Flask] = []

    def start(settings: Settings) -> Flask:
        app = create_app(settings, FixedClock(MORNING))
        for handler in logging.getLogger("visalookup").handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(log)
        started.append(app)
        return app

    yield start
    for app in started:
        close_app(app)


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours in the midst of an answer."""

    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(import_module("visalookup.api.v1.lookup.requirements"), "lookup_result_json", fail)


def test_each_request_is_one_line_with_its_id_and_time(start: Start, settings: Settings, log: StringIO) -> None:
    start(settings).test_client().get(ASK, headers={"X-Request-Id": "agency-0001"})
    assert len(log.getvalue().splitlines()) == 1
    for said in ("agency-0001", "/api/v1/requirements", "200", "milliseconds"):
        assert said in log.getvalue()


@pytest.mark.usefixtures("fault")
def test_a_fault_is_logged_with_where_it_arose(start: Start, settings: Settings, log: StringIO) -> None:
    start(settings).test_client().get(ASK)
    assert "a fault of ours" in log.getvalue()
    assert "Traceback" in log.getvalue()
    assert "requirements.py" in log.getvalue()


@pytest.mark.usefixtures("fault")
def test_a_fault_is_found_by_the_id_the_client_was_given(start: Start, settings: Settings, log: StringIO) -> None:
    given = start(settings).test_client().get(ASK).headers["X-Request-Id"]
    (line,) = (each for each in log.getvalue().splitlines() if "unforeseen error" in each)
    assert given in line


@pytest.mark.usefixtures("fault")
def test_a_fault_does_not_pour_all_we_hold_into_the_log(start: Start, settings: Settings, log: StringIO) -> None:
    start(settings).test_client().get(ASK)
    assert len(log.getvalue()) < 10_000
    assert "Anadolu" not in log.getvalue()


def test_a_database_that_does_not_answer_is_logged_without_its_password(
    start: Start, settings: Settings, log: StringIO
) -> None:
    app = start(replace(settings, database_url="postgresql://nobody:secret@127.0.0.1:1/visalookup"))
    assert app.test_client().get(ASK).status_code == 503
    assert "database error" in log.getvalue()
    assert "secret" not in log.getvalue()


def test_every_line_of_a_json_log_is_json(start: Start, loaded_sqlite_url: str, log: StringIO) -> None:
    client = start(Settings(database_url=loaded_sqlite_url, log_format="json")).test_client()
    for path in (ASK, "/", "/nowhere", "/visa/KAZ/ISR%0A%22"):
        client.get(path, headers={"X-Request-Id": "agency-0001"})
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [each["request_id"] for each in lines] == ["agency-0001"] * 4
    assert [each["status"] for each in lines] == [200, 200, 404, 422]

"""The database goes away, stopped, frozen or refusing: lookups go on with their age told, and all recovers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from scripts.postgres import Server, own_server
from scripts.tools import find_postgres
from tests.conftest import build, opened
from tests.integration.conftest import written
from tests.integration.world import NOTICE, new_event, record
from tests.serving.server import Service, serving
from visalookup.domain.lifecycle import Status
from visalookup.services.clock import system_clock
from visalookup.services.datasets.load_data import LoadOrder, load_data

ASKED = "/api/v1/requirements?passport=KAZ&destination=ISR&on=2026-12-01"
PAGE = "/visa/KAZ/ISR?on=2026-12-01"
WRITE = "name=edith&password=four+words+without+sense"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    programs = find_postgres()
    assert programs is not None, "There is no PostgreSQL server here: `make test` installs one."
    with own_server(programs) as server:
        yield server


@pytest.fixture(scope="module")
def url(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of the server, with the small world in it."""
    _administer(server, "CREATE DATABASE world")
    url = server.url.replace("/postgres?", "/world?")
    build(url)
    with opened(url) as engine, Session(engine) as session:
        files = written(tmp_path_factory.mktemp("small"))
        load_data(session, files.read(), LoadOrder("tests", "The small world"), system_clock())
        session.commit()
    return url


@pytest.fixture(scope="module")
def service(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(url, tmp_path_factory.mktemp("service") / "log", SECURE_COOKIES="off") as service:
        yield service


def _administer(server: Server, *statements: str) -> None:
    with opened(server.url) as engine, engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for each in statements:
            connection.execute(text(each))


def _refuse(server: Server) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'world'"
    _administer(server, "ALTER DATABASE world ALLOW_CONNECTIONS false", end)


def _allow(server: Server) -> None:
    _administer(server, "ALTER DATABASE world ALLOW_CONNECTIONS true")


AWAY: dict[str, tuple[Callable[[Server], None], Callable[[Server], None]]] = {
    "stopped": (Server.stop, Server.start),
    "frozen": (Server.pause, Server.resume),
    "refusing": (_refuse, _allow),
}


MANY = 16


def tells_age(service: Service) -> int:
    """How many of many answers tell their age: each worker gives some of them."""
    return sum("Age" in service.get(ASKED).headers for _ in range(MANY))


@pytest.mark.parametrize("how", AWAY)
def test_lookups_go_on_and_all_else_says_so_and_recovers(service: Service, server: Server, how: str) -> None:
    take_away, bring_back = AWAY[how]
    before = service.get(ASKED)
    assert before.status == 200
    assert not tells_age(service)
    take_away(server)
    try:
        service.wait_until(lambda: tells_age(service) == MANY, 10, "answers tell their age")
        for _ in range(20):
            answer = service.get(ASKED)
            assert (answer.status, answer.body) == (200, before.body)
            assert answer.seconds < 2.0
        assert b"Our database cannot be reached" in service.get(PAGE).body

        ready = service.get("/readyz")
        assert ready.status == 503
        assert ready.json["age_seconds"] >= 3
        assert service.get("/healthz").status == 200

        for refused in (
            service.send("POST", "/api/v1/regimes", "{}", Authorization="Bearer vlt_nothing"),
            service.get("/api/v1/changes"),
            service.get(f"{ASKED}&as_of=2020-01-01T00:00:00Z"),
        ):
            assert refused.status == 503
            assert "nothing was saved" in refused.json["detail"]
            assert refused.seconds < 2.0
        page = service.send("POST", "/staff/sign-in", WRITE, **{"Content-Type": FORM, "Cookie": "x=y"})
        for told in (page.body, ready.body):
            assert str(server.folder).encode() not in told
            assert b"Traceback" not in told
    finally:
        bring_back(server)
    service.wait_until(service.is_ready, 10, "it is ready again")
    service.wait_until(lambda: not tells_age(service), 10, "answers are of now again")


def test_what_is_published_after_all_that_is_seen_in_a_second(service: Service, url: str) -> None:
    with opened(url) as engine, Session(engine) as session:
        record(session, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01", NOTICE), system_clock())
    service.wait_until(lambda: b'"signed"' in service.get(ASKED).body, 2, "the step is answered with")

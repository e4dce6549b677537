"""Workers share the connections out evenly, and lose no line of the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.serving.server import Service, serving

ASKED = "/api/v1/requirements?passport=KAZ&destination=ISR"
CONNECTIONS = 16


@pytest.fixture
def service(loaded_sqlite_url: str, tmp_path: Path) -> Iterator[Service]:
    with serving(loaded_sqlite_url, tmp_path / "log") as service:
        service.wait_until(lambda: have_begun(service), 10, "both workers accept connections")
        yield service


def workers(service: Service) -> list[int]:
    parent = service.process.pid
    return [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def have_begun(service: Service) -> bool:
    """Whether both workers accept connections: each then has a thread that watches the database."""
    begun = [len(list(Path(f"/proc/{pid}/task").iterdir())) > 1 for pid in workers(service)]
    return begun == [True, True]


def sockets(pid: int) -> set[str]:
    """The sockets a process has open, each by the name Linux gives it."""
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(each.readlink()))
        except FileNotFoundError:  # it was closed meanwhile
            continue
    return {each for each in found if each.startswith("socket:")}


def test_connections_that_stay_open_are_shared_out_evenly(service: Service) -> None:
    before = {pid: sockets(pid) for pid in workers(service)}
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            connection = stack.enter_context(closing(HTTPConnection("127.0.0.1", service.port, timeout=10)))
            connection.request("GET", ASKED)
            assert connection.getresponse().read()
        held = [len(sockets(pid) - before[pid]) for pid in workers(service)]
    assert sum(held) == CONNECTIONS
    assert min(held) >= CONNECTIONS // 4, held  # a machine that is busy with other tests may skew it a little


def test_every_request_is_in_the_log_when_the_service_has_ended(loaded_sqlite_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    asked = [f"agency-{number:04}" for number in range(60)]
    with serving(loaded_sqlite_url, log) as service:
        for each in asked:
            assert service.get(ASKED, **{"X-Request-Id": each}).status == 200
    text = log.read_text()
    assert [each for each in asked if text.count(f"request_id={each} ") != 1] == []


def test_any_worker_tells_what_all_of_them_answered(service: Service) -> None:
    asked = 40
    for _ in range(asked):
        assert service.get(ASKED).status == 200

    def is_told() -> bool:
        lines = service.get("/metrics").body.decode().splitlines()
        return f'visalookup_requests_total{{endpoint="requirements.ask",status="200"}} {asked}.0' in lines

    service.wait_until(lambda: all(is_told() for _ in range(10)), 10, "every worker tells the sum")

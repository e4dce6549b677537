"""Limits counted in Redis: shared by all processes, and by each alone while Redis is away."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.retry import Retry

from scripts.tools import find_redis
from tests.conftest import MORNING, NEVER, FixedClock
from tests.contract.conftest import close_app
from visalookup import create_app
from visalookup.config import Settings
from visalookup.extensions import clock_of, db, rulebook_store_of
from visalookup.rate_limits.allowances import Allowance
from visalookup.rate_limits.hooks import meter_of

ASKED = "/api/v1/requirements?passport=KAZ&destination=ISR"
LIMIT = 8


@dataclass(slots=True)
class RedisServer:
    """A Redis of our own, which keeps nothing on disk."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        words = [str(find_redis()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
        patient = Retry(ConstantBackoff(0.02), 500, (NotConnected, OSError))
        with Redis(port=self.port, retry=patient) as client:
            assert client.ping()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = RedisServer(tmp_path, port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def processes(loaded_sqlite_url: str, redis_server: RedisServer) -> Iterator[tuple[Flask, Flask]]:
    """Two applications on one database, as two processes have them."""
    settings = Settings(
        database_url=loaded_sqlite_url,
        log_level="CRITICAL",
        rate_limit_anonymous=LIMIT,
        rate_limit_storage=redis_server.url,
    )
    pair = create_app(settings, FixedClock(MORNING)), create_app(settings, FixedClock(MORNING))
    for app in pair:
        with app.app_context():
            rulebook_store_of(app).current(db.session)
    yield pair
    for app in pair:
        close_app(app)


def asked(app: Flask) -> tuple[int, str]:
    response = app.test_client().get(ASKED)
    return response.status_code, response.headers["RateLimit-Remaining"]


def test_two_processes_share_one_count(processes: tuple[Flask, Flask]) -> None:
    one, other = processes
    remaining = [asked(app) for _ in range(LIMIT // 2) for app in (one, other)]
    assert remaining == [(200, str(left)) for left in range(LIMIT - 1, -1, -1)]
    assert asked(one)[0] == asked(other)[0] == 429


def test_while_redis_is_away_each_process_counts_by_itself(
    processes: tuple[Flask, Flask], redis_server: RedisServer
) -> None:
    one, other = processes
    assert asked(one) == (200, str(LIMIT - 1))
    redis_server.stop()
    for app in (one, other):
        assert [asked(app)[0] for _ in range(LIMIT + 1)] == [200] * LIMIT + [429]


def test_when_redis_is_back_the_count_is_shared_again(
    processes: tuple[Flask, Flask], redis_server: RedisServer
) -> None:
    """It is asked at ever longer intervals; here they have passed."""
    redis_server.stop()
    for app in processes:
        assert asked(app) == (200, str(LIMIT - 1))
    redis_server.start()
    for app in processes:
        meter_of(app)._count._ask_again_at = float("-inf")
    one, other = processes
    assert asked(one) == (200, str(LIMIT - 1))
    assert asked(other) == (200, str(LIMIT - 2))


def test_nobody_waits_for_redis_where_everybody_would_wait_with_them(processes: tuple[Flask, Flask]) -> None:
    """Until a lot was drawn, which asks Redis, a plain request is left to Flask."""
    meter, now = meter_of(processes[0]), clock_of(processes[0])()
    meter._allowances.put("address 192.0.2.9", Allowance(LIMIT, 0, NEVER, iter([0])))
    assert meter.acquire({"REMOTE_ADDR": "192.0.2.10"}, now) is None
    assert meter.acquire({"REMOTE_ADDR": "192.0.2.9"}, now) is not None
    assert meter.acquire({"REMOTE_ADDR": "192.0.2.9"}, now) is None

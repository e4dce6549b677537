"""A gunicorn of our own, and a client that keeps nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.conftest import UNLIMITED
from visalookup.config import ROOT

SECONDS_TO_START = 60
STEP = 0.02
OURS = ("gunicorn.conf.py", "wsgi:app")


class NotSo(AssertionError):
    """What was waited for did not come about."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Service:
    """A running service."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def get(self, path: str, **headers: str) -> Seen:
        """Ask with a connection of its own."""
        return self.send("GET", path, None, **headers)

    def send(self, method: str, path: str, body: str | None, **headers: str) -> Seen:
        """Send a request with a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        began = time.perf_counter()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
            return Seen(response.status, dict(response.headers), content, time.perf_counter() - began)
        finally:
            connection.close()

    def wait_until(self, is_so: Callable[[], bool], seconds: float, what: str) -> float:
        """Look again and again until it is so, at most for some seconds; how long it took."""
        began = time.monotonic()
        while not is_so():
            if self.process.poll() is not None or time.monotonic() - began > seconds:
                raise NotSo(f"Not within {seconds} s: {what}.\n{self.log.read_text()[-3000:]}")
            time.sleep(STEP)
        return time.monotonic() - began

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        try:
            return self.get("/readyz").status == 200
        except OSError:
            return False


@contextmanager
def serving(
    url: str,
    log: Path,
    workers: int = 2,
    served: tuple[str, str] = OURS,
    also_at: Path | None = None,
    **settings: str,
) -> Iterator[Service]:
    """The service on a database, as `make run` starts it; or another application, with settings of its own.

    It also listens at a socket of the file system, if one is named.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    changed = {
        "DATABASE_URL": url,
        "PORT": str(port),
        "WEB_CONCURRENCY": str(workers),
        "SECRET_KEY": "for tests",
        "RATE_LIMIT_ANONYMOUS": str(UNLIMITED),
    }
    bound = [] if also_at is None else ["--bind", f"127.0.0.1:{port}", "--bind", f"unix:{also_at}"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - what is served is named in the tests
            [sys.executable, "-m", "gunicorn", "--config", served[0], *bound, served[1]],
            cwd=ROOT,
            env={**os.environ, **changed, **settings},
            stdout=output,
            stderr=output,
        )
        service = Service(process, port, log)
        try:
            service.wait_until(service.is_ready, SECONDS_TO_START, "it is ready")
            yield service
        finally:
            process.terminate()
            process.wait(SECONDS_TO_START)

"""The processes that are measured, one gunicorn for each, all with the shipped settings of the service."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from scripts.shell import ROOT, CannotContinue, tool

_SECONDS_TO_START = 60.0
UNLIMITED = {"RATE_LIMIT_ANONYMOUS": "1000000000"}
"""Limits are on, counted and reported as shipped, but never reached."""
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()
        finally:
            connection.close()

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers."""
        return [int(pid) for pid in _proc(self.process.pid, f"task/{self.process.pid}/children").split()]

    def cpu_seconds(self) -> dict[int, float]:
        """Processor time used so far, by worker."""
        return {pid: _ticks(pid) / _TICKS_A_SECOND for pid in self.workers}

    def megabytes(self) -> dict[str, float]:
        """Memory of all processes together, shared pages counted once, and of the largest worker."""
        processes = [self.process.pid, *self.workers]
        return {
            "together_pss": sum(_rollup(pid, "Pss") for pid in processes),
            "worker_rss": max(_rollup(pid, "Rss") for pid in self.workers),
            "worker_own": max(_rollup(pid, "Private_Dirty") for pid in self.workers),
        }


def _ticks(pid: int) -> int:
    """User and system time in clock ticks, after the name in parentheses (proc(5))."""
    return sum(map(int, _proc(pid, "stat").rsplit(")", 1)[1].split()[11:13]))


def _proc(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


def _rollup(pid: int, name: str) -> float:
    line = next(line for line in _proc(pid, "smaps_rollup").splitlines() if line.startswith(f"{name}:"))
    return round(int(line.split()[1]) / 1024, 1)


@contextmanager
def server(name: str, application: str, config: str, folder: Path, probe: str, **settings: str) -> Iterator[Server]:
    """Start gunicorn and wait until it answers `probe`; its log goes to a file, as in production."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [tool("gunicorn"), "--config", config, application],
            cwd=ROOT,
            env={**os.environ, "PORT": str(port), **UNLIMITED, **settings},
            stdout=log,
            stderr=log,
        )
        started = Server(name, port, process)
        try:
            wait_for_answer(started, probe)
            yield started
        finally:
            process.terminate()
            process.wait(_SECONDS_TO_START)


def wait_for_answer(started: Server, probe: str) -> None:
    """Ask until the server answers; raise CannotContinue if it ends or takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < _SECONDS_TO_START:
        try:
            if started.get(probe)[0] == 200:
                return
        except OSError:
            time.sleep(0.01)
        if started.process.poll() is not None:
            break
    raise CannotContinue(f"{started.name} does not answer; see its log")

"""A change published under load: when every worker serves it, and how much it slows answers down."""

from __future__ import annotations

import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy.orm import Session

from bench.load import Case, run_round
from bench.servers import Server
from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.sources import Source, SourceKind
from visalookup.services.changes.add_event import NewEvent, add_event
from visalookup.services.clock import system_clock
from visalookup.storage.engine import make_engine

_QUESTION = "/api/v1/requirements?passport=KAZ&destination=ISR&on=2026-12-01"
_IN_A_ROW = 40
_SECONDS = 8
_REGIME = "kaz-isr-2026"


class Prober(threading.Thread):
    """Asks continuously over its own connection, and records how long each answer took."""

    def __init__(self, server: Server, paths: list[str]) -> None:
        super().__init__(daemon=True)
        self.took: list[tuple[float, float]] = []
        self.failed = 0
        self._server, self._paths = server, paths
        self._ended = threading.Event()

    def run(self) -> None:
        """Ask until `end` is called."""
        connection = HTTPConnection("127.0.0.1", self._server.port, timeout=10)
        for path in self._paths * 1_000:
            if self._ended.is_set():
                break
            began = time.perf_counter()
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            self.failed += response.status != 200
            self.took.append((time.monotonic(), (time.perf_counter() - began) * 1000))
            time.sleep(0.002)
        connection.close()

    def end(self) -> None:
        """Stop asking, and wait for the thread."""
        self._ended.set()
        self.join()


def measure_change(server: Server, url: str, questions: Path, paths: list[str]) -> dict[str, Any]:
    """Publish a step under load; return seconds until every worker serves it, and the latency before and during."""
    rounds: list[Any] = []
    load = threading.Thread(target=lambda: rounds.append(run_round(Case("change", server, questions), _SECONDS)))
    prober = Prober(server, paths)
    load.start()
    prober.start()
    time.sleep(_SECONDS / 2)
    published = _publish(url)
    known = _until_everywhere(server)
    load.join()
    prober.end()
    before = [took for at, took in prober.took if published - 3 < at < published - 0.2]
    during = [took for at, took in prober.took if published <= at <= known + 0.5]
    return {
        "seconds_until_every_worker_knew": round(known - published, 2),
        "failed": rounds[0].failed + prober.failed,
        "probe_p50_milliseconds": {"before": _percentile(before, 50), "during": _percentile(during, 50)},
        "probe_p99_milliseconds": {"before": _percentile(before, 99), "during": _percentile(during, 99)},
        "slowed_by": round(_percentile(during, 50) / _percentile(before, 50), 2),
        "slowed_by_at_p99": round(_percentile(during, 99) / _percentile(before, 99), 2),
    }


def _publish(url: str) -> float:
    engine = make_engine(url)
    with Session(engine) as session:
        source = Source("bench", SourceKind.PRESS, "Bench", "A step", "https://bench.example/")
        step = NewEvent(_REGIME, EffectiveDate.parse("2026-11-20"), source, Status.SIGNED)
        add_event(session, step, "bench", system_clock())
        session.commit()
        committed = time.monotonic()
    engine.dispose()
    return committed


def _until_everywhere(server: Server) -> float:
    """The moment from which many new connections in a row, which go to any worker, get the new answer."""
    first, in_a_row = time.monotonic(), 0
    while in_a_row < _IN_A_ROW:
        asked = time.monotonic()
        knows = b'"status":"signed"' in server.get(_QUESTION)[2]
        if knows and in_a_row == 0:
            first = asked
        in_a_row = in_a_row + 1 if knows else 0
    return first


def _percentile(values: list[float], percent: int) -> float:
    return round(quantiles(values, n=100)[percent - 1], 2)

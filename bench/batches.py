"""A batch of ten thousand questions, compared with orjson merely reading and writing the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPConnection
from statistics import median
from typing import Any

import orjson

from bench.servers import Server
from scripts.shell import CannotContinue

_PATH = "/api/v1/requirements/batch"
_ROUNDS = 7
_JSON, _NDJSON = "application/json", "application/x-ndjson"


def measure_batches(server: Server, questions: list[tuple[str, str]]) -> dict[str, Any]:
    """Medians in milliseconds, the share of orjson's speed, and what NDJSON does to the workers' memory."""
    ten_thousand = [
        {"passport": passport, "destination": destination} for passport, destination in (questions * 2)[:10_000]
    ]
    body = orjson.dumps({"queries": ten_thousand})
    first = _timed(lambda: _post(server, body, _JSON))
    for _ in server.workers * 4:
        answer = _post(server, body, _JSON)
    parsed = orjson.loads(answer)
    ours, reading_and_writing, answers_only = [], [], []
    for _ in range(_ROUNDS):
        ours.append(_timed(lambda: _post(server, body, _JSON)))
        reading_and_writing.append(_timed(lambda: (orjson.loads(body), orjson.dumps(parsed))))
        answers_only.append(_timed(lambda: orjson.dumps(orjson.loads(answer))))
    return {
        "questions": len(ten_thousand),
        "bytes_sent": len(body),
        "bytes_answered": len(answer),
        "first_milliseconds": round(first, 1),
        "milliseconds": round(median(ours), 1),
        "orjson_reads_questions_and_writes_answers_milliseconds": round(median(reading_and_writing), 1),
        "orjson_reads_and_writes_answers_milliseconds": round(median(answers_only), 1),
        "share_of_orjson": round(median(reading_and_writing) / median(ours), 2),
        "ndjson": _memory_of_ndjson(server, ten_thousand),
    }


def _memory_of_ndjson(server: Server, questions: list[dict[str, str]]) -> dict[str, float]:
    """How much the workers' memory grows when lists of different lengths are answered line by line."""
    grown = {}
    for length in (1_000, 10_000):
        body = orjson.dumps({"queries": questions[:length]})
        before = server.megabytes()["worker_rss"]
        for _ in server.workers * 4:
            _post(server, body, _NDJSON)
        grown[f"megabytes_grown_by_{length}"] = round(server.megabytes()["worker_rss"] - before, 1)
    return grown


def _post(server: Server, body: bytes, accept: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("POST", _PATH, body, {"Content-Type": _JSON, "Accept": accept})
        response = connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise CannotContinue(f"a batch was refused: {content[:300]!r}")
        return content
    finally:
        connection.close()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000

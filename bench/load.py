"""Load from wrk, and its results."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.servers import Server

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("questions.lua")
_FAILED = r"(?:Non-2xx or 3xx responses:|connect|read|write|timeout) (\d+)"
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True)
class Round:
    """One run of wrk. `split` is the share of the processor time that each worker took, the busiest first."""

    requests_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    failed: int
    split: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A server and the questions sent to it."""

    name: str
    server: Server
    questions: Path


def run_round(case: Case, seconds: int) -> Round:
    """Load the server for some seconds over persistent connections."""
    before = case.server.cpu_seconds()
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(_SCRIPT)]
    output = subprocess.run(
        [*command, f"http://127.0.0.1:{case.server.port}"],
        env={**os.environ, "BENCH_QUESTIONS": str(case.questions)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    after = case.server.cpu_seconds()
    used = sorted((after[pid] - before.get(pid, 0.0) for pid in after), reverse=True)
    return Round(
        float(_found(r"Requests/sec:\s+([\d.]+)", output)[1]),
        _milliseconds(_found(r"50%\s+([\d.]+)(us|ms|s|m)", output)),
        _milliseconds(_found(r"99%\s+([\d.]+)(us|ms|s|m)", output)),
        sum(map(int, re.findall(_FAILED, output))),
        tuple(round(seconds_used / (sum(used) or 1.0), 2) for seconds_used in used),
    )


def summary(rounds: list[Round]) -> dict[str, Any]:
    """Medians and spread of several rounds."""
    speeds = [one_round.requests_per_second for one_round in rounds]
    return {
        "requests_per_second": round(median(speeds)),
        "spread": [round(min(speeds)), round(max(speeds))],
        "p50_milliseconds": round(median(one_round.p50_milliseconds for one_round in rounds), 2),
        "p99_milliseconds": round(median(one_round.p99_milliseconds for one_round in rounds), 2),
        "failed": sum(one_round.failed for one_round in rounds),
        "splits": [list(one_round.split) for one_round in rounds],
    }


def _found(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"unexpected output of wrk:\n{text}")
    return found


def _milliseconds(found: re.Match[str]) -> float:
    return float(found[1]) * _SECONDS[found[2]] * 1000

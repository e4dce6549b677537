"""The results: as a table to read, as JSON to store, and as a plot."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import matplotlib as mpl
import orjson
from matplotlib.figure import Figure

RESULTS = Path(__file__).with_name("results")
_PACKAGES = ("flask", "gunicorn", "sqlalchemy", "marshmallow", "psycopg", "orjson", "zstandard")


def machine() -> dict[str, Any]:
    """The machine that was measured on."""
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    return {
        "processor": cpu,
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in _PACKAGES},
    }


def ratios(loads: dict[str, Any]) -> dict[str, float]:
    """The ratios that the service must meet."""
    speed = {name: load["requests_per_second"] for name, load in loads.items()}
    ours, flask = speed["lookup"], speed["empty Flask"]
    return {
        "lookup / empty Flask (at least 1.5)": _of(ours, flask),
        "lookup / bare WSGI (at least 0.8)": _of(ours, speed["bare WSGI"]),
        "lookup / the usual way (at least 6)": _of(ours, speed["the usual way"]),
        "If-None-Match / lookup (at least 1)": _of(speed["lookup, If-None-Match"], ours),
        "answer page / empty Flask (at least 0.5)": _of(speed["answer page"], flask),
        "view / empty Flask (at least 0.3)": _of(speed["view"], flask),
        "view, gzip / empty Flask (at least 0.7)": _of(speed["view, gzip"], flask),
        "view, br / empty Flask (at least 0.7)": _of(speed["view, br"], flask),
        "view, zstd / empty Flask (at least 0.7)": _of(speed["view, zstd"], flask),
        "p99 of lookup / p99 of empty Flask (at most 3)": _of(
            loads["lookup"]["p99_milliseconds"], loads["empty Flask"]["p99_milliseconds"]
        ),
    }


def _of(one: float, other: float) -> float:
    return round(one / other, 2)


def write(today: date, name: str, results: dict[str, Any]) -> Path:
    """Store the results, with the plot next to them; return the path of the JSON file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{today.isoformat()}{name}.json"
    path.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    _plot(results, path.with_suffix(".svg"))
    return path


def table(results: dict[str, Any]) -> str:
    """The results as a table of text."""
    lines = [f"{'case':26}{'requests/s':>12}{'spread':>18}{'p50 ms':>9}{'p99 ms':>9}  split of the processor"]
    for name, load in results["loads"].items():
        spread = "-".join(map(str, load["spread"]))
        splits = " ".join("/".join(f"{share:.2f}" for share in split) for split in load["splits"])
        lines.append(
            f"{name:26}{load['requests_per_second']:>12,}{spread:>18}"
            f"{load['p50_milliseconds']:>9}{load['p99_milliseconds']:>9}  {splits}"
        )
    lines += ["", *(f"{name:52}{value}" for name, value in results["ratios"].items()), ""]
    return "\n".join(lines) + orjson.dumps(results["others"], option=orjson.OPT_INDENT_2).decode()


def _plot(results: dict[str, Any], path: Path) -> None:
    mpl.rcParams.update({"svg.hashsalt": "visalookup", "font.size": 9})
    names = list(results["loads"])[::-1]
    speeds = [results["loads"][name]["requests_per_second"] for name in names]
    spreads = [results["loads"][name]["spread"] for name in names]
    errors = [
        [speed - low for speed, (low, _) in zip(speeds, spreads, strict=True)],
        [high - speed for speed, (_, high) in zip(speeds, spreads, strict=True)],
    ]
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    others = ("bare WSGI", "bare, at once", "empty Flask", "the usual way")
    axes.barh(names, speeds, xerr=errors, color=["#9aa5b1" if name in others else "#12355b" for name in names])
    axes.set_xlabel("requests per second (median of the rounds, and their spread)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})

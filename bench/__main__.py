"""`make bench`: everything in one run, side by side, with the gunicorn settings the service is shipped with."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import world
from bench.batches import measure_batches
from bench.changes import measure_change
from bench.load import CONNECTIONS, Case, Round, run_round, summary
from bench.report import machine, ratios, table, write
from bench.servers import Server, server
from bench.starts import megabytes_of_world, seconds_to_first_answer
from scripts.postgres import private_server
from scripts.shell import CannotContinue, say
from scripts.tools import find_postgres

_PROBE = world.lookup_path("KAZ", "ISR")
_OTHERS = "bench/gunicorn_others.py"
_HISTORY = 1_000_000


def main() -> int:
    """Measure, print and store the results."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name, _database() as url:
        folder = Path(name)
        say("Loading the world into PostgreSQL ...")
        places = world.set_up(url)
        results = _measure(url, folder, list(world.pairs(places)), arguments)
    path = write(datetime.now(UTC).date(), arguments.name, results)
    print(table(results))
    say(f"Stored in {path.relative_to(Path.cwd())}, with a plot next to it.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS") or 5))
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("SECONDS_A_ROUND") or 4))
    parser.add_argument("--name", default="", help="added to the name of the file with the results")
    return parser.parse_args()


@contextmanager
def _database() -> Iterator[str]:
    programs = find_postgres()
    if programs is None:
        raise CannotContinue("PostgreSQL is missing: `make bench` installs it")
    with private_server(programs) as url:
        yield url


def _measure(url: str, folder: Path, pairs: list[tuple[str, str]], arguments: argparse.Namespace) -> dict[str, Any]:
    say("Measuring starts and memory ...")
    others: dict[str, Any] = {
        "seconds_to_first_answer": seconds_to_first_answer(url, folder),
        "megabytes_of_the_world": megabytes_of_world(url),
    }
    with ExitStack() as stack:
        servers = _servers(stack, url, folder)
        cases = _cases(servers, folder, pairs)
        loads = _loads(cases, arguments)
        ours = servers["ours"]
        others["megabytes"] = {name: running.megabytes() for name, running in servers.items()}
        say("Measuring batches and a change published under load ...")
        others["batch"] = measure_batches(ours, pairs)
        paths = [world.lookup_path(*pair) for pair in pairs]
        others["change"] = measure_change(ours, url, cases[0].questions, paths)
    say("Adding a million historical versions of rules ...")
    others["history"] = {
        "superseded_versions": world.write_history(url, _HISTORY),
        "seconds_to_first_answer": seconds_to_first_answer(url, folder),
    }
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "how": f"wrk -t1 -c{CONNECTIONS}, kept open, {arguments.rounds} rounds of {arguments.seconds} s in turn",
        "ratios": ratios(loads),
        "loads": loads,
        "others": others,
    }


def _servers(stack: ExitStack, url: str, folder: Path) -> dict[str, Server]:
    driver = url.replace("postgresql://", "postgresql+psycopg://")
    settings_of = {
        "ours": ("wsgi:app", "gunicorn.conf.py", {"DATABASE_URL": url}),
        "empty Flask": ("bench.apps.empty_flask:app", _OTHERS, {}),
        "bare WSGI": ("bench.apps.bare:app", _OTHERS, {}),
        "bare, at once": ("bench.apps.prompt:app", _OTHERS, {}),
        "the usual way": ("bench.apps.usual:app", _OTHERS, {"BENCH_DATABASE_URL": driver}),
    }
    return {
        name: stack.enter_context(
            server(name.replace(",", "").replace(" ", "-"), app, config, folder, _PROBE, **settings)
        )
        for name, (app, config, settings) in settings_of.items()
    }


def _cases(servers: dict[str, Server], folder: Path, pairs: list[tuple[str, str]]) -> list[Case]:
    ours = servers["ours"]
    paths = [world.lookup_path(*pair) for pair in pairs]
    pages = [f"/visa/{passport}/{destination}" for passport, destination in pairs[:400]]
    views = [f"/api/v1/passports/{passport}/requirements" for passport in sorted({code for code, _ in pairs[:60]})]
    write_questions = world.write_questions
    lookups = write_questions(folder / "lookups", paths)
    encoded = {
        encoding: write_questions(folder / encoding, [f"{view}\tAccept-Encoding: {encoding}" for view in views])
        for encoding in ("gzip", "br", "zstd")
    }
    return [
        Case("lookup", ours, lookups),
        *(
            Case(name, servers[name], lookups)
            for name in ("empty Flask", "bare WSGI", "bare, at once", "the usual way")
        ),
        Case(
            "lookup, If-None-Match",
            ours,
            write_questions(folder / "held", list(world.with_etags(ours, paths[:2_000]))),
        ),
        Case("answer page", ours, write_questions(folder / "pages", pages)),
        Case("view", ours, write_questions(folder / "views", views)),
        *(Case(f"view, {name}", ours, path) for name, path in encoded.items()),
    ]


def _loads(cases: list[Case], arguments: argparse.Namespace) -> dict[str, Any]:
    say("Warming up ...")
    for case in cases:
        run_round(case, arguments.seconds)
    rounds: dict[str, list[Round]] = {case.name: [] for case in cases}
    for number in range(arguments.rounds):
        say(f"Round {number + 1} of {arguments.rounds} ...")
        for case in cases:
            rounds[case.name].append(run_round(case, arguments.seconds))
    return {name: summary(rounds_of_case) for name, rounds_of_case in rounds.items()}


if __name__ == "__main__":
    sys.exit(main())

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
from scripts.shell import CannotGoOn, say
from scripts.tools import find_postgres

_PROBE = world.lookup_path("KAZ", "ISR")
_OTHERS = "bench/gunicorn_others.py"
_HISTORY = 1_000_000


def main() -> int:
    """Measure, print, and keep what was found."""
    given = _arguments()
    with tempfile.TemporaryDirectory() as name, _database() as url:
        folder = Path(name)
        say("Loading the world into PostgreSQL ...")
        places = world.set_up(url)
        found = _measure(url, folder, list(world.pairs(places)), given)
    path = write(datetime.now(UTC).date(), given.name, found)
    print(table(found))
    say(f"Kept in {path.relative_to(Path.cwd())}, with a plot beside it.")
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
        raise CannotGoOn("PostgreSQL is missing: `make bench` installs it")
    with private_server(programs) as url:
        yield url


def _measure(url: str, folder: Path, pairs: list[tuple[str, str]], given: argparse.Namespace) -> dict[str, Any]:
    say("Measuring starts and memory ...")
    others: dict[str, Any] = {
        "seconds_to_first_answer": seconds_to_first_answer(url, folder),
        "megabytes_of_the_world": megabytes_of_world(url),
    }
    with ExitStack() as stack:
        servers = _servers(stack, url, folder)
        cases = _cases(servers, folder, pairs)
        loads = _loads(cases, given)
        ours = servers["ours"]
        others["megabytes"] = {name: each.megabytes() for name, each in servers.items()}
        say("Measuring batches and a change that is published meanwhile ...")
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
        "how": f"wrk -t1 -c{CONNECTIONS}, kept open, {given.rounds} rounds of {given.seconds} s in turn",
        "ratios": ratios(loads),
        "loads": loads,
        "others": others,
    }


def _servers(stack: ExitStack, url: str, folder: Path) -> dict[str, Server]:
    driver = url.replace("postgresql://", "postgresql+psycopg://")
    wanted = {
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
        for name, (app, config, settings) in wanted.items()
    }


def _cases(servers: dict[str, Server], folder: Path, pairs: list[tuple[str, str]]) -> list[Case]:
    ours = servers["ours"]
    paths = [world.lookup_path(*pair) for pair in pairs]
    pages = [f"/visa/{passport}/{destination}" for passport, destination in pairs[:400]]
    views = [f"/api/v1/passports/{passport}/requirements" for passport in sorted({each for each, _ in pairs[:60]})]
    write_questions = world.write_questions
    lookups = write_questions(folder / "lookups", paths)
    encoded = {
        each: write_questions(folder / each, [f"{view}\tAccept-Encoding: {each}" for view in views])
        for each in ("gzip", "br", "zstd")
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


def _loads(cases: list[Case], given: argparse.Namespace) -> dict[str, Any]:
    say("Warming up ...")
    for case in cases:
        run_round(case, given.seconds)
    rounds: dict[str, list[Round]] = {case.name: [] for case in cases}
    for number in range(given.rounds):
        say(f"Round {number + 1} of {given.rounds} ...")
        for case in cases:
            rounds[case.name].append(run_round(case, given.seconds))
    return {name: summary(each) for name, each in rounds.items()}


if __name__ == "__main__":
    sys.exit(main())

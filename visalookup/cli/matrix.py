"""`visalookup matrix`: the answers for the whole world as one table."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import date

import click
import orjson

from visalookup.cli.context import DAY, open_session
from visalookup.services.clock import system_clock
from visalookup.services.datasets.matrix import MatrixRow, matrix
from visalookup.services.lookup.rulebook_store import newest_rulebook


@click.command("matrix")
@click.option("--on", type=DAY, help="Day of travel (2026-12-01). [default: today at each destination]")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
def print_matrix(on: date | None, form: str) -> None:
    """Print the requirements for every ordinary passport, and every other travel document, at every destination.

    The columns are passport, destination, requirement, stay_days, within_days, verification, regime. A citizen at
    home has freedom_of_movement and no regime; a pair without data is `unknown`.
    """
    with open_session() as session:
        rulebook = newest_rulebook(session)
    rows = matrix(rulebook, on, system_clock())
    out = sys.stdout
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(MatrixRow._fields)
        writer.writerows(rows)
    else:
        out.writelines(_json(rows))


def _json(rows: Iterator[MatrixRow]) -> Iterator[str]:
    """One array, with a row on every line."""
    opening = "[\n"
    for row in rows:
        yield f"{opening}{orjson.dumps(row._asdict()).decode()}"
        opening = ",\n"
    yield "\n]\n"

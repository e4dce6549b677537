"""`visalookup data compare`: an outside table compared with our answers."""

from __future__ import annotations

import csv
import sys
from datetime import date
from getpass import getuser
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from visalookup.cli.context import DAY, open_session
from visalookup.domain.datasets.outside_table import in_their_classes
from visalookup.domain.requirements import Requirement
from visalookup.domain.wording.requirements import words_of
from visalookup.formats.outside_table import OutsideTable, read_outside_table
from visalookup.services.clock import system_clock
from visalookup.services.datasets.compare_table import TableComparison, compare_table
from visalookup.services.datasets.matrix import UNKNOWN
from visalookup.services.datasets.review_differences import flag
from visalookup.services.lookup.rulebook_store import RulebookStore

_MAX_DESTINATIONS = 15
_MAX_NAMES = 20
_CLASSES = (*(kind for kind in Requirement if in_their_classes(kind) is kind), None)
"""The classes of such a table; None stands for unknown."""
_LIST_COLUMNS = ("passport", "destination", "theirs", "ours", "verification", "regime")


@click.command()
@click.argument("table", metavar="FILE.csv", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--on", type=DAY, help="Compare the answers for this day. [default: today]")
@click.option("--list", "as_list", is_flag=True, help="Print every difference as CSV instead.")
@click.option("--flag", "as_work", is_flag=True, help="Record the differences in the console, for staff to review.")
def compare(table: Path, on: date | None, *, as_list: bool, as_work: bool) -> None:
    """Compare an outside table with our answers, to review where they differ; no answer changes.

    The table has the columns Passport,Destination,Requirement, with codes or names of places and the words of the
    public passport index: a number of days, visa free, visa on arrival, eta, e-visa, visa required, no admission,
    or -1 at home. Free movement counts as visa free; a pair we know nothing about counts as a difference.
    """
    outside, found = _compare(table, on)
    if as_work:
        with open_session() as session:
            number = flag(session, table.name, found, getuser(), system_clock())
        click.echo(f"{number:,} differences recorded; the console lists them.")
        return
    if as_list:
        _write_list(found)
        return
    console = Console(highlight=False)
    console.print(f"{len(found.pairs):,} pairs compared.")
    console.print(f"Same class: {found.class_agreement:.1%}")
    console.print(f"Same on “visa-free or ETA, or not”: {found.need_agreement:.1%}")
    console.print(_confusion(found))
    console.print(_most_different(found))
    _print_unknown_places(console, outside)


def _compare(table: Path, on: date | None) -> tuple[OutsideTable, TableComparison]:
    with open_session() as session:
        loaded = RulebookStore().current(session)
        outside = read_outside_table(table, loaded.gazetteer.find)
    return outside, compare_table(loaded.rulebook, outside.rows, on, system_clock())


def _write_list(found: TableComparison) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_LIST_COLUMNS)
    for difference in found.differences:
        best = difference.finding.verdict.best
        writer.writerow(
            [
                difference.row.passport.code,
                difference.row.destination.code,
                difference.theirs,
                difference.ours or UNKNOWN,
                difference.finding.level,
                best.regime.id if best else None,
            ]
        )


def _confusion(found: TableComparison) -> Table:
    table = Table(title="Their class by row, ours by column", title_justify="left", box=None)
    table.add_column("", no_wrap=True)
    for kind in _CLASSES:
        table.add_column(_heading(kind), justify="right", no_wrap=True)
    counts = found.confusion
    for theirs in _CLASSES:
        if theirs is not None:
            table.add_row(_heading(theirs), *(f"{counts[theirs, ours]:,}" for ours in _CLASSES))
    return table


def _heading(kind: Requirement | None) -> str:
    return UNKNOWN if kind is None else words_of(kind).heading


def _most_different(found: TableComparison) -> Table:
    table = Table(title="Destinations that differ most", title_justify="left", box=None)
    for heading in ("Destination", "Differences", "Pairs"):
        table.add_column(heading, justify="left" if heading == "Destination" else "right")
    for place, different, pairs in found.most_different(_MAX_DESTINATIONS):
        table.add_row(f"{place.code} {place.name}", str(different), str(pairs))
    return table


def _print_unknown_places(console: Console, outside: OutsideTable) -> None:
    names = list(outside.unknown_places.values())
    if names:
        console.print(f"Names in the table that are not places we know ({len(names)}); their lines were left out:")
    for name in names[:_MAX_NAMES]:
        console.print(f"  {name}")
    if len(names) > _MAX_NAMES:
        console.print(f"  and {len(names) - _MAX_NAMES} more")

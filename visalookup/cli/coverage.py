"""`visalookup data coverage`: how much is answered, and how well it was checked."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from visalookup.cli.context import open_session
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import VerificationLevel
from visalookup.domain.wording.requirements import requirement_label
from visalookup.services.clock import system_clock
from visalookup.services.datasets.coverage import Coverage, CoverageCounts, measure_coverage
from visalookup.services.lookup.rulebook_store import newest_rulebook

_UNKNOWN = "Unknown"


@click.command()
def coverage() -> None:
    """Count the answers by requirement and by verification level; the oldest destinations first.

    It covers the ordinary passports of all nations: states, and places with passports of their own.
    """
    with open_session() as session:
        rulebook = newest_rulebook(session)
    found = measure_coverage(rulebook, None, system_clock())
    console = Console(highlight=False)
    console.print(_totals(found))
    console.print(_destinations(found))


def _totals(found: Coverage) -> Table:
    nations = found.nations
    table = Table(title=f"Revision {found.edition.revision}", title_justify="left", box=None)
    table.add_column("Pairs")
    table.add_column(f"{nations} x {nations} nations", justify="right")
    table.add_column(f"{nations} x {len(found.destinations)} destinations", justify="right")
    both = (found.among_nations, found.everywhere)
    table.add_row("All, without citizens at home", *(f"{counts.pairs:,}" for counts in both))
    table.add_row("Answered", *(_with_share(counts.answered, counts) for counts in both), end_section=True)
    for requirement in Requirement:
        cells = (_with_share(counts.by_requirement[requirement], counts) for counts in both)
        table.add_row(requirement_label(requirement), *cells)
    table.add_row(_UNKNOWN, *(_with_share(counts.by_requirement[None], counts) for counts in both), end_section=True)
    for level in VerificationLevel:
        table.add_row(level.capitalize(), *(_with_share(counts.by_level[level], counts) for counts in both))
    return table


def _with_share(number: int, counts: CoverageCounts) -> str:
    return f"{number:,} ({number / counts.pairs:.1%})" if counts.pairs else "0"


def _destinations(found: Coverage) -> Table:
    table = Table(title="Destinations, the oldest verification first", title_justify="left", box=None)
    table.add_column("Destination")
    table.add_column("Oldest state read")
    for heading in ("Official", "Secondary", "Unverified", _UNKNOWN):
        table.add_column(heading, justify="right")
    for row in found.destinations:
        levels = (row.counts.by_level[level] for level in (*VerificationLevel, None))
        oldest = row.oldest.isoformat() if row.oldest else "nothing read"
        table.add_row(f"{row.destination.code} {row.destination.name}", oldest, *map(str, levels))
    return table

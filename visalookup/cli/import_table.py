"""`visalookup data import`: an outside table as unverified rules, previewed before it is applied."""

from __future__ import annotations

from collections import Counter
from datetime import date
from getpass import getuser
from pathlib import Path

import click

from visalookup.cli.context import DAY, open_session
from visalookup.cli.sources import new_source, source_options
from visalookup.domain.datasets.outside_table import TableClaim
from visalookup.domain.slugs import check_slug
from visalookup.formats.outside_table import OutsideTable, read_outside_table
from visalookup.services.clock import system_clock
from visalookup.services.datasets.import_table import (
    ImportCandidate,
    ImportOrder,
    ImportOutcome,
    ImportReport,
    apply_import,
    preview_import,
)
from visalookup.services.datasets.matrix import UNKNOWN
from visalookup.services.lookup.rulebook_store import RulebookStore

_MAX_LISTED = 40
_OUTCOME_LINES = {
    ImportOutcome.NEW: "Nothing was known, would be answered: {}",
    ImportOutcome.MORE_FAVOURABLE: "Unverified, would become more favourable: {}",
    ImportOutcome.SAME: "Already answered so: {}",
    ImportOutcome.BETTER_VERIFIED: "Different but better verified, stays: {}",
    ImportOutcome.STRICTER: "Unverified and more favourable than the table, stays, please look: {}",
}


@click.command("import")
@click.argument("table", metavar="FILE.csv", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--source", "source_key", required=True, metavar="KEY", help="A short name for the source.")
@source_options
@click.option("--on", type=DAY, help="The day whose state the table shows. [default: today]")
@click.option("--regime", "regime_id", metavar="ID", help="The id of its regime. [default: import-KEY]")
@click.option("--list", "as_list", is_flag=True, help="List every answer that would change.")
@click.option("--apply", "is_applied", is_flag=True, help="Write it; without this, nothing is written.")
def import_table(
    table: Path,
    source_key: str,
    on: date | None,
    regime_id: str | None,
    *,
    as_list: bool,
    is_applied: bool,
    **described: str | None,
) -> None:
    """Import an outside table as unverified rules of a regime of its own.

    The file is as for `visalookup data compare`. A line becomes a rule only where nothing is known, or where our
    answer is unverified too and stricter; what was verified is never replaced. Without --apply this is a preview.
    """
    now = system_clock()
    text = {name: value for name, value in described.items() if value is not None}
    with open_session() as session:
        source = new_source(source_key, text)
        order = ImportOrder(source, check_slug(regime_id or f"import-{source_key}"), on or now.date(), getuser())
        outside = read_outside_table(table, RulebookStore().current(session).gazetteer.find)
        run = apply_import if is_applied else preview_import
        report = run(session, outside.rows, order, now)
    _print_report(report, outside, as_list=as_list)


def _print_report(report: ImportReport, outside: OutsideTable, *, as_list: bool) -> None:
    counts = Counter(candidate.outcome for candidate in report.proposals)
    for outcome in ImportOutcome:
        click.echo(f"{_OUTCOME_LINES[outcome].format(f'{counts[outcome]:,}')}")
    for name in outside.unknown_places.values():
        click.echo(f"left out: {name}")
    changing = [candidate for candidate in report.proposals if candidate.outcome.becomes_rule]
    for candidate in changing if as_list else changing[:_MAX_LISTED]:
        click.echo(f"  {_describe_change(candidate)}")
    if not as_list and len(changing) > _MAX_LISTED:
        click.echo(f"  ... and {len(changing) - _MAX_LISTED:,} more; --list shows all")
    if report.revision is not None:
        click.echo(f"Revision {report.revision} written.")
    else:
        click.echo("Nothing was written.")


def _describe_change(candidate: ImportCandidate) -> str:
    row, before = candidate.row, candidate.finding.requirement or UNKNOWN
    return f"{row.passport.code} to {row.destination.code}: {before} becomes {_describe_claim(row.claim)}"


def _describe_claim(claim: TableClaim) -> str:
    return f"{claim.requirement}, {claim.days} days" if claim.days else str(claim.requirement)

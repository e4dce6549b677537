"""`visalookup data`: the data files and the ledger."""

from __future__ import annotations

from collections import Counter
from getpass import getuser
from pathlib import Path

import click
from rich.console import Console

from visalookup.cli.compare import compare
from visalookup.cli.context import clear_errors, open_session
from visalookup.cli.coverage import coverage
from visalookup.cli.import_table import import_table
from visalookup.config import settings_from
from visalookup.domain.datasets.dataset import DataSet
from visalookup.formats.data_folder import read_data
from visalookup.formats.to_payload import save_data
from visalookup.services.clock import system_clock
from visalookup.services.datasets.export_data import export_data
from visalookup.services.datasets.load_data import LoadOrder, LoadReport, RecordChange, load_data
from visalookup.storage.records import NOUNS

_MAX_LISTED = 20
_progress = Console(stderr=True)


@click.group()
def data() -> None:
    """Check, format, load and export the data; measure its coverage, and compare it with other tables."""


data.add_command(compare)
data.add_command(coverage)
data.add_command(import_table)

folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: settings_from().data_folder,
    show_default="data/",
    help="The data folder.",
)


@data.command()
@folder_option
def check(folder: Path) -> None:
    """Find every fault in the data files, with file and line."""
    found = _read(folder)
    click.echo(f"No faults: {_counts(found)}.")


@data.command("format")
@folder_option
def format_files(folder: Path) -> None:
    """Write the data files in their one canonical form."""
    changed = save_data(_read(folder), folder)
    for name in changed:
        click.echo(f"formatted {name}")
    click.echo(f"{len(changed)} of the files changed." if changed else "Every file is in canonical form.")


@data.command()
@folder_option
@click.option("--preview", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--overwrite-staff", is_flag=True, help="Let the files replace what staff changed.")
@click.option("--reason", default="Data files loaded", show_default=True, help="Why, for the record.")
@click.option("--fingerprint", help="What the load depends on, as a digest; it is stored with the load.")
def load(folder: Path, *, preview: bool, overwrite_staff: bool, reason: str, fingerprint: str | None) -> None:
    """Load the data files into the database: what is new or changed, as one revision.

    Loading the same files again changes nothing. What staff changed is never replaced without notice.
    """
    found = _read(folder)
    order = LoadOrder(getuser(), reason, preview, overwrite_staff, fingerprint)
    with open_session() as session, _progress.status("Loading the data into the database ..."):
        report = load_data(session, found, order, system_clock())
    _print_report(report, preview=preview)


@data.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export(folder: Path) -> None:
    """Write the content of the database to FOLDER, in the form of the data files.

    Into a data folder, files go on extending others and sharing sources where that still holds; into an empty folder
    every file is written in full.
    """
    with open_session() as session:
        found = export_data(session)
    with clear_errors():
        changed = save_data(found, folder)
    click.echo(f"Wrote {len(changed)} files to {folder}: {_counts(found)}.")


def _read(folder: Path) -> DataSet:
    with clear_errors(), _progress.status("Reading the data files ..."):
        if not folder.is_dir():
            raise click.ClickException(f"There is no folder {folder}; name the data folder with --folder.")
        return read_data(folder)


def _counts(found: DataSet) -> str:
    return (
        f"{len(found.places)} places, {len(found.groups)} groups, {len(found.regimes)} regimes,"
        f" {len(found.rules)} rules"
    )


def _print_report(report: LoadReport, *, preview: bool) -> None:
    if not report.changes:
        click.echo("Nothing differs: the database contains everything in the files.")
        return
    for (noun, difference), number in sorted(_count_changes(report.written).items()):
        verb = "would be" if preview else "was" if number == 1 else "were"
        click.echo(f"{_plural(number, noun)} {verb} {difference}")
    for change in report.written[:_MAX_LISTED] if len(report.written) <= _MAX_LISTED else ():
        click.echo(f"  {change.difference}: {change.record}")
    for change in report.kept:
        click.echo(f"kept as staff changed it, though the files differ ({change.difference}): {change.record}")
    if report.revision is not None:
        click.echo(f"Revision {report.revision} written.")


def _plural(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def _count_changes(changes: tuple[RecordChange, ...]) -> Counter[tuple[str, str]]:
    return Counter((NOUNS[change.record.table], str(change.difference)) for change in changes)

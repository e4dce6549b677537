"""`visalookup audit`: the audit trail of who did what."""

from __future__ import annotations

from getpass import getuser
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session

from visalookup.cli.context import open_session
from visalookup.domain.errors import InvalidValue
from visalookup.domain.wording.counting import counted
from visalookup.services.audit.seal_audit import seal_audit
from visalookup.services.audit.verify_audit import AuditReport, parse_head, verify_audit
from visalookup.storage.audit.chain import ChainHead, read_head
from visalookup.storage.history.audit_trail import begin_snapshot


class HeadParameter(click.ParamType[ChainHead]):
    """The end of the trail, as printed by `audit head`."""

    name = "head"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ChainHead:
        """The head; a malformed one is reported by click."""
        try:
            return parse_head(str(value))
        except InvalidValue as error:
            self.fail(str(error), param, ctx)


@click.group()
def audit() -> None:
    """Check the audit trail, and record where it ends."""


@audit.command()
@click.option(
    "--head", "expected_head", type=HeadParameter(), metavar="NUMBER:HASH", help="A head that you stored elsewhere."
)
def verify(expected_head: ChainHead | None) -> None:
    """Find any entry that was altered, removed, moved or inserted, and any sealed record that was altered.

    The exit status is 1 if anything is found. Pass a head you stored with --head: only then can a trail be detected
    that was rewritten as a whole.
    """
    with open_session() as session:
        begin_snapshot(session)
        found = _verify(session, expected_head)
    _print(found)
    if found.breaks:
        raise SystemExit(1)


@audit.command()
def head() -> None:
    """Print the number and hash of the last entry: store them where nobody with write access here can write."""
    with open_session() as session:
        found = read_head(session)
    if found is None:
        raise click.ClickException("The trail has no entry yet; it begins with the first write.")
    click.echo(f"{found.number} {found.hash}")


@audit.command()
def seal() -> None:
    """Add entries for revisions without one: those written by a version of the program that had no audit trail."""
    with open_session() as session:
        numbers = seal_audit(session, getuser())
    if not numbers:
        click.echo("Every revision already has its entry.")
    for number in numbers:
        click.echo(f"Revision {number} was entered.")


def _verify(session: Session, expected_head: ChainHead | None) -> AuditReport:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Checking the trail ...", total=None)
        return verify_audit(session, expected_head, lambda done, total: bar.update(task, completed=done, total=total))


def _print(found: AuditReport) -> None:
    for fault in found.breaks:
        click.echo(str(fault))
    count = counted(found.entries, "entry")
    if found.breaks:
        click.echo(
            f"{counted(len(found.breaks), 'fault')} found in {count}."
            " Keep a copy of the database as it is before you repair anything."
        )
    elif found.head:
        click.echo(f"{count}, none altered or missing. The last is {found.head.number} {found.head.hash}")
    else:
        click.echo("The trail has no entry yet, and there is no revision.")

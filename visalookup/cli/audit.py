"""`visalookup audit`: the trail of who did what."""

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
    """Where the trail ended, as `audit head` printed it."""

    name = "head"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ChainHead:
        """The head; click tells the user what is wrong with it."""
        try:
            return parse_head(str(value))
        except InvalidValue as error:
            self.fail(str(error), param, ctx)


@click.group()
def audit() -> None:
    """Check the audit trail, and note where it ends."""


@audit.command()
@click.option("--head", "kept", type=HeadParameter(), metavar="NUMBER:HASH", help="A head that you kept elsewhere.")
def verify(kept: ChainHead | None) -> None:
    """Find any entry that was altered, removed, moved or slipped in, and any sealed record that was touched.

    The exit status is 1 if anything is found. Give the head you kept with --head: only so is a trail found that
    somebody wrote anew as a whole.
    """
    with open_session() as session:
        begin_snapshot(session)
        found = _verify(session, kept)
    _print(found)
    if found.breaks:
        raise SystemExit(1)


@audit.command()
def head() -> None:
    """Print the number and the hash of the last entry: keep them where nobody who can write here can write."""
    with open_session() as session:
        found = read_head(session)
    if found is None:
        raise click.ClickException("The trail has no entry yet; it begins with the first write.")
    click.echo(f"{found.number} {found.hash}")


@audit.command()
def seal() -> None:
    """Enter the revisions that have no entry: those written by a version of the program that kept no trail."""
    with open_session() as session:
        numbers = seal_audit(session, getuser())
    if not numbers:
        click.echo("Every revision has its entry already.")
    for number in numbers:
        click.echo(f"Revision {number} was entered.")


def _verify(session: Session, kept: ChainHead | None) -> AuditReport:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Checking the trail ...", total=None)
        return verify_audit(session, kept, lambda done, total: bar.update(task, completed=done, total=total))


def _print(found: AuditReport) -> None:
    for each in found.breaks:
        click.echo(str(each))
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

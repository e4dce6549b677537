"""`visalookup token`: tokens with which scripts of staff use the JSON interface."""

from __future__ import annotations

from datetime import datetime
from getpass import getuser

import click

from visalookup.cli.context import open_session
from visalookup.domain.accounts.tokens import LONGEST_DAYS, SCOPES, USUAL_DAYS, Token, TokenStatus
from visalookup.domain.moments import format_instant
from visalookup.services.accounts.tokens import issue_token, list_tokens, owner_named, revoke_token_named
from visalookup.services.clock import system_clock

_account = click.option("--account", required=True, help="Name of the account whose token it is.")
_name = click.option("--name", required=True, help="What the token is called.")


@click.group()
def token() -> None:
    """Issue, list and revoke tokens of staff's scripts."""


@token.command("issue")
@_account
@_name
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([str(each) for each in SCOPES]),
    help="What it may do; repeat it for several.",
)
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_DAYS),
    default=USUAL_DAYS,
    show_default=True,
    help="How many days it lives.",
)
def issue_command(account: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Issue a token and print its secret, which is shown only now: nobody keeps it."""
    with open_session() as session:
        owner = owner_named(session, account)
        issued = issue_token(session, owner, name, scopes, days, system_clock(), actor=getuser())
    click.echo(issued.secret)
    click.echo(f"Keep it now, it is not shown again. It is good until {_written(issued.token.expires_at)}.")


@token.command("list")
@click.option("--account", help="Only tokens of this account.")
def list_command(account: str | None) -> None:
    """List tokens with what they may do, until when, and when they were last used; never their secrets."""
    with open_session() as session:
        tokens = list_tokens(session)
    now = system_clock()
    for each in tokens:
        if account in (None, each.owner):
            used = f"last used {_written(each.last_used_at)}" if each.last_used_at else "never used"
            scopes = ",".join(sorted(each.scopes))
            click.echo(f"{each.owner:20} {each.name:30} {scopes:22} {_ending(each, each.status(now))}, {used}")


def _written(instant: datetime) -> str:
    return format_instant(instant.replace(microsecond=0))


def _ending(each: Token, status: TokenStatus) -> str:
    if each.revoked_at is not None:
        return f"revoked {_written(each.revoked_at)}"
    return f"{'until' if status is TokenStatus.USABLE else 'expired'} {_written(each.expires_at)}"


@token.command("revoke")
@_account
@_name
def revoke_command(account: str, name: str) -> None:
    """Revoke a token: from now on nobody comes in with it."""
    with open_session() as session:
        revoke_token_named(session, account, name, getuser(), system_clock())
    click.echo(f"The token {name} of {account} is revoked.")

"""`visalookup token`: tokens for scripts of staff that use the JSON interface."""

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
_name = click.option("--name", required=True, help="Name of the token.")


@click.group()
def token() -> None:
    """Issue, list and revoke tokens for scripts of staff."""


@token.command("issue")
@_account
@_name
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([str(scope) for scope in SCOPES]),
    help="What it may do; repeat it for several.",
)
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_DAYS),
    default=USUAL_DAYS,
    show_default=True,
    help="How many days it is valid.",
)
def issue_command(account: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Issue a token and print its secret, which is shown only now and stored nowhere."""
    with open_session() as session:
        owner = owner_named(session, account)
        issued = issue_token(session, owner, name, scopes, days, system_clock(), actor=getuser())
    click.echo(issued.secret)
    click.echo(f"Keep it now, it is not shown again. It is valid until {_format_instant(issued.token.expires_at)}.")


@token.command("list")
@click.option("--account", help="Only tokens of this account.")
def list_command(account: str | None) -> None:
    """List tokens with their scopes, their expiry and their last use; never their secrets."""
    with open_session() as session:
        tokens = list_tokens(session)
    now = system_clock()
    for token in tokens:
        if account in (None, token.owner):
            used = f"last used {_format_instant(token.last_used_at)}" if token.last_used_at else "never used"
            scopes = ",".join(sorted(token.scopes))
            click.echo(f"{token.owner:20} {token.name:30} {scopes:22} {_validity(token, token.status(now))}, {used}")


def _format_instant(instant: datetime) -> str:
    return format_instant(instant.replace(microsecond=0))


def _validity(token: Token, status: TokenStatus) -> str:
    if token.revoked_at is not None:
        return f"revoked {_format_instant(token.revoked_at)}"
    return f"{'until' if status is TokenStatus.USABLE else 'expired'} {_format_instant(token.expires_at)}"


@token.command("revoke")
@_account
@_name
def revoke_command(account: str, name: str) -> None:
    """Revoke a token: from now on it is refused."""
    with open_session() as session:
        revoke_token_named(session, account, name, getuser(), system_clock())
    click.echo(f"The token {name} of {account} is revoked.")

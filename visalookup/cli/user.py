"""`visalookup user`: accounts of members of staff."""

from __future__ import annotations

import sys
from getpass import getuser

import click

from visalookup.cli.context import open_session
from visalookup.domain.accounts.passwords import LONGEST, SHORTEST
from visalookup.domain.accounts.roles import Role
from visalookup.domain.moments import format_instant
from visalookup.services.accounts.accounts import (
    NewAccount,
    account_named,
    add_account,
    change_role,
    disable_account,
    enable_account,
    list_accounts,
    set_password,
)
from visalookup.services.accounts.two_factor import turn_off
from visalookup.services.clock import system_clock
from visalookup.storage.accounts.accounts import AccountSummary

ROLE = click.Choice([str(role) for role in Role])
from_standard_input = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)


@click.group()
def user() -> None:
    """Manage the accounts of members of staff."""


@user.command()
@click.argument("name")
@click.option("--role", required=True, type=ROLE, help="Decides what they may do.")
@click.option("--display-name", required=True, help="Their name on pages.")
@from_standard_input
def add(name: str, role: str, display_name: str, password_stdin: bool) -> None:
    """Add an account; the password is asked for, or read with --password-stdin."""
    password = _password(password_stdin)
    with open_session() as session:
        new = NewAccount(name, display_name, Role(role), password)
        add_account(session, new, getuser(), system_clock())
    click.echo(f"{name} may sign in at /staff as {role}.")


@user.command("list")
def list_command() -> None:
    """List all accounts."""
    with open_session() as session:
        found = list_accounts(session)
    for account in found:
        click.echo(f"{account.name:24} {account.role.value:14} {account.display_name:24} {_describe(account)}")
    if not found:
        click.echo("There is no account yet; `visalookup user add` adds one.")


@user.command("role")
@click.argument("name")
@click.argument("role", type=ROLE)
def role_command(name: str, role: str) -> None:
    """Change the role of an account."""
    with open_session() as session:
        changed = change_role(session, name, Role(role), getuser(), system_clock())
    click.echo(f"{name} is {'now ' if changed else 'already '}{role}.")


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable an account; its sessions end at once."""
    with open_session() as session:
        changed = disable_account(session, name, getuser(), system_clock())
    click.echo(f"{name} is {'now ' if changed else 'already '}disabled.")


@user.command()
@click.argument("name")
def enable(name: str) -> None:
    """Enable a disabled account."""
    with open_session() as session:
        changed = enable_account(session, name, getuser(), system_clock())
    click.echo(f"{name} may {'sign in again' if changed else 'already sign in'}.")


@user.command("password")
@click.argument("name")
@from_standard_input
def password_command(name: str, password_stdin: bool) -> None:
    """Set a new password for an account; its sessions end."""
    with open_session() as session:
        account_named(session, name)
    password = _password(password_stdin)
    with open_session() as session:
        set_password(session, name, password, getuser(), system_clock())
    click.echo(f"The password of {name} is changed, and all their sessions have ended.")


@user.command("reset-two-factor")
@click.argument("name")
def reset_two_factor(name: str) -> None:
    """Turn two-factor sign-in off for an account, for example when the phone is lost."""
    with open_session() as session:
        turn_off(session, account_named(session, name).id, getuser(), system_clock())
    click.echo(f"{name} signs in without a code until they turn it on again.")


def _password(from_standard_input: bool) -> str:
    if from_standard_input:
        return sys.stdin.readline(LONGEST + 2).rstrip("\r\n")
    question = f"Password (at least {SHORTEST} characters)"
    password: str = click.prompt(question, hide_input=True, confirmation_prompt="The same again", err=True)
    return password


def _describe(account: AccountSummary) -> str:
    method = "password" if account.has_password else "single sign-on"
    parts = [f"{method} and code" if account.two_factor else method]
    if account.disabled_at is not None:
        parts.append(f"disabled since {format_instant(account.disabled_at)}")
    parts.append(f"last seen {format_instant(account.last_seen_at)}" if account.last_seen_at else "never seen")
    return ", ".join(parts)

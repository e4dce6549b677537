"""`visalookup agency`: agencies that use the JSON interface, their keys and usage."""

from __future__ import annotations

from datetime import datetime
from getpass import getuser

import click

from visalookup.cli.context import open_session
from visalookup.domain.agencies.agency import Agency, AgencyKey, KeyStatus
from visalookup.domain.moments import format_instant
from visalookup.services.agencies.agencies import (
    MAX_KEY_DAYS,
    IssuedKey,
    add_agency,
    agency_named,
    change_limits,
    disable_agency,
    enable_agency,
    issue_key,
    list_agencies,
    list_keys,
    revoke_key,
)
from visalookup.services.agencies.usage import list_usage
from visalookup.services.clock import system_clock

_days = click.option(
    "--days",
    type=click.IntRange(1, MAX_KEY_DAYS),
    help="How many days it is valid. [default: until it is revoked]",
)


@click.group()
def agency() -> None:
    """Manage agencies: their names, limits and keys."""


@agency.command()
@click.argument("name")
@click.option("--title", required=True, help="Its name on pages.")
@_days
def add(name: str, title: str, days: int | None) -> None:
    """Add an agency, and print its first key, which is shown only now and stored nowhere."""
    with open_session() as session:
        add_agency(session, name, title, getuser(), system_clock())
        issued = issue_key(session, name, days, getuser(), system_clock())
    _show(issued)


@agency.command("list")
def list_command() -> None:
    """List all agencies with their limits and keys."""
    with open_session() as session:
        agencies, keys = list_agencies(session), list_keys(session)
    for found in agencies:
        click.echo(f"{found.name:24} {found.title:32} {_limits(found)}{_disabled_note(found)}")
        _list_keys([key for key in keys if key.agency == found.name])
    if not agencies:
        click.echo("There is no agency yet; `visalookup agency add` adds one.")


@agency.command("limit")
@click.argument("name")
@click.option("--per-minute", type=int, help="Questions a minute. [default: the usual number]")
@click.option("--per-day", type=int, help="Questions a day in UTC. [default: the usual number]")
def limit_command(name: str, per_minute: int | None, per_day: int | None) -> None:
    """Set how many questions an agency may ask."""
    with open_session() as session:
        changed = change_limits(session, name, per_minute, per_day, getuser(), system_clock())
    click.echo(f"{name} may ask: {_limits(changed)}.")


@agency.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable an agency: none of its keys is valid until it is enabled again."""
    with open_session() as session:
        changed = disable_agency(session, name, getuser(), system_clock())
    click.echo(f"{name} is {'now ' if changed else 'already '}disabled.")


@agency.command()
@click.argument("name")
def enable(name: str) -> None:
    """Enable a disabled agency: its keys are valid again."""
    with open_session() as session:
        changed = enable_agency(session, name, getuser(), system_clock())
    click.echo(f"The keys of {name} are {'valid again' if changed else 'already valid'}.")


@agency.command()
@click.argument("name")
def usage(name: str) -> None:
    """List the usage of an agency in the last month, per day and key."""
    now = system_clock()
    with open_session() as session:
        found = list_usage(session, now.date(), agency_named(session, name))
    for row in found:
        click.echo(f"{row.day}  {row.beginning}...  {row.requests:12} requests {row.questions:12} questions")
    if not found:
        click.echo(f"{name} asked nothing in the last month.")


@agency.group()
def key() -> None:
    """Issue, list and revoke keys; an agency has at most two valid ones."""


@key.command("add")
@click.argument("name")
@_days
def add_key(name: str, days: int | None) -> None:
    """Issue another key, and print it; it is shown only now and stored nowhere."""
    with open_session() as session:
        issued = issue_key(session, name, days, getuser(), system_clock())
    _show(issued)


@key.command("list")
@click.argument("name")
def list_keys_command(name: str) -> None:
    """List the keys of an agency by number; never their secrets."""
    with open_session() as session:
        keys = list_keys(session, agency_named(session, name))
    _list_keys(keys)


@key.command()
@click.argument("name")
@click.argument("number", type=int)
def revoke(name: str, number: int) -> None:
    """Revoke a key by its number: within a few seconds it is refused."""
    with open_session() as session:
        revoke_key(session, name, number, getuser(), system_clock())
    click.echo(f"Key {number} of {name} is revoked.")


def _show(issued: IssuedKey) -> None:
    click.echo(issued.secret)
    until = _format_instant(issued.key.expires_at) if issued.key.expires_at else "it is revoked"
    click.echo(
        f"Keep it now, it is not shown again. It is key {issued.key.id} of {issued.key.agency}, valid until {until}."
    )


def _list_keys(keys: list[AgencyKey]) -> None:
    now = system_clock()
    for key in keys:
        click.echo(f"  key {key.id:<6} {key.beginning}...  {_validity(key, key.status(now))}")


def _validity(key: AgencyKey, status: KeyStatus) -> str:
    if key.revoked_at is not None:
        return f"revoked {_format_instant(key.revoked_at)}"
    if key.expires_at is None:
        return "valid until it is revoked"
    return f"{'valid until' if status is KeyStatus.USABLE else 'expired'} {_format_instant(key.expires_at)}"


def _limits(agency: Agency) -> str:
    minute, day = agency.per_minute or "the usual number", agency.per_day or "the usual number"
    return f"{minute} a minute, {day} a day"


def _disabled_note(agency: Agency) -> str:
    return f", disabled since {_format_instant(agency.disabled_at)}" if agency.disabled_at else ""


def _format_instant(instant: datetime) -> str:
    return format_instant(instant.replace(microsecond=0))

"""`visalookup agency`: agencies whose programs ask us, their keys, and what they asked."""

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
    help="How many days it is good; without it until it is revoked.",
)


@click.group()
def agency() -> None:
    """Look after agencies: who they are, how much they may ask, their keys."""


@agency.command()
@click.argument("name")
@click.option("--title", required=True, help="How pages call it.")
@_days
def add(name: str, title: str, days: int | None) -> None:
    """Add an agency, and print its first key, which is shown only now: nobody keeps it."""
    with open_session() as session:
        add_agency(session, name, title, getuser(), system_clock())
        issued = issue_key(session, name, days, getuser(), system_clock())
    _show(issued)


@agency.command("list")
def list_command() -> None:
    """List all agencies with what they may ask, and their keys."""
    with open_session() as session:
        agencies, keys = list_agencies(session), list_keys(session)
    for each in agencies:
        click.echo(f"{each.name:24} {each.title:32} {_limits(each)}{_state(each)}")
        _list_keys([key for key in keys if key.agency == each.name])
    if not agencies:
        click.echo("There is no agency yet; `visalookup agency add` makes one.")


@agency.command("limit")
@click.argument("name")
@click.option("--per-minute", type=int, help="Questions a minute; left out, as many as is usual.")
@click.option("--per-day", type=int, help="Questions a day of UTC; left out, as many as is usual.")
def limit_command(name: str, per_minute: int | None, per_day: int | None) -> None:
    """Let an agency ask so many questions."""
    with open_session() as session:
        changed = change_limits(session, name, per_minute, per_day, getuser(), system_clock())
    click.echo(f"{name} may ask: {_limits(changed)}.")


@agency.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let nobody in with a key of this agency."""
    with open_session() as session:
        changed = disable_agency(session, name, getuser(), system_clock())
    click.echo(f"{name} is {'now ' if changed else 'already '}disabled.")


@agency.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let the keys of a disabled agency be good again."""
    with open_session() as session:
        changed = enable_agency(session, name, getuser(), system_clock())
    click.echo(f"The keys of {name} are good {'again' if changed else 'already'}.")


@agency.command()
@click.argument("name")
def usage(name: str) -> None:
    """List what an agency asked in the last month, per day and key."""
    now = system_clock()
    with open_session() as session:
        found = list_usage(session, now.date(), agency_named(session, name))
    for each in found:
        click.echo(f"{each.day}  {each.beginning}...  {each.requests:12} requests {each.questions:12} questions")
    if not found:
        click.echo(f"{name} asked nothing in the last month.")


@agency.group()
def key() -> None:
    """Issue, list and revoke keys; an agency has at most two that are good."""


@key.command("add")
@click.argument("name")
@_days
def add_key(name: str, days: int | None) -> None:
    """Issue another key, and print it: it is shown only now, nobody keeps it."""
    with open_session() as session:
        issued = issue_key(session, name, days, getuser(), system_clock())
    _show(issued)


@key.command("list")
@click.argument("name")
def list_keys_command(name: str) -> None:
    """List an agency's keys by their numbers; never their secrets."""
    with open_session() as session:
        keys = list_keys(session, agency_named(session, name))
    _list_keys(keys)


@key.command()
@click.argument("name")
@click.argument("number", type=int)
def revoke(name: str, number: int) -> None:
    """Revoke a key by its number: within some seconds nobody comes in with it."""
    with open_session() as session:
        revoke_key(session, name, number, getuser(), system_clock())
    click.echo(f"Key {number} of {name} is revoked.")


def _show(issued: IssuedKey) -> None:
    click.echo(issued.secret)
    until = f"good until {_written(issued.key.expires_at)}" if issued.key.expires_at else "good until it is revoked"
    click.echo(f"Keep it now, it is not shown again. It is key {issued.key.id} of {issued.key.agency}, {until}.")


def _list_keys(keys: list[AgencyKey]) -> None:
    now = system_clock()
    for each in keys:
        click.echo(f"  key {each.id:<6} {each.beginning}...  {_ending(each, each.status(now))}")


def _ending(each: AgencyKey, status: KeyStatus) -> str:
    if each.revoked_at is not None:
        return f"revoked {_written(each.revoked_at)}"
    if each.expires_at is None:
        return "good until it is revoked"
    return f"{'good until' if status is KeyStatus.USABLE else 'expired'} {_written(each.expires_at)}"


def _limits(each: Agency) -> str:
    minute, day = each.per_minute or "the usual number", each.per_day or "the usual number"
    return f"{minute} a minute, {day} a day"


def _state(each: Agency) -> str:
    return f", disabled since {_written(each.disabled_at)}" if each.disabled_at else ""


def _written(instant: datetime) -> str:
    return format_instant(instant.replace(microsecond=0))

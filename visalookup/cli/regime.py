"""`visalookup regime`: regimes and their lifecycle."""

from __future__ import annotations

from getpass import getuser
from typing import Any

import click

from visalookup.cli.context import open_session
from visalookup.cli.sources import describes_source, new_source, source_options
from visalookup.domain.date_phrases import describe_when
from visalookup.domain.errors import InvalidValue
from visalookup.domain.lifecycle import ALLOWED_STEPS, Milestone, Status, StatusEvent, Transition
from visalookup.domain.moments import EffectiveDate, parse_day
from visalookup.domain.sources import Source
from visalookup.domain.timelines import entries_in_order
from visalookup.domain.wording.answers import describe_stay, status_label
from visalookup.domain.wording.requirements import requirement_label
from visalookup.services.changes.add_event import NewEvent, add_event
from visalookup.services.clock import system_clock
from visalookup.services.lookup.regimes import RegimeDetail, list_regimes, show_regime
from visalookup.services.lookup.rulebook_store import RulebookStore

_MAX_RULES_SHOWN = 12


@click.group()
def regime() -> None:
    """Show regimes, and move them along their lifecycle."""


@regime.command("list")
@click.option("--party", help="Only regimes of this place (code or name).")
@click.option("--status", help="Only regimes in this status.")
def list_command(party: str | None, status: str | None) -> None:
    """List regimes with their current status."""
    with open_session() as session:
        found = list_regimes(session, RulebookStore(), party, status, system_clock())
    for summary in found.summaries:
        status_now = status_label(summary.event.status) if summary.event else "Not yet begun"
        click.echo(f"{summary.regime.id:40} {status_now:22} {summary.regime.title}")


@regime.command()
@click.argument("regime_id")
def show(regime_id: str) -> None:
    """Show a regime: its timeline, sources and rules, and the steps it may take next."""
    with open_session() as session:
        detail = show_regime(session, RulebookStore(), regime_id, system_clock())
    found = detail.regime
    click.secho(found.title, bold=True)
    click.echo(f"{found.id}, {found.kind.replace('_', ' ')}, version {detail.version}")
    if found.note:
        click.echo(f"Note: {found.note}")
    _print_timeline(detail)
    _print_rules(detail)
    last = found.timeline.events[-1].status if found.timeline.events else None
    allowed = ", ".join(ALLOWED_STEPS[last])
    click.echo(f"Next step: {allowed}" if allowed else "It has ended and takes no further step.")


@regime.command("add-event")
@click.argument("regime_id")
@click.option("--status", type=click.Choice([str(status) for status in Status]), help="The status it enters.")
@click.option("--milestone", help="Instead of a status: a step of one party, such as ratified.")
@click.option("--party", help="The party whose milestone it is.")
@click.option("--on", required=True, help="When it takes effect: 2026-12-01, or an instant 2026-12-01T15:00:00+01:00.")
@click.option("--source", "source_key", required=True, help="Key of the source: one the regime has, or a new one.")
@source_options
@click.option("--note", help="A note for readers of the timeline.")
@click.option("--transition-until", help="Last day of a grace period (2026-12-31),")
@click.option("--transition-text", help="and whom it is for.")
@click.option("--missed", is_flag=True, help="The step was missed: it belongs before one already recorded.")
@click.option("--if-version", type=int, help="Refuse if the regime is no longer at this version (see `regime show`).")
def add_event_command(regime_id: str, **options: Any) -> None:
    """Record a step of a regime with its source.

    A step that the lifecycle does not allow is refused, and nothing is written. A step may lie in the future:
    it is pending until then, and the answer after.
    """
    with open_session() as session:
        new = _new_event(regime_id, options)
        recorded = add_event(session, new, getuser(), system_clock())
    name = str(new.status or new.milestone).replace("_", " ")
    click.echo(f"{regime_id}: {name}, effective {new.effective}. Revision {recorded.revision} written.")


def _new_event(regime_id: str, options: dict[str, Any]) -> NewEvent:
    text = {name: value for name, value in options.items() if isinstance(value, str)}
    return NewEvent(
        regime_id=regime_id,
        effective=EffectiveDate.parse(text["on"]),
        source=_source(text),
        status=Status(text["status"]) if "status" in text else None,
        milestone=text.get("milestone"),
        party=text.get("party"),
        note=text.get("note"),
        transition=_transition(text),
        expected_version=options["if_version"],
        missed=options["missed"],
    )


def _source(text: dict[str, str]) -> str | Source:
    key = text["source_key"]
    return new_source(key, text) if describes_source(text) else key


def _transition(text: dict[str, str]) -> Transition | None:
    until, description = text.get("transition_until"), text.get("transition_text")
    if (until is None) != (description is None):
        raise InvalidValue("A transition needs both --transition-until and --transition-text.")
    if until is None or description is None:
        return None
    return Transition(parse_day(until), description)


def _print_timeline(detail: RegimeDetail) -> None:
    click.echo("Timeline:")
    for entry in entries_in_order(detail.regime):
        source = detail.regime.sources[entry.source_key]
        click.echo(f"  {_entry_name(entry)} {describe_when(entry.effective, detail.zone_of)}")
        click.echo(f"      [{entry.source_key}] {source.publisher}: {source.title}")
        click.echo(f"      {source.url}")


def _entry_name(entry: StatusEvent | Milestone) -> str:
    if isinstance(entry, StatusEvent):
        return status_label(entry.status)
    return f"{entry.name.capitalize()}{f' by {entry.party}' if entry.party else ''}"


def _print_rules(detail: RegimeDetail) -> None:
    click.echo(f"Rules: {len(detail.rules)}")
    for rule in detail.rules[:_MAX_RULES_SHOWN]:
        stay = describe_stay(rule.terms.stay)
        granted = f"{requirement_label(rule.terms.requirement)}{f', {stay}' if stay else ''}"
        click.echo(f"  {rule.passport} to {rule.destination}: {granted} ({', '.join(sorted(rule.terms.documents))})")
    if len(detail.rules) > _MAX_RULES_SHOWN:
        click.echo(f"  ... and {len(detail.rules) - _MAX_RULES_SHOWN} more")

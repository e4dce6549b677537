"""`visalookup webhooks`: deliver messages to agencies, show their log, and send them again."""

from __future__ import annotations

import signal
import threading
from datetime import datetime
from getpass import getuser
from urllib.parse import urlsplit

import click

from visalookup.api.v1.webhooks.responses import change_messages
from visalookup.cli.context import open_session
from visalookup.config import Settings, settings_from
from visalookup.domain.moments import format_instant
from visalookup.domain.webhooks.subscription import Delivery, DeliveryResponse, DeliveryState, SettledDelivery
from visalookup.services.clock import system_clock
from visalookup.services.sealing import Seal
from visalookup.services.webhooks.delivering import Deliverer, DelivererDependencies
from visalookup.services.webhooks.delivery_log import list_deliveries, replay_any, replay_dead
from visalookup.services.webhooks.sending import Sender
from visalookup.services.webhooks.subscriptions import PURPOSE, list_webhooks
from visalookup.staff.accounts.secret_key import load_or_create_key
from visalookup.storage.webhooks.deliveries import ClaimedDelivery, DeliveryFilter

_STATE = click.Choice([str(state) for state in DeliveryState])


@click.group()
def webhooks() -> None:
    """Notify agencies of changes, and see what became of the messages."""


@webhooks.command()
@click.option("--once", is_flag=True, help="Deliver what is due now, and stop.")
def deliver(once: bool) -> None:
    """Deliver messages until stopped (Ctrl+C or SIGTERM): run it beside the service, on one machine or several."""
    stop = threading.Event()
    with open_session() as session:
        deliverer = Deliverer(session, deliverer_dependencies(settings_from()))
        try:
            if once:
                deliverer.deliver_all()
            else:
                _stop_on_signals(stop)
                click.echo("Delivering messages to webhooks (Ctrl+C stops it).", err=True)
                deliverer.run(stop)
        finally:
            deliverer.close()


def deliverer_dependencies(settings: Settings) -> DelivererDependencies:
    """The deliverer's dependencies, from the settings."""
    return DelivererDependencies(
        sender=Sender(allow_loopback=settings.webhooks_to_loopback),
        seal=Seal(settings.secret_key or load_or_create_key(), PURPOSE),
        represent=change_messages,
        clock=system_clock,
        report=_report,
    )


def _stop_on_signals(stop: threading.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())


def _report(claimed: ClaimedDelivery, settled: SettledDelivery, response: DeliveryResponse) -> None:
    """Print one line for each attempt, without the path of the URL, which may be its owner's secret."""
    host = urlsplit(claimed.url).hostname
    outcome = response.status or settled.fault
    click.echo(f"{claimed.message_id} to {host}, attempt {claimed.attempts}: {outcome}, {settled.state}", err=True)


@webhooks.command("list")
def list_command() -> None:
    """List all webhooks."""
    with open_session() as session:
        found = list_webhooks(session)
    for webhook in found:
        state, host = webhook.disabled_because or "enabled", urlsplit(webhook.url).hostname
        click.echo(f"{webhook.id:6} {webhook.agency:24} {host:32} {len(webhook.pairs)} pairs, {state}")
    if not found:
        click.echo("There are none.")


@webhooks.command("log")
@click.option("--state", type=_STATE, help="Only messages in this state.")
@click.option("--webhook", type=int, help="Only messages to the webhook of this number.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many to show.")
def log_command(state: str | None, webhook: int | None, limit: int) -> None:
    """Show what became of messages, the newest first."""
    wanted = DeliveryFilter(webhook_id=webhook, state=DeliveryState(state) if state else None)
    with open_session() as session:
        page = list_deliveries(session, wanted, limit=limit)
    for message in page.deliveries:
        start = f"{message.id:8} {_format_instant(message.created_at)} {message.agency:24} {message.type:14}"
        click.echo(f"{start} {_outcome(message)}")
    if not page.deliveries:
        click.echo("There are none.")


def _outcome(delivery: Delivery) -> str:
    fault = f", {delivery.last_fault}" if delivery.last_fault else ""
    again = f", next {_format_instant(delivery.next_attempt_at)}" if delivery.next_attempt_at else ""
    return f"{delivery.state} after {delivery.attempts} attempts{fault}{again}"


def _format_instant(instant: datetime) -> str:
    return format_instant(instant.replace(microsecond=0))


@webhooks.command("replay")
@click.argument("numbers", nargs=-1, type=int)
@click.option("--dead", is_flag=True, help="All dead messages, or those of --webhook.")
@click.option("--webhook", type=int, help="With --dead: only messages to the webhook of this number.")
def replay_command(numbers: tuple[int, ...], dead: bool, webhook: int | None) -> None:
    """Send messages again, by their numbers in the log, or all that are dead."""
    if bool(numbers) is dead:
        raise click.UsageError("Give the numbers of messages, or --dead.")
    with open_session() as session:
        if dead:
            number = replay_dead(session, DeliveryFilter(webhook_id=webhook), getuser(), system_clock())
        else:
            number = len([replay_any(session, id_, getuser(), system_clock()) for id_ in numbers])
    click.echo(f"{number} messages are sent again as soon as a deliverer runs.")

"""From the outbox to messages: each published change becomes one message per webhook it affects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from visalookup.domain.moments import format_instant
from visalookup.domain.webhooks.subscription import CHANGED
from visalookup.services.changes.list_changes import PolicyChange, change_as_written
from visalookup.storage.engine import begin_writing
from visalookup.storage.policy_changes import RecordedStep
from visalookup.storage.webhooks.deliveries import add_deliveries
from visalookup.storage.webhooks.outbox import AffectedWebhook, affected_webhooks, claim_announcements, mark_announced

CHANGES_PER_TRANSACTION = 20
"""How many changes are announced in one transaction."""

Represent = Callable[[PolicyChange], dict[str, Any]]
"""Returns a change as `/api/v1/changes` shows it."""


def announce_changes(session: Session, represent: Represent, now: datetime) -> int:
    """Create the messages for the changes that have waited longest, and commit; return how many changes.

    It is one transaction: after a crash within it nothing is announced, and the next run starts over.
    """
    begin_writing(session)
    steps = claim_announcements(session, CHANGES_PER_TRANSACTION)
    for step in steps:
        _announce(session, represent, step, now)
    mark_announced(session, [step.cursor for step in steps], now)
    session.commit()
    return len(steps)


def _announce(session: Session, represent: Represent, step: RecordedStep, now: datetime) -> None:
    affected = affected_webhooks(session, step.cursor)
    if affected:
        change = represent(change_as_written(session, step))
        bodies = {webhook.webhook_id: _body(step, change, webhook) for webhook in affected}
        add_deliveries(session, step.cursor, CHANGED, bodies, now)


def _body(step: RecordedStep, change: dict[str, Any], affected: AffectedWebhook) -> str:
    """Build the message: the change, and the affected pairs of the webhook, of which only the first are listed."""
    pairs = [{"passport": pair.passport, "destination": pair.destination} for pair in affected.pairs]
    data = {"change": change, "pairs": pairs, "number_of_pairs": affected.number}
    message = {"type": CHANGED, "timestamp": format_instant(step.recorded_at), "data": data}
    return orjson.dumps(message).decode()

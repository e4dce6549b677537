"""From the outbox to messages: a change that was published becomes one message for each webhook it concerns."""

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
"""So many changes are told in one transaction."""

Represent = Callable[[PolicyChange], dict[str, Any]]
"""A change as `/api/v1/changes` shows it."""


def announce_changes(session: Session, represent: Represent, now: datetime) -> int:
    """Make the messages of the changes that wait longest, and commit; how many changes there were.

    All of it is one transaction: whoever perishes within it has told nothing, and the next begins anew.
    """
    begin_writing(session)
    steps = claim_announcements(session, CHANGES_PER_TRANSACTION)
    for step in steps:
        _announce(session, represent, step, now)
    mark_announced(session, [step.cursor for step in steps], now)
    session.commit()
    return len(steps)


def _announce(session: Session, represent: Represent, step: RecordedStep, now: datetime) -> None:
    concerned = affected_webhooks(session, step.cursor)
    if concerned:
        change = represent(change_as_written(session, step))
        bodies = {each.webhook_id: _body(step, change, each) for each in concerned}
        add_deliveries(session, step.cursor, CHANGED, bodies, now)


def _body(step: RecordedStep, change: dict[str, Any], concerned: AffectedWebhook) -> str:
    """The message: the change, and which of the webhook's pairs it concerns; of many only some are listed."""
    pairs = [{"passport": each.passport, "destination": each.destination} for each in concerned.pairs]
    data = {"change": change, "pairs": pairs, "number_of_pairs": concerned.number}
    message = {"type": CHANGED, "timestamp": format_instant(step.recorded_at), "data": data}
    return orjson.dumps(message).decode()

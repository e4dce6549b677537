"""From the outbox to messages: each published change becomes one message per webhook it affects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from visalookup.domain.webhooks.subscription import CHANGED
from visalookup.services.changes.list_changes import PolicyChange, change_as_written
from visalookup.storage.engine import begin_writing
from visalookup.storage.policy_changes import RecordedStep
from visalookup.storage.webhooks.deliveries import add_deliveries
from visalookup.storage.webhooks.outbox import AffectedWebhook, affected_webhooks, claim_announcements, mark_announced

CHANGES_PER_TRANSACTION = 20
"""How many changes are announced in one transaction."""

Represent = Callable[[PolicyChange, Sequence[AffectedWebhook]], Sequence[Mapping[str, Any]]]
"""Returns the message of a change for each webhook it affects, as JSON."""


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
        messages = represent(change_as_written(session, step), affected)
        bodies = {
            webhook.webhook_id: orjson.dumps(message).decode()
            for webhook, message in zip(affected, messages, strict=True)
        }
        add_deliveries(session, step.cursor, CHANGED, bodies, now)

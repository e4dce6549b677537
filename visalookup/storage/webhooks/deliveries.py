"""Rows of webhook messages: created once per change, claimed by one sender at a time, and settled."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, insert, select, update
from sqlalchemy.orm import Session

from visalookup.domain.webhooks.subscription import Delivery, DeliveryResponse, DeliveryState, SettledDelivery
from visalookup.storage.agencies.models import AgencyRow
from visalookup.storage.terms import Columns
from visalookup.storage.webhooks.models import DeliveryRow, WebhookRow
from visalookup.storage.webhooks.webhooks import is_served

LEASE = timedelta(minutes=2)
"""How long a sender may take for one message; after that it counts as lost, and the message is retried."""


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A message that this process may send now. The secrets are sealed; a former one signs until it expires."""

    delivery_id: int
    webhook_id: int
    message_id: str
    url: str
    body: str
    attempts: int
    claimed_at: datetime
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """A filter of messages; None matches all."""

    agency_id: int | None = None
    webhook_id: int | None = None
    state: DeliveryState | None = None


def add_delivery(session: Session, webhook_id: int, type_: str, body: str, now: datetime) -> int:
    """Store a message without a change, due immediately, and return its number."""
    query = insert(DeliveryRow).values(_new(webhook_id, type_, body, now)).returning(DeliveryRow.id)
    return session.scalars(query).one()


def add_deliveries(session: Session, change_id: int, type_: str, bodies: Mapping[int, str], now: datetime) -> None:
    """Store the messages about a change, by webhook."""
    rows = [{**_new(webhook_id, type_, body, now), "change_id": change_id} for webhook_id, body in bodies.items()]
    session.execute(insert(DeliveryRow), rows)


def _new(webhook_id: int, type_: str, body: str, now: datetime) -> Columns:
    return {
        "webhook_id": webhook_id,
        "message_id": f"msg_{uuid.uuid4().hex}",
        "type": type_,
        "body": body,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "created_at": now,
        "next_attempt_at": now,
    }


def claim_due(session: Session, now: datetime, limit: int) -> list[ClaimedDelivery]:
    """Claim due messages, the longest waiting first; other senders skip them until the lease ends.

    The caller commits before sending, so that after a crash the message is sent again, under the same id.
    """
    due = (
        select(DeliveryRow, WebhookRow)
        .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
        .where(
            DeliveryRow.state == DeliveryState.PENDING,
            DeliveryRow.next_attempt_at <= now,
            is_served(),
        )
        .order_by(DeliveryRow.next_attempt_at, DeliveryRow.id)
        .limit(limit)
        .with_for_update(of=DeliveryRow, skip_locked=True)
    )
    found = session.execute(due).all()
    for delivery, _ in found:
        delivery.attempts += 1
        delivery.last_attempt_at = now
        delivery.next_attempt_at = now + LEASE
    return [_claimed(delivery, webhook, now) for delivery, webhook in found]


def _claimed(delivery: DeliveryRow, webhook: WebhookRow, now: datetime) -> ClaimedDelivery:
    secrets = [webhook.secret]
    if webhook.former_secret and webhook.former_signs_until and now < webhook.former_signs_until:
        secrets.append(webhook.former_secret)
    return ClaimedDelivery(
        delivery_id=delivery.id,
        webhook_id=webhook.id,
        message_id=delivery.message_id,
        url=webhook.url,
        body=delivery.body,
        attempts=delivery.attempts,
        claimed_at=now,
        secrets=tuple(secrets),
    )


def settle_delivery(
    session: Session, claimed: ClaimedDelivery, settled: SettledDelivery, response: DeliveryResponse, now: datetime
) -> bool:
    """Record the result of an attempt. Return False if our lease has ended and another sender has the message."""
    is_delivered = settled.state is DeliveryState.DELIVERED
    query = update(DeliveryRow).where(
        DeliveryRow.id == claimed.delivery_id,
        DeliveryRow.state == DeliveryState.PENDING,
        DeliveryRow.attempts == claimed.attempts,
        DeliveryRow.last_attempt_at == claimed.claimed_at,
    )
    values = {
        "state": settled.state,
        "next_attempt_at": settled.next_attempt_at,
        "last_status": response.status,
        "last_fault": settled.fault,
        "delivered_at": now if is_delivered else None,
    }
    return bool(session.execute(query.values(values).returning(DeliveryRow.id)).all())


def end_deliveries(session: Session, webhook_id: int, fault: str) -> None:
    """Give up the pending messages of a webhook."""
    query = update(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id, DeliveryRow.state == DeliveryState.PENDING)
    session.execute(query.values(state=DeliveryState.DEAD, next_attempt_at=None, last_fault=fault))


def replay(session: Session, delivery_ids: Collection[int], now: datetime) -> int:
    """Make delivered or dead messages due again, with all attempts; return how many.

    Messages of a deleted webhook stay as they are.
    """
    kept = select(WebhookRow.id).where(WebhookRow.removed_at.is_(None))
    query = update(DeliveryRow).where(
        DeliveryRow.id.in_(delivery_ids),
        DeliveryRow.state != DeliveryState.PENDING,
        DeliveryRow.webhook_id.in_(kept),
    )
    values = {"state": DeliveryState.PENDING, "attempts": 0, "next_attempt_at": now, "delivered_at": None}
    return len(session.execute(query.values(values).returning(DeliveryRow.id)).all())


def read_deliveries(
    session: Session, wanted: DeliveryFilter, limit: int | None, before: int | None = None
) -> list[Delivery]:
    """Return the matching messages, the newest first, optionally with a number below `before`."""
    query = _listed().where(*_conditions(wanted)).order_by(DeliveryRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(DeliveryRow.id < before)
    return [_delivery(row, webhook, agency) for row, webhook, agency in session.execute(query)]


def read_delivery(session: Session, delivery_id: int, agency_id: int | None = None) -> Delivery | None:
    """Return one message, optionally of one agency only."""
    query = _listed().where(DeliveryRow.id == delivery_id, *_conditions(DeliveryFilter(agency_id)))
    found = session.execute(query).one_or_none()
    return _delivery(*found) if found else None


def read_body(session: Session, delivery_id: int) -> str:
    """Return the body of a message."""
    return session.scalars(select(DeliveryRow.body).where(DeliveryRow.id == delivery_id)).one()


def _listed() -> Select[DeliveryRow, WebhookRow, str]:
    return (
        select(DeliveryRow, WebhookRow, AgencyRow.name)
        .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
        .join(AgencyRow, AgencyRow.id == WebhookRow.agency_id)
    )


def _conditions(wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    given = (
        (WebhookRow.agency_id, wanted.agency_id),
        (DeliveryRow.webhook_id, wanted.webhook_id),
        (DeliveryRow.state, wanted.state),
    )
    return [column == value for column, value in given if value is not None]


def _delivery(row: DeliveryRow, webhook: WebhookRow, agency: str) -> Delivery:
    return Delivery(
        id=row.id,
        message_id=row.message_id,
        webhook_id=row.webhook_id,
        agency=agency,
        url=webhook.url,
        type=row.type,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        last_attempt_at=row.last_attempt_at,
        last_status=row.last_status,
        last_fault=row.last_fault,
        delivered_at=row.delivered_at,
    )

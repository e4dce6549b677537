"""Rows of webhooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.orm import Session

from visalookup.domain.webhooks.subscription import CountryPair, Webhook
from visalookup.storage.agencies.models import AgencyRow
from visalookup.storage.webhooks.models import WebhookPair, WebhookRow


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A new webhook to store; the secret is sealed."""

    agency_id: int
    url: str
    pairs: Collection[CountryPair]
    secret: str
    after_revision: int


def add_webhook(session: Session, new: NewWebhook, now: datetime) -> int:
    """Store a webhook, and return its number."""
    row = WebhookRow(
        agency_id=new.agency_id,
        url=new.url,
        secret=new.secret,
        created_at=now,
        after_revision=new.after_revision,
    )
    session.add(row)
    session.flush()
    pairs = [{"webhook_id": row.id, "passport": pair.passport, "destination": pair.destination} for pair in new.pairs]
    session.execute(insert(WebhookPair), pairs)
    return row.id


def number_of_webhooks(session: Session, agency_id: int) -> int:
    """Return how many webhooks an agency has."""
    query = select(func.count()).select_from(WebhookRow)
    return session.scalar(query.where(WebhookRow.agency_id == agency_id, WebhookRow.removed_at.is_(None))) or 0


def read_webhooks(session: Session, agency_id: int | None = None) -> list[Webhook]:
    """Return the webhooks of an agency, or of all, the oldest first, without removed ones."""
    query = _select_existing().order_by(WebhookRow.id)
    if agency_id is not None:
        query = query.where(WebhookRow.agency_id == agency_id)
    rows = session.execute(query).all()
    pairs = _pairs(session, [row.id for row, _ in rows])
    return [_webhook(row, agency, pairs[row.id]) for row, agency in rows]


def read_webhook(session: Session, webhook_id: int, agency_id: int | None = None) -> Webhook | None:
    """Return one webhook, optionally of one agency only; None if there is none, or it was removed."""
    query = _select_existing().where(WebhookRow.id == webhook_id)
    if agency_id is not None:
        query = query.where(WebhookRow.agency_id == agency_id)
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, agency = found
    return _webhook(row, agency, _pairs(session, [row.id])[row.id])


def change_webhook(session: Session, webhook_id: int, **columns: Any) -> None:
    """Update columns of a webhook."""
    session.execute(update(WebhookRow).where(WebhookRow.id == webhook_id).values(**columns))


def secret_of(session: Session, webhook_id: int) -> str:
    """Return the sealed secret that signs a webhook's messages."""
    return session.scalars(select(WebhookRow.secret).where(WebhookRow.id == webhook_id)).one()


def is_served() -> ColumnElement[bool]:
    """The condition that messages go to a webhook: neither it nor its agency is disabled, and it was not removed."""
    agency_disabled = (
        select(AgencyRow.id).where(AgencyRow.id == WebhookRow.agency_id, AgencyRow.disabled_at.is_not(None)).exists()
    )
    return WebhookRow.disabled_at.is_(None) & WebhookRow.removed_at.is_(None) & ~agency_disabled


def _select_existing() -> Select[WebhookRow, str]:
    return (
        select(WebhookRow, AgencyRow.name)
        .join(AgencyRow, AgencyRow.id == WebhookRow.agency_id)
        .where(WebhookRow.removed_at.is_(None))
    )


def _pairs(session: Session, webhook_ids: Collection[int]) -> dict[int, list[CountryPair]]:
    found: defaultdict[int, list[CountryPair]] = defaultdict(list)
    query = select(WebhookPair).where(WebhookPair.webhook_id.in_(webhook_ids)).order_by(WebhookPair.id)
    for row in session.scalars(query):
        found[row.webhook_id].append(CountryPair(row.passport, row.destination))
    return found


def _webhook(row: WebhookRow, agency: str, pairs: Collection[CountryPair]) -> Webhook:
    return Webhook(
        id=row.id,
        agency=agency,
        url=row.url,
        pairs=tuple(pairs),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        disabled_because=row.disabled_because,
    )

"""The outbox: policy changes on their way to the webhooks, none lost and none announced twice.

A change is added in the transaction that publishes it. Later, in one transaction, a message is created for each
affected webhook, and the change is marked as announced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from visalookup.domain.webhooks.subscription import MOST_PAIRS_TOLD, CountryPair
from visalookup.storage.models import RuleVersion, TimelineEntryVersion
from visalookup.storage.policy_changes import RecordedStep, affected_rules, read_step, steps_of_revision
from visalookup.storage.webhooks.models import Announcement, WebhookPair, WebhookRow
from visalookup.storage.webhooks.webhooks import is_served


@dataclass(frozen=True, slots=True)
class AffectedWebhook:
    """A webhook that a change affects, with some of its affected pairs, and their total number."""

    webhook_id: int
    pairs: tuple[CountryPair, ...]
    number: int


def announce(session: Session, revision: int) -> None:
    """Add the policy changes of a revision to the outbox, in the transaction that writes the revision."""
    session.execute(insert(Announcement).from_select(["change_id"], steps_of_revision(revision)))


def claim_announcements(session: Session, limit: int) -> list[RecordedStep]:
    """Claim unannounced changes, the oldest first, until the end of the transaction; others skip them."""
    waiting = (
        select(Announcement.change_id)
        .where(Announcement.told_at.is_(None))
        .order_by(Announcement.change_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [read_step(session, change_id) for change_id in session.scalars(waiting).all()]


def mark_announced(session: Session, changes: Sequence[int], now: datetime) -> None:
    """Record that the messages for these changes exist."""
    session.execute(update(Announcement).where(Announcement.change_id.in_(changes)).values(told_at=now))


def affected_webhooks(session: Session, change_id: int) -> list[AffectedWebhook]:
    """Return the webhooks that a change affects, among those that existed when it was published."""
    step = aliased(TimelineEntryVersion)
    affected = _affected_rules(step, change_id)
    matching = select(WebhookPair.id).where(
        WebhookPair.webhook_id == WebhookRow.id, or_(_matches_everything(), affected.where(_matches_rule()).exists())
    )
    query = (
        select(WebhookRow.id)
        .join(step, step.id == change_id)
        .where(
            WebhookRow.after_revision < step.revision,
            is_served(),
            matching.exists(),
        )
        .order_by(WebhookRow.id)
    )
    return [_affected_webhook(session, webhook_id, change_id) for webhook_id in session.scalars(query).all()]


_rule, _later = aliased(RuleVersion), aliased(RuleVersion)


def _affected_rules(step: type[TimelineEntryVersion], change_id: int) -> Select[int]:
    return select(_rule.id).join(step, step.id == change_id).where(affected_rules(step, _rule, _later))


def _matches_everything() -> ColumnElement[bool]:
    return WebhookPair.passport.is_(None) & WebhookPair.destination.is_(None)


def _matches_rule() -> ColumnElement[bool]:
    return (WebhookPair.passport.is_(None) | (WebhookPair.passport == _rule.passport)) & (
        WebhookPair.destination.is_(None) | (WebhookPair.destination == _rule.destination)
    )


def _affected_webhook(session: Session, webhook_id: int, change_id: int) -> AffectedWebhook:
    step = aliased(TimelineEntryVersion)
    pairs = (
        select(_rule.passport, _rule.destination)
        .join(step, step.id == change_id)
        .join(WebhookPair, (WebhookPair.webhook_id == webhook_id) & _matches_rule())
        .where(affected_rules(step, _rule, _later))
        .distinct()
        .subquery()
    )
    number = session.scalar(select(func.count()).select_from(pairs)) or 0
    listed = session.execute(select(pairs).order_by(*pairs.c).limit(MOST_PAIRS_TOLD))
    return AffectedWebhook(webhook_id, tuple(CountryPair(row.passport, row.destination) for row in listed), number)


def count_waiting_announcements(session: Session) -> int:
    """Return how many changes wait to be announced."""
    query = select(func.count()).select_from(Announcement).where(Announcement.told_at.is_(None))
    return session.scalar(query) or 0

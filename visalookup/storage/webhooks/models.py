"""Tables of webhooks: who is told of what, the outbox of changes to be told, and what became of each message.

Unlike the ledger these rows change: a message is delivered, a webhook is disabled. Who made and ended webhooks is
told by the audit trail.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from visalookup.domain.webhooks.subscription import DeliveryState
from visalookup.storage.models import Base, Instant, RowId, enumerated


class Announcement(Base):
    """The outbox: a change of policy that is to be told, written in the transaction that published it."""

    __tablename__ = "announcement"
    __table_args__ = (
        Index(
            "ix_announcement_waiting",
            "change_id",
            postgresql_where=text("told_at IS NULL"),
            sqlite_where=text("told_at IS NULL"),
        ),
    )

    change_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("timeline_entry_version.id"), primary_key=True, autoincrement=False
    )
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    """When there was a message for each webhook it concerns; None while it waits for that."""


class WebhookRow(Base):
    """An address of an agency that is told of changes. Its secrets are sealed."""

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("(former_secret IS NULL) = (former_signs_until IS NULL)", name="former_secret_ends"),
        CheckConstraint("(disabled_at IS NULL) = (disabled_because IS NULL)", name="disabled_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    former_secret: Mapped[str | None] = mapped_column(Text)
    former_signs_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    after_revision: Mapped[int]
    """The revision that was the newest when it was made: only later ones are told."""
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    disabled_because: Mapped[str | None] = mapped_column(Text)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    """Its agency sees it no more; the log of its messages stays."""


class WebhookPair(Base):
    """A pair of passport and destination that a webhook is for; NULL is any."""

    __tablename__ = "webhook_pair"

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"), index=True)
    passport: Mapped[str | None] = mapped_column(ForeignKey("place.code"))
    destination: Mapped[str | None] = mapped_column(ForeignKey("place.code"))


class DeliveryRow(Base):
    """A message for one webhook. For one change there is at most one; a ping is about none.

    While it is being sent, `next_attempt_at` says when to try again should the sender never come back.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "change_id"),
        CheckConstraint("(state = 'pending') = (next_attempt_at IS NOT NULL)", name="pending_is_tried_again"),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        Index(
            "ix_webhook_delivery_due",
            "next_attempt_at",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    change_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.change_id"))
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    type: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(enumerated(DeliveryState, "delivery_state"))
    attempts: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    last_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    last_status: Mapped[int | None]
    last_fault: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)

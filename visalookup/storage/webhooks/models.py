"""Tables of webhooks, their pairs, the outbox of changes to announce, and the messages.

Unlike the ledger, these rows change: a message is delivered, a webhook is disabled. The audit trail records who
created and removed webhooks.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from visalookup.domain.webhooks.subscription import DeliveryState
from visalookup.storage.models import Base, Instant, RowId, enumerated


class Announcement(Base):
    """The outbox: a policy change to announce, written in the transaction that published it."""

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
    """When the messages for all affected webhooks were created; None while it waits for that."""


class WebhookRow(Base):
    """An address of an agency to which changes are sent. Its secrets are sealed."""

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
    """The newest revision when it was created: only later ones are sent."""
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    disabled_because: Mapped[str | None] = mapped_column(Text)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When its agency removed it; the log of its messages stays."""


class WebhookPair(Base):
    """A pair of passport and destination of a webhook; NULL matches any."""

    __tablename__ = "webhook_pair"

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"), index=True)
    passport: Mapped[str | None] = mapped_column(ForeignKey("place.code"))
    destination: Mapped[str | None] = mapped_column(ForeignKey("place.code"))


class DeliveryRow(Base):
    """A message for one webhook: at most one per change; a ping has no change.

    While it is being sent, `next_attempt_at` is the retry time in case the sender crashes.
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

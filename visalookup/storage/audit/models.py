"""Tables of the audit trail: entries chained by hash, and the end of the chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from visalookup.storage.models import Base, Instant


class AuditEntry(Base):
    """One action and its time; `hash` covers all columns and the previous hash. Append-only."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        Index("ix_audit_entry_subject", "subject"),
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int | None] = mapped_column(ForeignKey("revision.number"), unique=True)
    """The revision of the ledger that this entry seals, if any."""
    previous_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text, unique=True)


class AuditHead(Base):
    """The end of the chain: one row that is updated with it, so that truncation is detected."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(Text)

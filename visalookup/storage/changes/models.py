"""Tables of proposals and decisions. Append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from visalookup.domain.changes.proposals import Outcome, ProposalKind
from visalookup.storage.models import Base, Instant, RowId, enumerated


class ProposalRow(Base):
    """A proposed change; `payload` describes it in the shape of the data files."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("based_on >= 0", name="based_on_a_version"),
        Index("ix_proposal_regime_id", "regime_id"),
    )

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    form_key: Mapped[str] = mapped_column(Text, unique=True)
    """Generated for each form or request, so that one sent twice makes one proposal."""
    kind: Mapped[ProposalKind] = mapped_column(enumerated(ProposalKind, "proposal_kind"))
    regime_id: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    based_on: Mapped[int]
    """The version of the regime that the proposer saw; 0 if there was none."""
    summary: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    renews_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("proposal.id"), unique=True)
    """The earlier proposal that this one renews after it was returned or overtaken."""


class DecisionRow(Base):
    """The decision on a proposal: published, returned, or taken back by its proposer. At most one each."""

    __tablename__ = "proposal_decision"
    __table_args__ = (
        CheckConstraint("(outcome = 'published') = (revision IS NOT NULL)", name="published_in_a_revision"),
    )

    proposal_id: Mapped[int] = mapped_column(RowId, ForeignKey("proposal.id"), primary_key=True, autoincrement=False)
    outcome: Mapped[Outcome] = mapped_column(enumerated(Outcome, "outcome"))
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    comment: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int | None] = mapped_column(ForeignKey("revision.number"))
    alone: Mapped[bool]
    """Whether the proposer published it without a second person, where the settings allow that."""

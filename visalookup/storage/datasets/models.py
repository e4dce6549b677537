"""Tables of comparisons with outside tables, their differences, and the reviews of these. Append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from visalookup.domain.requirements import Requirement
from visalookup.storage.models import Base, Instant, RowId, enumerated


class ComparisonRow(Base):
    """A comparison of an outside table with our answers."""

    __tablename__ = "comparison"

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    table_name: Mapped[str] = mapped_column(Text)
    compared_by: Mapped[str] = mapped_column(Text)
    compared_at: Mapped[datetime] = mapped_column(Instant)
    pairs: Mapped[int]


class DifferenceRow(Base):
    """A pair whose class in the table differs from ours."""

    __tablename__ = "flagged_difference"
    __table_args__ = (UniqueConstraint("comparison_id", "passport", "destination"),)

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    comparison_id: Mapped[int] = mapped_column(RowId, ForeignKey("comparison.id"))
    passport: Mapped[str] = mapped_column(ForeignKey("place.code"))
    destination: Mapped[str] = mapped_column(ForeignKey("place.code"))
    theirs: Mapped[Requirement] = mapped_column(enumerated(Requirement, "requirement"))


class DifferenceReviewRow(Base):
    """A review that kept our answer in spite of a difference; the comment says why."""

    __tablename__ = "difference_review"

    difference_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("flagged_difference.id"), primary_key=True, autoincrement=False
    )
    reviewed_by: Mapped[str] = mapped_column(Text)
    reviewed_at: Mapped[datetime] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(Text)

"""Tables of loads, and of comparisons with outside tables with their differences and reviews. Append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from visalookup.domain.requirements import Requirement
from visalookup.storage.models import Base, Instant, RowId, enumerated


class DataLoadRow(Base):
    """A load of the data files. `fingerprint` covers all it depended on; it is NULL where that is not known."""

    __tablename__ = "data_load"

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    loaded_at: Mapped[datetime] = mapped_column(Instant)
    loaded_by: Mapped[str] = mapped_column(Text)
    schema: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str | None] = mapped_column(Text)


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

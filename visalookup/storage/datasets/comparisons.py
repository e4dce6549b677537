"""Rows of differences from outside tables, flagged for review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from visalookup.domain.requirements import Requirement
from visalookup.storage.datasets.models import ComparisonRow, DifferenceReviewRow, DifferenceRow


@dataclass(frozen=True, slots=True)
class FlaggedDifference:
    """A pair whose class in a table differed from ours when they were compared."""

    id: int
    table: str
    passport: str
    destination: str
    theirs: Requirement


def flag_differences(
    session: Session,
    table: str,
    pairs: int,
    found: Iterable[tuple[str, str, Requirement]],
    compared_by: str,
    now: datetime,
) -> int:
    """Store a comparison with its differences (passport, destination, their class); return their number."""
    values = {"table_name": table, "compared_by": compared_by, "compared_at": now, "pairs": pairs}
    number = session.scalar(insert(ComparisonRow).values(**values).returning(ComparisonRow.id))
    rows = [
        {"comparison_id": number, "passport": passport, "destination": destination, "theirs": theirs}
        for passport, destination, theirs in found
    ]
    if rows:
        session.execute(insert(DifferenceRow), rows)
    return len(rows)


def unreviewed_differences(session: Session) -> list[FlaggedDifference]:
    """Return the unreviewed differences of the newest comparison with each table."""
    newest = select(func.max(ComparisonRow.id)).group_by(ComparisonRow.table_name)
    query = (
        select(DifferenceRow, ComparisonRow.table_name)
        .join(ComparisonRow, ComparisonRow.id == DifferenceRow.comparison_id)
        .outerjoin(DifferenceReviewRow, DifferenceReviewRow.difference_id == DifferenceRow.id)
        .where(ComparisonRow.id.in_(newest), DifferenceReviewRow.difference_id.is_(None))
        .order_by(DifferenceRow.destination, DifferenceRow.passport)
    )
    return [
        FlaggedDifference(row.id, table, row.passport, row.destination, row.theirs)
        for row, table in session.execute(query)
    ]


def note_review(session: Session, difference_id: int, reviewed_by: str, comment: str, now: datetime) -> None:
    """Record that a difference was reviewed and the answer kept, and why."""
    session.execute(
        insert(DifferenceReviewRow).values(
            difference_id=difference_id, reviewed_by=reviewed_by, reviewed_at=now, comment=comment
        )
    )

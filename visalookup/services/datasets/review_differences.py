"""Flag differences from outside tables for review, and record the reviews."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.accounts.roles import Member
from visalookup.domain.errors import InvalidValue
from visalookup.services.datasets.compare_table import TableComparison
from visalookup.storage.audit.chain import append_entry, lock_chain
from visalookup.storage.datasets.comparisons import (
    FlaggedDifference,
    flag_differences,
    note_review,
    unreviewed_differences,
)


def flag(session: Session, table: str, comparison: TableComparison, actor: str, now: datetime) -> int:
    """Flag the differences of a comparison, replacing earlier ones with the same table; return how many."""
    lock_chain(session)
    rows = ((pair.row.passport.code, pair.row.destination.code, pair.theirs) for pair in comparison.differences)
    number = flag_differences(session, table, len(comparison.pairs), rows, actor, now)
    details = {"pairs": len(comparison.pairs), "differences": number}
    append_entry(session, action="differences_flagged", actor=actor, subject=f"table {table}", details=details, now=now)
    return number


def review(session: Session, difference_id: int, member: Member, comment: str, now: datetime) -> FlaggedDifference:
    """Keep an answer although a table differs; raise InvalidValue without a comment on why."""
    lock_chain(session)
    difference = next((flagged for flagged in unreviewed_differences(session) if flagged.id == difference_id), None)
    if difference is None:
        raise InvalidValue("This difference was already reviewed, or no longer exists; see the list.")
    if not comment.strip():
        raise InvalidValue(f"Say why {difference.passport} to {difference.destination} stays as it is.")
    note_review(session, difference_id, member.name, comment.strip(), now)
    append_entry(
        session,
        action="difference_reviewed",
        actor=member.name,
        subject=f"{difference.passport} to {difference.destination}",
        details={"table": difference.table, "comment": comment.strip()},
        now=now,
    )
    return difference

"""Differences with outside tables: flag them for somebody to look at, and note that somebody did."""

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
    """Note the differences of a comparison as work, in place of those with the same table before; how many."""
    lock_chain(session)
    found = ((each.row.passport.code, each.row.destination.code, each.theirs) for each in comparison.differences)
    number = flag_differences(session, table, len(comparison.pairs), found, actor, now)
    details = {"pairs": len(comparison.pairs), "differences": number}
    append_entry(session, action="differences_flagged", actor=actor, subject=f"table {table}", details=details, now=now)
    return number


def review(session: Session, difference_id: int, member: Member, comment: str, now: datetime) -> FlaggedDifference:
    """Leave an answer as it is though a table says otherwise; raise InvalidValue without a word on why."""
    lock_chain(session)
    difference = next((each for each in unreviewed_differences(session) if each.id == difference_id), None)
    if difference is None:
        raise InvalidValue("Somebody has looked at this difference already, or it is gone; see the list.")
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

"""Add entries to the audit trail for revisions that were written before the trail existed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from visalookup.storage.audit.chain import seal_range
from visalookup.storage.history.audit_trail import unsealed_revisions
from visalookup.storage.ledger import lock_for_writing


def seal_audit(session: Session, actor: str) -> tuple[int, ...]:
    """Add an entry for each revision without one, naming the actor; return their numbers. The caller commits."""
    lock_for_writing(session)
    numbers = tuple(unsealed_revisions(session))
    if numbers:
        seal_range(session, numbers[0], numbers[-1], sealed_by=actor)
    return numbers

"""Rows of proposals and decisions, which are added, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from visalookup.domain.changes.proposals import Decision, Proposal, ProposalKind
from visalookup.storage.changes.models import DecisionRow, ProposalRow
from visalookup.storage.ledger import Conflict
from visalookup.storage.models import TimelineEntryVersion


def add_proposal(
    session: Session,
    *,
    form_key: str,
    kind: ProposalKind,
    regime_id: str,
    payload: Mapping[str, Any],
    based_on: int,
    summary: str,
    reason: str,
    proposed_by: str,
    proposed_at: datetime,
    renews_id: int | None,
) -> Proposal:
    """Store a proposal; the caller holds the lock of writers and commits."""
    values = {
        "form_key": form_key,
        "kind": kind,
        "regime_id": regime_id,
        "payload": dict(payload),
        "based_on": based_on,
        "summary": summary,
        "reason": reason,
        "proposed_by": proposed_by,
        "proposed_at": proposed_at,
        "renews_id": renews_id,
    }
    number = session.scalar(insert(ProposalRow).returning(ProposalRow.id), values)
    found = read_proposal(session, number or 0)
    assert found is not None  # noqa: S101 - it was just stored
    return found


def add_decision(session: Session, proposal_id: int, decision: Decision) -> None:
    """Store a decision; raise Conflict if the proposal was already decided."""
    values = {
        "proposal_id": proposal_id,
        "outcome": decision.outcome,
        "decided_by": decision.decided_by,
        "decided_at": decision.decided_at,
        "comment": decision.comment,
        "revision": decision.revision,
        "alone": decision.alone,
    }
    try:
        session.execute(insert(DecisionRow).values(**values))
    except IntegrityError as error:
        raise Conflict("Another person decided this proposal first; read it again.") from error


def read_proposal(session: Session, proposal_id: int) -> Proposal | None:
    """Return a proposal with its decision; None if there is none."""
    return _find(session, ProposalRow.id == proposal_id)


def proposal_of_form(session: Session, form_key: str) -> Proposal | None:
    """Return the proposal that a form or request has made; None if there is none."""
    return _find(session, ProposalRow.form_key == form_key)


def renewal_of(session: Session, proposal_id: int) -> Proposal | None:
    """Return the proposal that renews this one; None if there is none."""
    return _find(session, ProposalRow.renews_id == proposal_id)


def read_proposals(
    session: Session, *, regime_id: str | None = None, is_open: bool | None = None, limit: int
) -> list[Proposal]:
    """Return proposals, the newest first, optionally of one regime, and only open or only decided ones."""
    query = _query().order_by(ProposalRow.id.desc()).limit(limit)
    if regime_id is not None:
        query = query.where(ProposalRow.regime_id == regime_id)
    if is_open is not None:
        undecided = DecisionRow.proposal_id.is_(None)
        query = query.where(undecided if is_open else ~undecided)
    return list(_read(session, query))


def entry_keys_ever_used(session: Session, regime_id: str) -> set[str]:
    """Return the keys of all entries that a regime's timeline ever had, including removed ones."""
    query = select(TimelineEntryVersion.key).where(TimelineEntryVersion.regime_id == regime_id)
    return set(session.scalars(query))


def _find(session: Session, condition: ColumnElement[bool]) -> Proposal | None:
    return next(_read(session, _query().where(condition)), None)


def _query() -> Select[ProposalRow, DecisionRow]:
    return select(ProposalRow, DecisionRow).outerjoin(DecisionRow, DecisionRow.proposal_id == ProposalRow.id)


def _read(session: Session, query: Select[ProposalRow, DecisionRow]) -> Iterator[Proposal]:
    for row, decided in session.execute(query):
        yield Proposal(
            id=row.id,
            kind=row.kind,
            regime_id=row.regime_id,
            payload=row.payload,
            based_on=row.based_on,
            summary=row.summary,
            reason=row.reason,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            renews=row.renews_id,
            decision=_decision(decided) if decided else None,
        )


def _decision(row: DecisionRow) -> Decision:
    return Decision(row.outcome, row.decided_by, row.decided_at, row.comment, row.revision, row.alone)

"""Publish a proposal, return it with a comment, or take back one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.accounts.roles import Member
from visalookup.domain.changes.proposals import (
    Decision,
    Outcome,
    Proposal,
    check_may_publish,
    check_may_return,
    check_may_take_back,
)
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.errors import InvalidValue
from visalookup.domain.regimes import WholeRegime
from visalookup.services.changes.amendments import amend
from visalookup.services.changes.amendments.context import AmendmentContext
from visalookup.services.changes.current_regime import read_current_regime
from visalookup.services.changes.proposals.listing import find_proposal
from visalookup.services.changes.put_regime import put_regime
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage.audit.chain import append_entry
from visalookup.storage.changes.proposals import add_decision
from visalookup.storage.ledger import Author, Conflict, lock_for_writing
from visalookup.storage.models import Origin


@dataclass(frozen=True, slots=True)
class Published:
    """A published proposal and its revision."""

    proposal: Proposal
    revision: int


def publish(
    session: Session, rulebook_store: RulebookStore, proposal_id: int, member: Member, *, review: bool, now: datetime
) -> Published:
    """Write the proposal's change as one revision; the caller commits.

    Raise NotFound, NotAllowed, or Conflict if it was already decided or the regime has changed since; nothing
    is written then.
    """
    places = rulebook_store.current(session).rulebook.places
    lock_for_writing(session)
    proposal = _open(session, proposal_id)
    check_may_publish(proposal, member, review=review)
    current = read_current_regime(session, proposal.regime_id)
    if current.version != proposal.based_on:
        raise Conflict(
            f"{proposal.regime_id} has changed since this was proposed (version {current.version}, not"
            f" {proposal.based_on}). Have it taken up again on the current record."
        )
    outcome = amend(proposal.kind, current.whole, proposal.payload, AmendmentContext(places, current.used_keys))
    alone = member.name == proposal.proposed_by
    revision = _write(session, proposal, outcome.whole, member, alone=alone, now=now)
    decision = Decision(Outcome.PUBLISHED, member.name, now, None, revision, alone)
    return Published(_decide(session, proposal, decision), revision)


def _write(
    session: Session, proposal: Proposal, whole: WholeRegime, member: Member, *, alone: bool, now: datetime
) -> int:
    by_whom = "proposed and published by one person" if alone else f"proposed by {proposal.proposed_by}"
    author = Author(
        member.name,
        Origin.STAFF,
        f"{proposal.summary}{f'. {proposal.reason}' if proposal.reason else ''} ({by_whom})",
    )
    wanted = DataSet(regimes=(whole.regime,), rules=whole.rules)
    revision = put_regime(session, proposal.regime_id, wanted, author, now)
    if revision is None:
        raise Conflict("Nothing would change: the record already says so.")
    return revision


def return_proposal(session: Session, proposal_id: int, member: Member, comment: str, now: datetime) -> Proposal:
    """Return a proposal to its author, who may propose it again; the comment says why."""
    if not comment.strip():
        raise InvalidValue("Say why you return it, so that its author knows what to do.")
    lock_for_writing(session)
    proposal = _open(session, proposal_id)
    check_may_return(proposal, member)
    return _decide(session, proposal, Decision(Outcome.RETURNED, member.name, now, comment.strip()))


def take_back(session: Session, proposal_id: int, member: Member, now: datetime) -> Proposal:
    """Take back a proposal of one's own."""
    lock_for_writing(session)
    proposal = _open(session, proposal_id)
    check_may_take_back(proposal, member)
    return _decide(session, proposal, Decision(Outcome.TAKEN_BACK, member.name, now))


def _open(session: Session, proposal_id: int) -> Proposal:
    proposal = find_proposal(session, proposal_id)
    if proposal.decision is not None:
        outcome = proposal.decision.outcome.replace("_", " ")
        raise Conflict(f"Proposal {proposal_id} was {outcome} by {proposal.decision.decided_by} already.")
    return proposal


def _decide(session: Session, proposal: Proposal, decision: Decision) -> Proposal:
    add_decision(session, proposal.id, decision)
    append_entry(
        session,
        action=decision.outcome,
        actor=decision.decided_by,
        subject=f"proposal {proposal.id}",
        details={
            "regime": proposal.regime_id,
            "summary": proposal.summary,
            "proposed_by": proposal.proposed_by,
            "comment": decision.comment,
            "revision": decision.revision,
            "alone": decision.alone,
        },
        now=decision.decided_at,
    )
    return find_proposal(session, proposal.id)

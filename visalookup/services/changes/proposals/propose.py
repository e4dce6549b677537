"""Propose a change of a regime."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.accounts.roles import Member, Right
from visalookup.domain.changes.proposals import Decision, NotAllowed, Outcome, Proposal, ProposalKind
from visalookup.domain.errors import InvalidValue
from visalookup.domain.slugs import check_slug
from visalookup.services.changes.amendments import amend
from visalookup.services.changes.amendments.context import AmendmentContext, fault
from visalookup.services.changes.current_regime import CurrentRegime, read_current_regime
from visalookup.services.changes.proposals.preview import Amendment
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage.audit.chain import append_entry
from visalookup.storage.changes.proposals import (
    add_decision,
    add_proposal,
    proposal_of_form,
    read_proposal,
    renewal_of,
)
from visalookup.storage.ledger import Conflict, lock_for_writing

MAX_REASON_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class ProposalOrder:
    """How to propose: the version of the regime that was seen, the reason, and the key of the form.

    A `form_key` sent twice makes one proposal. `renews` is an earlier proposal that was returned or overtaken.
    """

    form_key: str
    based_on: int
    reason: str
    renews: int | None = None


def propose(
    session: Session,
    rulebook_store: RulebookStore,
    amendment: Amendment,
    order: ProposalOrder,
    member: Member,
    now: datetime,
) -> Proposal:
    """Store the proposal; the caller commits.

    Raise what `amend` raises, NotAllowed without the right, and Conflict if the regime has changed since it was
    seen; nothing is written then.
    """
    if not member.may(Right.PROPOSE):
        raise NotAllowed("Proposing is for editors, publishers and administrators.")
    places = rulebook_store.current(session).rulebook.places
    lock_for_writing(session)
    existing = proposal_of_form(session, order.form_key)
    if existing is not None:
        return _check_same_member(existing, member)
    check_slug(amendment.regime_id)
    current = read_current_regime(session, amendment.regime_id)
    _check_version(amendment, current, order)
    earlier = _check_renewed(session, order)
    outcome = amend(amendment.kind, current.whole, amendment.payload, AmendmentContext(places, current.used_keys))
    if outcome.whole.regime.id != amendment.regime_id:
        raise InvalidValue(f"This is the regime {outcome.whole.regime.id}, not {amendment.regime_id}.")
    proposal = add_proposal(
        session,
        form_key=order.form_key,
        kind=amendment.kind,
        regime_id=amendment.regime_id,
        payload=amendment.payload,
        based_on=order.based_on,
        summary=outcome.summary,
        reason=_checked_reason(amendment.kind, order.reason),
        proposed_by=member.name,
        proposed_at=now,
        renews_id=order.renews,
    )
    _take_back_earlier(session, earlier, proposal, now)
    _record(session, proposal, now)
    return proposal


def _check_same_member(existing: Proposal, member: Member) -> Proposal:
    if existing.proposed_by != member.name:
        raise Conflict("Another person has already sent this form; open it again.")
    return existing


def _check_version(amendment: Amendment, current: CurrentRegime, order: ProposalOrder) -> None:
    if current.version != order.based_on:
        raise Conflict(
            f"{amendment.regime_id} has changed since you opened this form (it is at version {current.version},"
            f" you saw {order.based_on}). What you typed is kept: compare it with the record, and continue."
        )


def _check_renewed(session: Session, order: ProposalOrder) -> Proposal | None:
    """Return the earlier proposal that this one renews; raise Conflict if it was published or already renewed."""
    if order.renews is None:
        return None
    earlier = read_proposal(session, order.renews)
    if earlier is None:
        raise InvalidValue(f"There is no proposal {order.renews} to take up again.")
    if earlier.decision is not None and earlier.decision.outcome is Outcome.PUBLISHED:
        raise Conflict(f"Proposal {order.renews} is already published; propose a correction instead.")
    if renewal_of(session, order.renews) is not None:
        raise Conflict(f"Proposal {order.renews} has already been taken up again; look for the newer one.")
    return earlier


def _take_back_earlier(session: Session, earlier: Proposal | None, proposal: Proposal, now: datetime) -> None:
    """Take back the proposer's own open proposal, which the new one replaces."""
    if earlier is not None and earlier.is_open and earlier.proposed_by == proposal.proposed_by:
        comment = f"Taken up again as proposal {proposal.id}."
        add_decision(session, earlier.id, Decision(Outcome.TAKEN_BACK, proposal.proposed_by, now, comment))


def _checked_reason(kind: ProposalKind, text: str) -> str:
    """Return the reason; corrections and changes of rules must have one."""
    reason = text.strip()
    if not reason and kind in (ProposalKind.CORRECTION, ProposalKind.RULE):
        raise fault("Say in a sentence why the record should change: it stays in the history.", "reason")
    if len(reason) > MAX_REASON_LENGTH:
        raise fault(f"The reason is longer than {MAX_REASON_LENGTH} characters; shorten it.", "reason")
    return reason


def _record(session: Session, proposal: Proposal, now: datetime) -> None:
    append_entry(
        session,
        action="proposed",
        actor=proposal.proposed_by,
        subject=f"proposal {proposal.id}",
        details={"regime": proposal.regime_id, "summary": proposal.summary, "reason": proposal.reason},
        now=now,
    )

"""Proposals: the list, the preview of one, and the decision on it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.changes.proposals import Proposal, ProposalKind
from visalookup.domain.errors import DomainError
from visalookup.extensions import now, rulebook_store, session, settings
from visalookup.services.changes.proposals.decide import publish, return_proposal, take_back
from visalookup.services.changes.proposals.listing import find_proposal, list_proposals
from visalookup.services.changes.proposals.preview import preview_of_proposal
from visalookup.staff.access import is_resumed, member, requires, resumable
from visalookup.staff.changes.change_flow import preview_context
from visalookup.storage.changes.proposals import renewal_of
from visalookup.storage.ledger import Conflict, last_change_of_regime

proposals = Blueprint("staff_proposals", __name__, url_prefix="/staff/proposals")


@proposals.get("")
@requires(Right.READ)
def index() -> AnyResponse:
    """The open proposals, and the decided ones."""
    page = render_template(
        "staff/proposals.html",
        waiting=list_proposals(session(), is_open=True),
        decided=list_proposals(session(), is_open=False),
    )
    return AnyResponse(page, mimetype="text/html")


@proposals.get("/<int:number>")
@requires(Right.READ)
def detail(number: int) -> AnyResponse:
    """One proposal, with a preview against the current record."""
    return _page(find_proposal(session(), number))


@proposals.post("/<int:number>/publication")
@requires(Right.PUBLISH)
@resumable
def publish_one(number: int) -> AnyResponse:
    """Publish a proposal."""
    review = settings().staff.review
    return _decide(
        number, lambda: publish(session(), rulebook_store(), number, member(), review=review, now=now()).proposal
    )


@proposals.post("/<int:number>/return")
@requires(Right.PUBLISH)
@resumable
def return_one(number: int) -> AnyResponse:
    """Return a proposal to its author with a comment."""
    comment = request.form.get("comment", "")
    return _decide(number, lambda: return_proposal(session(), number, member(), comment, now()))


@proposals.post("/<int:number>/withdrawal")
@requires(Right.PROPOSE)
@resumable
def withdraw_one(number: int) -> AnyResponse:
    """Withdraw one's own proposal."""
    return _decide(number, lambda: take_back(session(), number, member(), now()))


def _decide(number: int, decide: Callable[[], Proposal]) -> AnyResponse:
    if is_resumed():
        return _page(find_proposal(session(), number))
    try:
        decide()
    except (Conflict, DomainError) as error:
        session().rollback()
        status = 409 if isinstance(error, Conflict) else 422
        return _page(find_proposal(session(), number), str(error), status)
    session().commit()
    return redirect(f"/staff/proposals/{number}", 303)


def _page(proposal: Proposal, fault: str | None = None, status: int = 200) -> AnyResponse:
    overtaken = proposal.is_open and last_change_of_regime(session(), proposal.regime_id) != proposal.based_on
    preview = None
    if proposal.is_open and not overtaken:
        preview = preview_of_proposal(session(), rulebook_store(), proposal, now())
    is_own = proposal.proposed_by == member().name
    page = render_template(
        "staff/proposal.html",
        proposal=proposal,
        overtaken=overtaken,
        impossible=preview if isinstance(preview, str) else None,
        **(preview_context(preview) if preview is not None and not isinstance(preview, str) else {}),
        fault=fault,
        comment=request.form.get("comment", ""),
        is_own=is_own,
        may_publish=member().may(Right.PUBLISH) and not (settings().staff.review and is_own),
        may_return=member().may(Right.PUBLISH) and not is_own,
        renewal=renewal_of(session(), proposal.id),
        renew_url=_renewal_url(proposal),
    )
    return AnyResponse(page, status, mimetype="text/html")


def _renewal_url(proposal: Proposal) -> str:
    """The form that reopens the proposal."""
    regime = f"/staff/regimes/{proposal.regime_id}"
    key = proposal.payload.get("key", "new")
    forms = {
        ProposalKind.STEP: f"{regime}/steps",
        ProposalKind.CORRECTION: f"{regime}/timeline/{key}",
        ProposalKind.RULE: f"{regime}/rules/{key}",
        ProposalKind.VERIFICATION: f"{regime}/verification",
        ProposalKind.REGIME: "/staff/regimes/new",
        ProposalKind.FILE: "/staff/upload",
    }
    return f"{forms[proposal.kind]}?renews={proposal.id}"

"""Proposals: the list, one with what it would do, and what becomes of it."""

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
from visalookup.staff.changes.change_flow import told
from visalookup.storage.changes.proposals import renewal_of
from visalookup.storage.ledger import Conflict, last_change_of_regime

proposals = Blueprint("staff_proposals", __name__, url_prefix="/staff/proposals")


@proposals.get("")
@requires(Right.READ)
def listed() -> AnyResponse:
    """What waits for a decision, and what was decided."""
    page = render_template(
        "staff/proposals.html",
        waiting=list_proposals(session(), is_open=True),
        decided=list_proposals(session(), is_open=False),
    )
    return AnyResponse(page, mimetype="text/html")


@proposals.get("/<int:number>")
@requires(Right.READ)
def shown(number: int) -> AnyResponse:
    """One proposal, with what it would do to the record as it stands."""
    return _page(find_proposal(session(), number))


@proposals.post("/<int:number>/publication")
@requires(Right.PUBLISH)
@resumable
def publication(number: int) -> AnyResponse:
    """Publish it."""
    review = settings().staff.review
    return _decided(
        number, lambda: publish(session(), rulebook_store(), number, member(), review=review, now=now()).proposal
    )


@proposals.post("/<int:number>/return")
@requires(Right.PUBLISH)
@resumable
def give_it_back(number: int) -> AnyResponse:
    """Return it with a comment."""
    comment = request.form.get("comment", "")
    return _decided(number, lambda: return_proposal(session(), number, member(), comment, now()))


@proposals.post("/<int:number>/withdrawal")
@requires(Right.PROPOSE)
@resumable
def take_it_back(number: int) -> AnyResponse:
    """Take back one's own."""
    return _decided(number, lambda: take_back(session(), number, member(), now()))


def _decided(number: int, decide: Callable[[], Proposal]) -> AnyResponse:
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
    by_oneself = proposal.proposed_by == member().name
    page = render_template(
        "staff/proposal.html",
        proposal=proposal,
        overtaken=overtaken,
        impossible=preview if isinstance(preview, str) else None,
        **(told(preview) if preview is not None and not isinstance(preview, str) else {}),
        fault=fault,
        comment=request.form.get("comment", ""),
        by_oneself=by_oneself,
        may_publish=member().may(Right.PUBLISH) and not (settings().staff.review and by_oneself),
        may_return=member().may(Right.PUBLISH) and not by_oneself,
        renewal=renewal_of(session(), proposal.id),
        renew_at=_form_of(proposal),
    )
    return AnyResponse(page, status, mimetype="text/html")


def _form_of(proposal: Proposal) -> str:
    """The form in which it can be taken up again."""
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

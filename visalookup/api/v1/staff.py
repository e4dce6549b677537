"""What staff's own scripts may do: propose changes, and publish or return what others proposed.

Every write names the state it was made on (RFC 9110, section 13.1): `If-Match` with the ETag of the regime or the
proposal, `If-None-Match: *` for what is new.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g, request

from visalookup.api.openapi import STAFF_TOKEN
from visalookup.api.v1.arguments import NoArguments, ReturnBody
from visalookup.api.v1.authentication import member_of_request
from visalookup.api.v1.proposals import ProposalSchema, ProposalsSchema, preview_json, proposal_json
from visalookup.api.v1.representations import detail_json
from visalookup.api.v1.routing import StrictBlueprint, path_parameter, problems
from visalookup.domain.proposals import Proposal, ProposalKind
from visalookup.domain.staff import Member, Right
from visalookup.errors import PreconditionProblem
from visalookup.extensions import library, now, session, settings
from visalookup.responses import cacheable, etag_of, fresh_json, json_response
from visalookup.services.proposals.decide import give_back, publish
from visalookup.services.proposals.listing import find_proposal, list_proposals
from visalookup.services.proposals.preview import Amendment, preview_of_proposal
from visalookup.services.proposals.propose import ProposalOrder, propose
from visalookup.services.regimes import show_regime
from visalookup.services.standing import read_standing
from visalookup.storage.files.amendment_shapes import CitedEntryShape, ConfirmationShape, RuleTermsShape, StepShape
from visalookup.storage.files.shapes import RegimeShape

staff = StrictBlueprint("staff_api", __name__, url_prefix="/api/v1", description="Changes by staff, with a token")

View = TypeVar("View", bound=Callable[..., Any])

_REGIME = path_parameter("regime_id", "The id of a regime.")
_RULE = path_parameter("key", "The key of a rule, as the regime lists it.")
_ENTRY = path_parameter("key", "The key of an entry of the timeline, as the regime lists it.")
_PROPOSAL = path_parameter("number", "The number of a proposal.") | {"schema": {"type": "integer", "minimum": 1}}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag of what you read: the regime, or the proposal.",
    "schema": {"type": "string"},
}
_IF_NONE_MATCH = {
    **_IF_MATCH,
    "name": "If-None-Match",
    "description": "`*`: there must be no such regime yet.",
}
_WRITE = (401, 403, 404, 409, 412, 415, 422, 428, 503)


def for_staff(right: Right) -> Callable[[View], View]:
    """Let in only who sends a token with this right, before anything else of the request is looked at."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.member = member_of_request(right)
            return view(*args, **kwargs)

        return staff.doc(security=[{STAFF_TOKEN: []}])(guarded)  # type: ignore[no-any-return]

    return decorate


@staff.post("/regimes")
@for_staff(Right.PROPOSE)
@staff.doc(parameters=[_IF_NONE_MATCH])
@staff.arguments(RegimeShape)
@staff.response(201, ProposalSchema)
@problems(staff, *_WRITE)
def new_regime(_body: dict[str, Any]) -> Response:
    """Propose a new regime with its rules, in the shape of a data file."""
    if request.headers.get("If-None-Match") != "*":
        raise PreconditionProblem(428, "Send `If-None-Match: *`: the regime must not be there yet.")
    return _propose(ProposalKind.REGIME, _body["id"], request.get_json())


@staff.post("/regimes/<regime_id>/events", parameters=[_REGIME, _IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(StepShape)
@staff.response(201, ProposalSchema)
@problems(staff, *_WRITE)
def new_event(_body: dict[str, Any], regime_id: str) -> Response:
    """Propose a step of a regime's lifecycle, or a milestone."""
    _check_regime(regime_id)
    return _propose(ProposalKind.STEP, regime_id, request.get_json())


@staff.put("/regimes/<regime_id>/events/<key>", parameters=[_REGIME, _ENTRY, _IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(CitedEntryShape)
@staff.response(201, ProposalSchema)
@problems(staff, *_WRITE)
def corrected_event(_body: dict[str, Any], regime_id: str, key: str) -> Response:
    """Propose a past entry of the timeline as it should have been recorded; the header `Reason` says why."""
    _check_regime(regime_id)
    return _propose(ProposalKind.CORRECTION, regime_id, {"key": key, "entry": request.get_json()})


@staff.put("/regimes/<regime_id>/rules/<key>", parameters=[_REGIME, _RULE, _IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(RuleTermsShape)
@staff.response(201, ProposalSchema)
@problems(staff, *_WRITE)
def changed_rule(_body: dict[str, Any], regime_id: str, key: str) -> Response:
    """Propose other terms for a rule; the header `Reason` says why."""
    _check_regime(regime_id)
    return _propose(ProposalKind.RULE, regime_id, {"key": key, "terms": request.get_json()})


@staff.post("/regimes/<regime_id>/verifications", parameters=[_REGIME, _IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(ConfirmationShape)
@staff.response(201, ProposalSchema)
@problems(staff, *_WRITE)
def verification(_body: dict[str, Any], regime_id: str) -> Response:
    """Propose that rules were checked on a day and are still true."""
    _check_regime(regime_id)
    return _propose(ProposalKind.VERIFICATION, regime_id, request.get_json())


@staff.get("/proposals")
@for_staff(Right.READ)
@staff.arguments(NoArguments, location="query")
@staff.response(200, ProposalsSchema)
@problems(staff, 401, 403, 422, 503)
def proposals(_arguments: dict[str, Any]) -> Response:
    """The newest proposals, those that wait first."""
    listed = [*list_proposals(session(), is_open=True), *list_proposals(session(), is_open=False)]
    return fresh_json({"proposals": [proposal_json(each) for each in listed]})


@staff.get("/proposals/<int:number>", parameters=[_PROPOSAL])
@for_staff(Right.READ)
@staff.arguments(NoArguments, location="query")
@staff.response(200, ProposalSchema)
@problems(staff, 401, 403, 404, 422, 503)
def proposal(_arguments: dict[str, Any], number: int) -> Response:
    """One proposal, and what it would do to the record as it stands. Its ETag is wanted to decide on it."""
    response = cacheable(json_response(_proposal(number)))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@staff.post("/proposals/<int:number>/publication", parameters=[_PROPOSAL, _IF_MATCH])
@for_staff(Right.PUBLISH)
@staff.arguments(NoArguments, location="query")
@staff.response(200, ProposalSchema)
@problems(staff, *_WRITE)
def publication(_arguments: dict[str, Any], number: int) -> Response:
    """Publish what another person proposed: everybody sees it within a second."""
    _check(_proposal(number), "the proposal")
    published = publish(session(), library(), number, _member(), review=settings().staff.review, now=now())
    session().commit()
    return fresh_json(proposal_json(published.proposal))


@staff.post("/proposals/<int:number>/return", parameters=[_PROPOSAL, _IF_MATCH])
@for_staff(Right.PUBLISH)
@staff.arguments(ReturnBody)
@staff.response(200, ProposalSchema)
@problems(staff, *_WRITE)
def return_(body: dict[str, Any], number: int) -> Response:
    """Return a proposal to its author, and say what is to be mended."""
    _check(_proposal(number), "the proposal")
    returned = give_back(session(), number, _member(), body["comment"], now())
    session().commit()
    return fresh_json(proposal_json(returned))


def _member() -> Member:
    found: Member = g.member
    return found


def _proposal(number: int) -> dict[str, Any]:
    found = find_proposal(session(), number)
    if not found.is_open:
        return proposal_json(found)
    preview = preview_of_proposal(session(), library(), found, now())
    return proposal_json(found) | preview_json(preview, now())


def _check_regime(regime_id: str) -> None:
    moment = now()
    _check(detail_json(show_regime(session(), library(), regime_id, moment), moment.date()), "the regime")


def _check(representation: dict[str, Any], what: str) -> None:
    """Raise PreconditionProblem unless the request was made on this very state."""
    if not request.if_match:
        raise PreconditionProblem(428, f"Send `If-Match` with the ETag of {what} as you read it.")
    if not request.if_match.contains(etag_of(representation)):
        raise PreconditionProblem(
            412,
            f"Somebody changed {what} since you read it, so nothing was written. Read it again, then send anew.",
        )


def _propose(kind: ProposalKind, regime_id: str, payload: dict[str, Any]) -> Response:
    order = ProposalOrder(
        form_key=uuid.uuid4().hex,
        based_on=read_standing(session(), regime_id).version,
        reason=request.headers.get("Reason", ""),
    )
    made: Proposal = propose(session(), library(), Amendment(kind, regime_id, payload), order, _member(), now())
    session().commit()
    response = fresh_json(proposal_json(made), 201)
    response.headers["Location"] = f"/api/v1/proposals/{made.id}"
    return response

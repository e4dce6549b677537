"""Proposals as staff's own scripts see them, and decide on them."""

from __future__ import annotations

from typing import Any

from flask import Response

from visalookup.api.v1.changes.responses import (
    ProposalJson,
    ProposalsJson,
    open_proposal_json,
    proposal_json,
    proposals_json,
)
from visalookup.api.v1.changes.writing import IF_MATCH, REFUSALS, check_proposal, for_staff, member, staff
from visalookup.api.v1.lookup.arguments import ReturnBody
from visalookup.api.v1.routing import path_parameter, problems, responds
from visalookup.api.v1.strict_schema import NoArguments
from visalookup.domain.accounts.roles import Right
from visalookup.extensions import now, rulebook_store, session, settings
from visalookup.http.responses import cacheable, fresh_json, json_response
from visalookup.services.changes.proposals.decide import publish, return_proposal, take_back
from visalookup.services.changes.proposals.listing import find_proposal, list_proposals
from visalookup.services.changes.proposals.preview import preview_of_proposal

_PROPOSAL = path_parameter("number", "The number of a proposal.") | {"schema": {"type": "integer", "minimum": 1}}


@staff.get("/proposals")
@for_staff(Right.READ)
@staff.arguments(NoArguments, location="query")
@responds(staff, ProposalsJson)
@problems(staff, 401, 403, 422, 503)
def proposals(_arguments: dict[str, Any]) -> Response:
    """The newest proposals, those that wait first."""
    listed = [*list_proposals(session(), is_open=True), *list_proposals(session(), is_open=False)]
    return fresh_json(proposals_json(listed))


@staff.get("/proposals/<int:number>", parameters=[_PROPOSAL])
@for_staff(Right.READ)
@staff.arguments(NoArguments, location="query")
@responds(staff, ProposalJson)
@problems(staff, 401, 403, 404, 422, 503)
def proposal(_arguments: dict[str, Any], number: int) -> Response:
    """One proposal, and what it would do to the record as it stands. Its ETag is wanted to decide on it."""
    response = cacheable(json_response(_proposal(number)))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@staff.post("/proposals/<int:number>/publication", parameters=[_PROPOSAL, IF_MATCH])
@for_staff(Right.PUBLISH)
@staff.arguments(NoArguments, location="query")
@responds(staff, ProposalJson)
@problems(staff, *REFUSALS)
def publication(_arguments: dict[str, Any], number: int) -> Response:
    """Publish what another person proposed: everybody sees it within a second."""
    check_proposal(_proposal(number))
    published = publish(session(), rulebook_store(), number, member(), review=settings().staff.review, now=now())
    session().commit()
    return fresh_json(proposal_json(published.proposal))


@staff.post("/proposals/<int:number>/return", parameters=[_PROPOSAL, IF_MATCH])
@for_staff(Right.PUBLISH)
@staff.arguments(ReturnBody)
@responds(staff, ProposalJson)
@problems(staff, *REFUSALS)
def return_(body: dict[str, Any], number: int) -> Response:
    """Return a proposal to its author, and say what is to be mended."""
    check_proposal(_proposal(number))
    returned = return_proposal(session(), number, member(), body["comment"], now())
    session().commit()
    return fresh_json(proposal_json(returned))


@staff.post("/proposals/<int:number>/withdrawal", parameters=[_PROPOSAL, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(NoArguments, location="query")
@responds(staff, ProposalJson)
@problems(staff, *REFUSALS)
def withdrawal(_arguments: dict[str, Any], number: int) -> Response:
    """Take back a proposal of one's own that still waits."""
    check_proposal(_proposal(number))
    taken_back = take_back(session(), number, member(), now())
    session().commit()
    return fresh_json(proposal_json(taken_back))


def _proposal(number: int) -> ProposalJson:
    found = find_proposal(session(), number)
    if not found.is_open:
        return proposal_json(found)
    preview = preview_of_proposal(session(), rulebook_store(), found, now())
    return open_proposal_json(found, preview, now())

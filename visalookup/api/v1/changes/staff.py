"""What staff's own scripts may propose: new regimes, steps, corrections, rules and checks."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from visalookup.api.v1.changes.responses import ProposalJson
from visalookup.api.v1.changes.writing import (
    IF_MATCH,
    IF_NONE_MATCH,
    REFUSALS,
    check_regime,
    for_staff,
    propose_change,
    staff,
)
from visalookup.api.v1.routing import path_parameter, problems, responds
from visalookup.api.v1.strict_schema import PLACE, NoArguments
from visalookup.domain.accounts.roles import Right
from visalookup.domain.changes.proposals import ProposalKind
from visalookup.extensions import rulebook_store, session
from visalookup.formats.amendment_schemas import (
    CitedEntryShape,
    ConfirmationShape,
    NewRuleShape,
    RuleTermsShape,
    StepShape,
)
from visalookup.formats.schemas import RegimeShape
from visalookup.http.error_handlers import PreconditionProblem
from visalookup.services.lookup.regimes import policy_at

_REGIME = path_parameter("regime_id", "The id of a regime.")
_RULE = path_parameter("key", "The key of a rule, as the regime lists it.")
_ENTRY = path_parameter("key", "The key of an entry of the timeline, as the regime lists it.")
_DESTINATION = path_parameter("code", PLACE)


@staff.post("/regimes")
@for_staff(Right.PROPOSE)
@staff.doc(parameters=[IF_NONE_MATCH])
@staff.arguments(RegimeShape)
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def new_regime(_body: dict[str, Any]) -> Response:
    """Propose a new regime with its rules, in the shape of a data file."""
    if request.headers.get("If-None-Match") != "*":
        raise PreconditionProblem(428, "Send `If-None-Match: *`: the regime must not be there yet.")
    return propose_change(ProposalKind.REGIME, _body["id"], request.get_json())


@staff.post("/regimes/<regime_id>/events", parameters=[_REGIME, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(StepShape)
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def new_event(_body: dict[str, Any], regime_id: str) -> Response:
    """Propose a step of a regime's lifecycle, or a milestone."""
    check_regime(regime_id)
    return propose_change(ProposalKind.STEP, regime_id, request.get_json())


@staff.put("/regimes/<regime_id>/events/<key>", parameters=[_REGIME, _ENTRY, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(CitedEntryShape)
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def corrected_event(_body: dict[str, Any], regime_id: str, key: str) -> Response:
    """Propose a past entry of the timeline as it should have been recorded; the header `Reason` says why."""
    check_regime(regime_id)
    return propose_change(ProposalKind.CORRECTION, regime_id, {"key": key, "entry": request.get_json()})


@staff.put("/regimes/<regime_id>/rules/<key>", parameters=[_REGIME, _RULE, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(RuleTermsShape)
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def changed_rule(_body: dict[str, Any], regime_id: str, key: str) -> Response:
    """Propose other terms for a rule; the header `Reason` says why."""
    check_regime(regime_id)
    return propose_change(ProposalKind.RULE, regime_id, {"key": key, "terms": request.get_json()})


@staff.delete("/regimes/<regime_id>/events/<key>", parameters=[_REGIME, _ENTRY, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(NoArguments, location="query")
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def removed_event(_arguments: dict[str, Any], regime_id: str, key: str) -> Response:
    """Propose that an entry of the timeline never happened; the header `Reason` says why.

    The history keeps it.
    """
    check_regime(regime_id)
    return propose_change(ProposalKind.CORRECTION, regime_id, {"key": key})


@staff.post("/regimes/<regime_id>/rules", parameters=[_REGIME, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(NewRuleShape)
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def new_rule(_body: dict[str, Any], regime_id: str) -> Response:
    """Propose a rule the regime has not had so far; the header `Reason` says why."""
    check_regime(regime_id)
    return propose_change(ProposalKind.RULE, regime_id, request.get_json())


@staff.delete("/regimes/<regime_id>/rules/<key>", parameters=[_REGIME, _RULE, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(NoArguments, location="query")
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def removed_rule(_arguments: dict[str, Any], regime_id: str, key: str) -> Response:
    """Propose that the regime does not give a rule; the header `Reason` says why. The history keeps it."""
    check_regime(regime_id)
    return propose_change(ProposalKind.RULE, regime_id, {"key": key})


@staff.post("/destinations/<code>/verifications", parameters=[_DESTINATION, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(ConfirmationShape)
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def verification_of_destination(_body: dict[str, Any], code: str) -> Response:
    """Propose that the standing policy of a destination was checked and is still true.

    `If-Match` has the ETag of that policy, which is a regime; `Content-Location` names it.
    """
    regime_id = policy_at(rulebook_store().current(session()), code).id
    check_regime(regime_id)
    response = propose_change(ProposalKind.VERIFICATION, regime_id, request.get_json())
    response.headers["Content-Location"] = f"/api/v1/regimes/{regime_id}"
    return response


@staff.post("/regimes/<regime_id>/verifications", parameters=[_REGIME, IF_MATCH])
@for_staff(Right.PROPOSE)
@staff.arguments(ConfirmationShape)
@responds(staff, ProposalJson, 201)
@problems(staff, *REFUSALS)
def verification(_body: dict[str, Any], regime_id: str) -> Response:
    """Propose that rules were checked on a day and are still true."""
    check_regime(regime_id)
    return propose_change(ProposalKind.VERIFICATION, regime_id, request.get_json())

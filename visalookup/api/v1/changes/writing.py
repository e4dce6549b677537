"""What every write of staff's scripts goes through: the token, the state it was made on, and the proposal.

Every write names the state it was made on (RFC 9110, section 13.1): `If-Match` with the ETag of the regime or the
proposal, `If-None-Match: *` for what is new. Of a regime's ETag the version counts, not the day on which it was read;
of a proposal's all of it, for its preview is what a publisher decides on.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g, request
from werkzeug.datastructures import ETags

from visalookup.api.openapi import STAFF_TOKEN
from visalookup.api.v1.authentication import member_of_request
from visalookup.api.v1.changes.responses import proposal_json
from visalookup.api.v1.routing import StrictBlueprint
from visalookup.domain.accounts.roles import Member, Right
from visalookup.domain.changes.proposals import Proposal, ProposalKind
from visalookup.extensions import now, rulebook_store, session
from visalookup.http.error_handlers import PreconditionProblem
from visalookup.http.responses import etag_of, fresh_json, names_version
from visalookup.services.changes.current_regime import read_current_regime
from visalookup.services.changes.proposals.preview import Amendment
from visalookup.services.changes.proposals.propose import ProposalOrder, propose
from visalookup.services.lookup.regimes import no_such_regime

staff = StrictBlueprint("staff_api", __name__, url_prefix="/api/v1", description="Changes by staff, with a token")

View = TypeVar("View", bound=Callable[..., Any])

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag of what you read: the regime (of which the version counts), or the proposal.",
    "schema": {"type": "string"},
}
IF_NONE_MATCH = {
    **IF_MATCH,
    "name": "If-None-Match",
    "description": "`*`: there must be no such regime yet.",
}
REFUSALS = (401, 403, 404, 409, 412, 415, 422, 428, 503)
"""The problems that any write may answer with."""


def for_staff(right: Right) -> Callable[[View], View]:
    """Let in only who sends a token with this right, before anything else of the request is looked at."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.member = member_of_request(right)
            return view(*args, **kwargs)

        return staff.doc(security=[{STAFF_TOKEN: []}])(guarded)  # type: ignore[no-any-return]

    return decorate


def member() -> Member:
    """The member of staff whose token was sent."""
    found: Member = g.member
    return found


def check_regime(regime_id: str) -> None:
    """Raise PreconditionProblem unless the request was made on the regime at the version it is at now."""
    current = read_current_regime(session(), regime_id)
    if current.whole is None:
        raise no_such_regime(regime_id)
    _check("the regime", lambda held: names_version(held, current.version))


def check_proposal(representation: Mapping[str, Any]) -> None:
    """Raise PreconditionProblem unless the request was made on the proposal with this very preview."""
    _check("the proposal", lambda held: held.contains(etag_of(representation)))


def _check(what: str, names_state: Callable[[ETags], bool]) -> None:
    if not request.if_match:
        raise PreconditionProblem(428, f"Send `If-Match` with the ETag of {what} as you read it.")
    if not names_state(request.if_match):
        raise PreconditionProblem(
            412,
            f"The state of {what} has changed since you read it, so nothing was written. "
            "Read it again, then send your change again.",
        )


def propose_change(kind: ProposalKind, regime_id: str, payload: dict[str, Any]) -> Response:
    """Store the proposal, with the reason that the header `Reason` gives, and say where it is."""
    order = ProposalOrder(
        form_key=uuid.uuid4().hex,
        based_on=read_current_regime(session(), regime_id).version,
        reason=request.headers.get("Reason", ""),
    )
    made: Proposal = propose(session(), rulebook_store(), Amendment(kind, regime_id, payload), order, member(), now())
    session().commit()
    response = fresh_json(proposal_json(made), 201)
    response.headers["Location"] = f"/api/v1/proposals/{made.id}"
    return response

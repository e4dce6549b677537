"""Proposals as JSON: how they look, and what describes that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from visalookup.domain.changes.proposals import Proposal
from visalookup.domain.moments import format_instant
from visalookup.domain.wording.amendments import describe_differences
from visalookup.domain.wording.changes import change_sentence
from visalookup.services.changes.proposals.preview import Preview


class DecisionSchema(Schema):
    """What became of a proposal."""

    outcome = fields.String(required=True)
    decided_by = fields.String(required=True)
    decided_at = fields.String(required=True)
    comment = fields.String(allow_none=True)
    revision = fields.Integer(allow_none=True)
    alone = fields.Boolean(metadata={"description": "Whether its proposer published it without a second person."})


class ProposalSchema(Schema):
    """A proposal; the last members are there while it waits."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    regime = fields.String(required=True)
    summary = fields.String(required=True)
    reason = fields.String(required=True)
    proposed_by = fields.String(required=True)
    proposed_at = fields.String(required=True)
    based_on = fields.Integer(metadata={"description": "The version of the regime that was seen; 0 where it is new."})
    payload = fields.Dict()
    decision = fields.Nested(DecisionSchema, allow_none=True)
    answers_that_change = fields.List(fields.String())
    announcements_that_change = fields.List(fields.String())
    written = fields.List(fields.String())
    impossible = fields.String(metadata={"description": "Why it cannot be published any more."})


class ProposalsSchema(Schema):
    """Many proposals."""

    proposals = fields.List(fields.Nested(ProposalSchema), required=True)


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """A proposal, and what became of it."""
    decision = proposal.decision
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "regime": proposal.regime_id,
        "summary": proposal.summary,
        "reason": proposal.reason,
        "proposed_by": proposal.proposed_by,
        "proposed_at": format_instant(proposal.proposed_at),
        "based_on": proposal.based_on,
        "payload": proposal.payload,
        "decision": {
            "outcome": decision.outcome,
            "decided_by": decision.decided_by,
            "decided_at": format_instant(decision.decided_at),
            "comment": decision.comment,
            "revision": decision.revision,
            "alone": decision.alone,
        }
        if decision
        else None,
    }


def preview_json(preview: Preview | str, now: datetime) -> dict[str, Any]:
    """What an open proposal would do, or why it can do nothing any more."""
    if isinstance(preview, str):
        return {"impossible": preview}
    told = {"answer": "answers_that_change", "shown": "announcements_that_change"}
    sentences: dict[str, list[str]] = {name: [] for name in told.values()}
    for each in preview.impact:
        sentences[told[each.kind]].append(change_sentence(each, now))
    return {**sentences, "written": list(describe_differences(preview.before, preview.after))}

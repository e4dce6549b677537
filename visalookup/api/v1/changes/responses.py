"""Proposals as JSON: each shape declared once, beside the function that makes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from visalookup.domain.changes.impact import ChangeKind
from visalookup.domain.changes.proposals import Decision, Proposal
from visalookup.domain.moments import format_instant
from visalookup.domain.wording.amendments import describe_differences
from visalookup.domain.wording.changes import change_sentence
from visalookup.services.changes.proposals.preview import Preview


class DecisionJson(TypedDict):
    """What became of a proposal."""

    outcome: str
    decided_by: str
    decided_at: str
    comment: str | None
    revision: Annotated[int | None, Meta(description="The revision that was published.")]
    alone: Annotated[bool, Meta(description="Whether its proposer published it without a second person.")]


class PreviewJson(TypedDict):
    """What an open proposal would do, or why it can do nothing any more."""

    answers_that_change: NotRequired[list[str]]
    announcements_that_change: NotRequired[list[str]]
    written: NotRequired[Annotated[list[str], Meta(description="What would be written, in words.")]]
    impossible: NotRequired[Annotated[str, Meta(description="Why it cannot be published any more.")]]


class ProposalJson(PreviewJson):
    """A proposal; some members are there only while it waits."""

    id: int
    kind: str
    regime: str
    summary: str
    reason: str
    proposed_by: str
    proposed_at: str
    based_on: Annotated[int, Meta(description="The version of the regime that was seen; 0 where it is new.")]
    payload: Annotated[dict[str, Any], Meta(description="What was sent.")]
    decision: DecisionJson | None


class ProposalsJson(TypedDict):
    """Many proposals."""

    proposals: list[ProposalJson]


def proposals_json(proposals: Iterable[Proposal]) -> ProposalsJson:
    """Many proposals."""
    return {"proposals": [proposal_json(proposal) for proposal in proposals]}


def proposal_json(proposal: Proposal) -> ProposalJson:
    """A proposal, and what became of it."""
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "regime": proposal.regime_id,
        "summary": proposal.summary,
        "reason": proposal.reason,
        "proposed_by": proposal.proposed_by,
        "proposed_at": format_instant(proposal.proposed_at),
        "based_on": proposal.based_on,
        "payload": dict(proposal.payload),
        "decision": _decision(proposal.decision) if proposal.decision else None,
    }


def open_proposal_json(proposal: Proposal, preview: Preview | str, now: datetime) -> ProposalJson:
    """A proposal that waits, and what it would do."""
    return {**proposal_json(proposal), **_preview(preview, now)}


def _decision(decision: Decision) -> DecisionJson:
    return {
        "outcome": decision.outcome,
        "decided_by": decision.decided_by,
        "decided_at": format_instant(decision.decided_at),
        "comment": decision.comment,
        "revision": decision.revision,
        "alone": decision.alone,
    }


def _preview(preview: Preview | str, now: datetime) -> PreviewJson:
    if isinstance(preview, str):
        return {"impossible": preview}
    return {
        "answers_that_change": _sentences(preview, ChangeKind.ANSWER, now),
        "announcements_that_change": _sentences(preview, ChangeKind.SHOWN, now),
        "written": list(describe_differences(preview.before, preview.after)),
    }


def _sentences(preview: Preview, kind: ChangeKind, now: datetime) -> list[str]:
    return [change_sentence(change, now) for change in preview.impact if change.kind is kind]

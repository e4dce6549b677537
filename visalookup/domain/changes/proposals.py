"""Proposals: a change that one person proposes and another publishes or returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from visalookup.domain.accounts.roles import Member, Right
from visalookup.domain.errors import DomainError


class ProposalKind(StrEnum):
    """What a proposal would do to its regime."""

    STEP = "step"
    """A new step or milestone on the timeline."""
    CORRECTION = "correction"
    """A past step or milestone as it should have been recorded, or its removal."""
    REGIME = "regime"
    """A new regime with its rules."""
    RULE = "rule"
    """Other terms for one rule, or its removal."""
    VERIFICATION = "verification"
    """What the regime gives was checked against its source and is still true."""
    FILE = "file"
    """The whole regime as an uploaded file has it."""


class Outcome(StrEnum):
    """What became of a proposal."""

    PUBLISHED = "published"
    RETURNED = "returned"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what, and when. `alone` says that the proposer published it without a second person."""

    outcome: Outcome
    decided_by: str
    decided_at: datetime
    comment: str | None = None
    revision: int | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of one regime. `based_on` is the version of the regime that the proposer saw, 0 where it is new."""

    id: int
    kind: ProposalKind
    regime_id: str
    payload: Mapping[str, Any]
    based_on: int
    summary: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    renews: int | None = None
    decision: Decision | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a decision."""
        return self.decision is None


class NotAllowed(DomainError):
    """The member may not do this; the message names who may."""


def check_may_publish(proposal: Proposal, member: Member, *, review: bool) -> None:
    """Raise NotAllowed unless `member` may publish it: where review is on, never one's own."""
    if not member.may(Right.PUBLISH):
        raise NotAllowed("Publishing is for publishers and administrators: ask one of them.")
    if review and member.name == proposal.proposed_by:
        raise NotAllowed("You proposed this yourself: another person must publish it.")


def check_may_return(proposal: Proposal, member: Member) -> None:
    """Raise NotAllowed unless `member` may return it; one's own one takes back instead."""
    if not member.may(Right.PUBLISH):
        raise NotAllowed("Returning a proposal is for publishers and administrators: ask one of them.")
    if member.name == proposal.proposed_by:
        raise NotAllowed("You proposed this yourself: take it back instead of returning it.")


def check_may_take_back(proposal: Proposal, member: Member) -> None:
    """Raise NotAllowed unless `member` proposed it."""
    if member.name != proposal.proposed_by:
        raise NotAllowed(f"Only {proposal.proposed_by}, who proposed this, may take it back.")

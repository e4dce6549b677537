"""Preview a change before it is saved: the regime after it, and which answers change for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from visalookup.domain.changes.impact import answer_changes
from visalookup.domain.changes.impact_groups import ImpactGroup, grouped
from visalookup.domain.changes.proposals import Proposal, ProposalKind
from visalookup.domain.errors import DomainError
from visalookup.domain.places import Places
from visalookup.domain.regimes import WholeRegime
from visalookup.domain.rulebook import Rulebook, amended
from visalookup.formats.faults import FaultyData
from visalookup.services.changes.amendments import amend
from visalookup.services.changes.amendments.context import AmendmentContext
from visalookup.services.changes.current_regime import read_current_regime
from visalookup.services.lookup.rulebook_store import RulebookStore


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change to a regime; `payload` describes it in the shape of the data files."""

    kind: ProposalKind
    regime_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """The regime before and after, the version it was read at, and the answers that change."""

    amendment: Amendment
    summary: str
    before: WholeRegime | None
    after: WholeRegime
    version: int
    impact: tuple[ImpactGroup, ...]
    places: Places


def preview_change(session: Session, rulebook_store: RulebookStore, amendment: Amendment, now: datetime) -> Preview:
    """Return the effect of an amendment without writing anything; raise what `amend` raises."""
    rulebook = rulebook_store.current(session).rulebook
    current = read_current_regime(session, amendment.regime_id)
    context = AmendmentContext(rulebook.places, current.used_keys)
    outcome = amend(amendment.kind, current.whole, amendment.payload, context)
    return Preview(
        amendment,
        outcome.summary,
        current.whole,
        outcome.whole,
        current.version,
        impact_of(rulebook, amendment.regime_id, current.whole, outcome.whole, now),
        rulebook.places,
    )


def preview_of_proposal(
    session: Session, rulebook_store: RulebookStore, proposal: Proposal, now: datetime
) -> Preview | str:
    """Return the effect of an open proposal on the current record, or the reason it can no longer be applied."""
    amendment = Amendment(proposal.kind, proposal.regime_id, proposal.payload)
    try:
        return preview_change(session, rulebook_store, amendment, now)
    except FaultyData as error:
        return " ".join(fault.message for fault in error.faults)
    except DomainError as error:
        return str(error)


def impact_of(
    rulebook: Rulebook, regime_id: str, before: WholeRegime | None, after: WholeRegime | None, now: datetime
) -> tuple[ImpactGroup, ...]:
    """Return which answers change between two versions of a regime."""
    old, new = (amended(rulebook, rulebook.edition, {regime_id: version}) for version in (before, after))
    return tuple(grouped(answer_changes(old, new, [regime_id], now)))

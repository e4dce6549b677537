"""What a change would do, before anything is saved: the regime after it, and which answers change for whom."""

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
from visalookup.services.lookup.regimes import NoSuchRegime
from visalookup.services.lookup.rulebook_store import RulebookStore


@dataclass(frozen=True, slots=True)
class Amendment:
    """What somebody wants to change: `payload` says how, in the shape of the data files."""

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
    """What the amendment would do; raises what `amend` raises, and writes nothing."""
    rulebook = rulebook_store.current(session).rulebook
    current = read_current_regime(session, amendment.regime_id)
    ground = AmendmentContext(rulebook.places, current.used_keys)
    outcome = amend(amendment.kind, current.whole, amendment.payload, ground)
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
    """What an open proposal would do to the record as it stands; or why it can do nothing any more."""
    amendment = Amendment(proposal.kind, proposal.regime_id, proposal.payload)
    try:
        return preview_change(session, rulebook_store, amendment, now)
    except FaultyData as error:
        return " ".join(each.message for each in error.faults)
    except (DomainError, NoSuchRegime) as error:
        return str(error)


def impact_of(
    rulebook: Rulebook, regime_id: str, before: WholeRegime | None, after: WholeRegime | None, now: datetime
) -> tuple[ImpactGroup, ...]:
    """Which answers change when a regime is one way and then another."""
    one, other = (amended(rulebook, rulebook.edition, {regime_id: each}) for each in (before, after))
    return tuple(grouped(answer_changes(one, other, [regime_id], now)))

"""A regime's timeline as people read it."""

from __future__ import annotations

from visalookup.domain.lifecycle import Milestone, StatusEvent
from visalookup.domain.regimes import Regime


def entries_in_order(regime: Regime) -> list[StatusEvent | Milestone]:
    """Status events and milestones together, in order of time."""
    entries: list[StatusEvent | Milestone] = [*regime.timeline.events, *regime.timeline.milestones]
    return sorted(entries, key=lambda entry: str(entry.effective))

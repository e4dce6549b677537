"""The current version of a regime in the ledger, for use before changing it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from visalookup.domain.regimes import WholeRegime
from visalookup.storage.changes.proposals import entry_keys_ever_used
from visalookup.storage.ledger import last_change_of_regime, latest_edition
from visalookup.storage.snapshot import read_whole_regime


@dataclass(frozen=True, slots=True)
class CurrentRegime:
    """The current version of a regime; `version` is 0 if there is none. `used_keys` are all its entry keys so far."""

    whole: WholeRegime | None
    version: int
    used_keys: frozenset[str]


def read_current_regime(session: Session, regime_id: str) -> CurrentRegime:
    """Read the regime from the ledger, which may be newer than the rulebooks in memory."""
    edition = latest_edition(session)
    whole = read_whole_regime(session, regime_id, edition.revision) if edition else None
    return CurrentRegime(
        whole, last_change_of_regime(session, regime_id), frozenset(entry_keys_ever_used(session, regime_id))
    )

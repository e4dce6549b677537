"""A regime as the ledger has it at this moment, for who is about to change it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from visalookup.domain.regimes import WholeRegime
from visalookup.storage.changes.proposals import entry_keys_ever_used
from visalookup.storage.ledger import last_change_of_regime, latest_edition
from visalookup.storage.snapshot import read_whole_regime


@dataclass(frozen=True, slots=True)
class CurrentRegime:
    """A regime as the ledger has it now; `version` is 0 where there is none."""

    whole: WholeRegime | None
    version: int
    used_keys: frozenset[str]


def read_current_regime(session: Session, regime_id: str) -> CurrentRegime:
    """The regime as it stands, whatever the rulebooks at hand say."""
    edition = latest_edition(session)
    whole = read_whole_regime(session, regime_id, edition.revision) if edition else None
    return CurrentRegime(
        whole, last_change_of_regime(session, regime_id), frozenset(entry_keys_ever_used(session, regime_id))
    )

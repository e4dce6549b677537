"""Write a whole regime with its rules: new, or in place of what was known under its id."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.dataset import DataSet
from visalookup.domain.regimes import Regime, Rule
from visalookup.services.differences import differences
from visalookup.storage.ledger import Author, Change, add_identities, add_terms, append, latest_edition
from visalookup.storage.models import RuleVersion
from visalookup.storage.records import records_of
from visalookup.storage.snapshot import read_records, read_regime_records


def put_regime(
    session: Session, regime: Regime, rules: tuple[Rule, ...], author: Author, now: datetime
) -> int | None:
    """Write what differs as one revision and return its number; None where nothing differs.

    The caller holds the lock of writers and commits. Earlier versions stay in the ledger.
    """
    edition = latest_edition(session)
    stored = {}
    if edition is not None:
        stored = read_regime_records(session, regime.id, edition.revision)
        stored |= read_records(session, RuleVersion, edition.revision, regime.id)
    wanted = records_of(DataSet(regimes=(regime,), rules=rules))
    changes = [
        Change(record, wanted.versions.get(record), before, author.reason if before else None)
        for record, _ in differences(stored, wanted.versions)
        for before in (stored.get(record),)
    ]
    if not changes:
        return None
    add_identities(session, (change.record for change in changes))
    add_terms(session, wanted.terms.values())
    return append(session, author, now, changes)

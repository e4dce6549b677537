"""Write a whole regime with its rules: add it, replace it, or retract it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.datasets.dataset import DataSet
from visalookup.services.changes.record_differences import differences
from visalookup.storage.ledger import Author, Change, add_identities, add_terms, append, latest_edition
from visalookup.storage.models import RuleVersion
from visalookup.storage.records import records_of
from visalookup.storage.snapshot import read_records, read_regime_records


def put_regime(session: Session, regime_id: str, wanted: DataSet, author: Author, now: datetime) -> int | None:
    """Write the differences as one revision and return its number; None if nothing differs.

    `wanted` holds the regime and its rules, or nothing to retract it. The caller holds the lock of writers and
    commits. Earlier versions stay in the ledger.
    """
    edition = latest_edition(session)
    stored = {}
    if edition is not None:
        stored = read_regime_records(session, regime_id, edition.revision)
        stored |= read_records(session, RuleVersion, edition.revision, regime_id)
    records = records_of(wanted)
    changes = [
        Change(record, records.versions.get(record), before, author.reason if before else None)
        for record, _ in differences(stored, records.versions)
        for before in (stored.get(record),)
    ]
    if not changes:
        return None
    add_identities(session, (change.record for change in changes))
    add_terms(session, records.terms.values())
    return append(session, author, now, changes)

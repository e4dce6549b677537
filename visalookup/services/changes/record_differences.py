"""Differences between wanted records and those in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from visalookup.storage.ledger import Stored
from visalookup.storage.records import RecordId
from visalookup.storage.terms import Columns


class RecordDifference(StrEnum):
    """How a record that is wanted differs from the ledger."""

    ADDED = "added"
    CHANGED = "changed"
    RETRACTED = "retracted"


def differences(
    stored: Mapping[RecordId, Stored], wanted: Mapping[RecordId, Columns]
) -> list[tuple[RecordId, RecordDifference]]:
    """Return each record that differs; a stored record that is no longer wanted is retracted."""
    found = []
    for record, content in wanted.items():
        before = stored.get(record)
        if before is None or before.retracted:
            found.append((record, RecordDifference.ADDED))
        elif before.content != content:
            found.append((record, RecordDifference.CHANGED))
    gone = (record for record, before in stored.items() if record not in wanted and not before.retracted)
    return [*found, *((record, RecordDifference.RETRACTED) for record in gone)]

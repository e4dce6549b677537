"""Load the data files into the ledger: write what is new or changed, but never silently overwrite staff's changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.datasets.consistency import check_consistency
from visalookup.domain.datasets.dataset import DataSet
from visalookup.services.changes.record_differences import RecordDifference, differences
from visalookup.storage.datasets.loads import add_load
from visalookup.storage.ledger import (
    Author,
    Change,
    Stored,
    add_identities,
    add_terms,
    append,
    latest_edition,
    lock_for_writing,
    staff_revisions,
)
from visalookup.storage.models import Origin
from visalookup.storage.records import RecordId, records_of
from visalookup.storage.snapshot import dataset_of, read_snapshot, read_terms
from visalookup.storage.terms import Columns


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One record that differs; if `kept`, staff changed it and the files do not replace it."""

    record: RecordId
    difference: RecordDifference
    kept: bool = False


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load changed, and what it kept because staff had changed it. No revision if nothing changed."""

    revision: int | None
    changes: tuple[RecordChange, ...]

    @property
    def written(self) -> tuple[RecordChange, ...]:
        """The changes that were made, or would be made."""
        return tuple(change for change in self.changes if not change.kept)

    @property
    def kept(self) -> tuple[RecordChange, ...]:
        """The records on which the files differ from staff's changes."""
        return tuple(change for change in self.changes if change.kept)


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """How to load: the actor and the reason; whether only to preview; whether files overwrite staff's changes.

    `fingerprint` covers what the load depends on; it is stored with the load, so that the next one can be skipped.
    """

    actor: str
    reason: str
    preview: bool = False
    overwrite_staff: bool = False
    fingerprint: str | None = None


def load_data(session: Session, data: DataSet, order: LoadOrder, now: datetime) -> LoadReport:
    """Write the differences as one revision. The caller commits; loading the same files again changes nothing.

    Raise StepRefused or InconsistentData if the files conflict with staff's changes.
    """
    lock_for_writing(session)
    edition = latest_edition(session)
    stored = read_snapshot(session, edition.revision) if edition else {}
    wanted = records_of(data)
    by_staff = staff_revisions(session)
    changes = [
        RecordChange(record, difference, kept=_is_kept(stored.get(record), by_staff, order))
        for record, difference in differences(stored, wanted.versions)
    ]
    report = LoadReport(None, tuple(changes))
    if order.preview:
        return report
    add_load(session, order.actor, order.fingerprint, now)
    if not report.written:
        return report
    add_identities(session, (change.record for change in report.written))
    add_terms(session, wanted.terms.values())
    _check_outcome(session, stored, wanted.versions, report)
    author = Author(order.actor, Origin.FILE, order.reason)
    appended = (
        _change(change.record, wanted.versions.get(change.record), stored.get(change.record), order)
        for change in report.written
    )
    return LoadReport(append(session, author, now, appended), report.changes)


def _change(record: RecordId, content: Columns | None, before: Stored | None, order: LoadOrder) -> Change:
    """Build a version to write; one that supersedes another has a reason."""
    return Change(record, content, before, order.reason if before else None)


def _check_outcome(
    session: Session, stored: Mapping[RecordId, Stored], wanted: Mapping[RecordId, Columns], report: LoadReport
) -> None:
    """Refuse files that conflict with staff's changes, because no rulebook could be built from the combination."""
    after = dict(stored)
    for change in report.written:
        content = wanted.get(change.record)
        after[change.record] = Stored(0, 0, 0, retracted=content is None, content=content or {})
    check_consistency(dataset_of(after, read_terms(session)))


def _is_kept(before: Stored | None, by_staff: set[int], order: LoadOrder) -> bool:
    return before is not None and before.revision in by_staff and not order.overwrite_staff

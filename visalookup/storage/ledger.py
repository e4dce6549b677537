"""The ledger: append-only writes, in which every change is a new version in a numbered revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, text, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from visalookup.domain.places import ALL_GROUP
from visalookup.domain.rulebook import Edition
from visalookup.storage.audit.chain import seal_revisions
from visalookup.storage.engine import begin_writing
from visalookup.storage.models import (
    VERSION_TABLES,
    Base,
    GroupRow,
    GroupVersion,
    Origin,
    PlaceRow,
    PlaceVersion,
    RegimeRow,
    RegimeVersion,
    Revision,
    RuleVersion,
    SourceRow,
    SourceVersion,
    TermsRow,
    TimelineEntryVersion,
    Version,
)
from visalookup.storage.records import IDENTITY, RecordId
from visalookup.storage.terms import Columns
from visalookup.storage.webhooks.outbox import announce

_WRITERS_LOCK_KEY = 7_115_309
"""Key of the PostgreSQL advisory lock for writers, so that revisions are numbered in commit order."""


class Conflict(Exception):
    """The record has changed since it was read; nothing was written."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The current version of a record: its row id, version number, revision and content."""

    row_id: int
    version: int
    revision: int
    retracted: bool
    content: Columns


@dataclass(frozen=True, slots=True)
class Change:
    """A version to append. `before` is the version it supersedes; without `content`, the record is retracted."""

    record: RecordId
    content: Columns | None
    before: Stored | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """The actor of a revision, its origin, and the reason."""

    actor: str
    origin: Origin
    reason: str


def lock_for_writing(session: Session) -> None:
    """Allow one writer at a time; call it before reading what the write depends on.

    It starts a new transaction, because earlier reads may be outdated after waiting for the lock.
    """
    connection = begin_writing(session)
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK_KEY})


def latest_edition(session: Session) -> Edition | None:
    """Return the newest revision; None if nothing has been written yet."""
    return _edition(session, None)


def newest_revision_mark(connection: Connection) -> tuple[object, ...] | None:
    """Return what identifies the newest revision, as the driver gives it; cheap enough for constant polling."""
    found = connection.exec_driver_sql(_NEWEST_REVISION).first()
    return tuple(found) if found is not None else None


_NEWEST_REVISION = "SELECT number, recorded_at FROM revision ORDER BY number DESC LIMIT 1"


def edition_as_of(session: Session, moment: datetime) -> Edition | None:
    """Return the revision that was the newest at `moment`; None before the first one."""
    return _edition(session, moment)


def _edition(session: Session, moment: datetime | None) -> Edition | None:
    query = select(Revision.number, Revision.recorded_at).order_by(Revision.number.desc()).limit(1)
    if moment is not None:
        query = query.where(Revision.recorded_at <= moment)
    row = session.execute(query).first()
    return Edition(row.number, row.recorded_at) if row else None


def last_change_of_regime(session: Session, regime_id: str, until: int | None = None) -> int:
    """The revision that last changed anything of a regime, up to the revision `until`; 0 where there is none."""
    changes = (
        select(func.max(table.revision)).where(
            table.regime_id == regime_id, true() if until is None else table.revision <= until
        )
        for table in (RegimeVersion, SourceVersion, TimelineEntryVersion, RuleVersion)
    )
    latest = (session.scalar(change) for change in changes)
    return max((revision for revision in latest if revision is not None), default=0)


def staff_revisions(session: Session) -> set[int]:
    """Return the revisions that were made by staff and not from files."""
    return set(session.scalars(select(Revision.number).where(Revision.origin == Origin.STAFF)))


def append(session: Session, author: Author, now: datetime, changes: Iterable[Change]) -> int:
    """Write the changes as one new revision and return its number; raise Conflict if a record has changed since.

    The revision is sealed in the audit trail, and its policy changes are added to the outbox.
    The caller holds the lock of writers and commits.
    """
    last = latest_edition(session)
    number = last.revision + 1 if last else 1
    recorded_at = max(now, last.recorded_at + timedelta(microseconds=1)) if last else now
    session.execute(
        insert(Revision).values(
            number=number,
            recorded_at=recorded_at,
            actor=author.actor,
            origin=author.origin,
            reason=author.reason,
        )
    )
    try:
        _append_versions(session, number, list(changes))
    except IntegrityError as error:
        if "unique constraint" in str(error.orig).lower():
            raise Conflict("Another person changed this record first; read it again and repeat the change.") from error
        raise
    announce(session, number)
    seal_revisions(session)
    return number


def add_terms(session: Session, terms: Iterable[Columns]) -> None:
    """Store the terms that are not stored yet."""
    known = set(session.scalars(select(TermsRow.digest)))
    missing = [columns for columns in terms if columns["digest"] not in known]
    if missing:
        session.execute(insert(TermsRow), missing)


def add_identities(session: Session, records: Iterable[RecordId]) -> None:
    """Store the identities of records that are new."""
    wanted: defaultdict[type[Version], set[tuple[str, ...]]] = defaultdict(set)
    wanted[GroupVersion].add((ALL_GROUP,))
    for record in records:
        wanted[record.table].add(record.identity)
    for table, (row, columns) in _IDENTITY_TABLES.items():
        known = {tuple(found) for found in session.execute(select(*(getattr(row, name) for name in columns)))}
        missing = sorted(wanted[table] - known)
        if missing:
            session.execute(insert(row), [dict(zip(columns, identity, strict=True)) for identity in missing])


_IDENTITY_TABLES: dict[type[Version], tuple[type[Base], tuple[str, ...]]] = {
    PlaceVersion: (PlaceRow, ("code",)),
    GroupVersion: (GroupRow, ("code",)),
    RegimeVersion: (RegimeRow, ("id",)),
    SourceVersion: (SourceRow, ("regime_id", "key")),
}


def _append_versions(session: Session, number: int, changes: list[Change]) -> None:
    rows: defaultdict[type[Version], list[Columns]] = defaultdict(list)
    for change in changes:
        rows[change.record.table].append(_row(number, change))
    for table in VERSION_TABLES:
        if rows[table]:
            session.execute(insert(table), rows[table])


def _row(number: int, change: Change) -> Columns:
    before = change.before
    content = change.content if change.content is not None else before.content if before else {}
    return {
        **dict(zip(IDENTITY[change.record.table], change.record.identity, strict=True)),
        **content,
        "version": before.version + 1 if before else 1,
        "supersedes_id": before.row_id if before else None,
        "revision": number,
        "retracted": change.content is None,
        "reason": change.reason,
    }

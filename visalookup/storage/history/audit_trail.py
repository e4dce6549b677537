"""Read the audit trail and what it seals defensively, because the database may have been altered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select, text, union
from sqlalchemy.orm import Session

from visalookup.storage.audit.chain import NewAuditEntry
from visalookup.storage.audit.content_digest import Content, read_contents
from visalookup.storage.audit.models import AuditEntry
from visalookup.storage.models import VERSION_TABLES, Revision, RuleVersion, TermsRow
from visalookup.storage.terms import terms_digest

UNREADABLE = (ValueError, LookupError, TypeError)
"""What reading a row may raise if it holds values that our program never writes."""

_ENTRIES_PER_BATCH = 500


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """An entry with values that our program never writes."""

    number: int


def begin_snapshot(session: Session) -> None:
    """Give the session a consistent snapshot of the database; it must have no transaction yet."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def count_entries(session: Session) -> int:
    """Return the number of entries."""
    return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def walk_entries(session: Session) -> Iterator[list[NewAuditEntry | UnreadableEntry]]:
    """Yield all entries in order of their numbers, in batches."""
    last: int | None = None
    while True:
        query = select(AuditEntry.number).order_by(AuditEntry.number).limit(_ENTRIES_PER_BATCH)
        if last is not None:
            query = query.where(AuditEntry.number > last)
        numbers = session.scalars(query).all()
        if not numbers:
            return
        yield _entries(session, numbers[0], numbers[-1], numbers)
        last = numbers[-1]


def read_entry(session: Session, number: int) -> NewAuditEntry | None:
    """Return one entry; None if there is none with this number."""
    found = _read(session, number, number)
    return found[0] if found else None


def _entries(session: Session, first: int, last: int, numbers: Iterable[int]) -> list[NewAuditEntry | UnreadableEntry]:
    """Read the entries with these numbers; one by one only if reading them together fails."""
    try:
        return list(_read(session, first, last))
    except UNREADABLE:
        if first == last:
            return [UnreadableEntry(first)]
        return [entry for number in numbers for entry in _entries(session, number, number, ())]


def _read(session: Session, first: int, last: int) -> list[NewAuditEntry]:
    columns = AuditEntry.__table__.columns
    query = select(*columns).where(columns["number"].between(first, last)).order_by(columns["number"])
    entries = [NewAuditEntry(**row._mapping) for row in session.execute(query)]
    if not all(isinstance(entry.details, dict) for entry in entries):
        raise TypeError("the details of an entry are an object")
    return entries


def contents_of(session: Session, revisions: Iterable[int]) -> dict[int, Content]:
    """Return the content of these revisions; missing and unreadable ones are left out."""
    wanted = sorted(revisions)
    if not wanted:
        return {}
    try:
        return read_contents(session, wanted[0], wanted[-1])
    except UNREADABLE:
        if wanted[0] == wanted[-1]:
            return {}
        middle = len(wanted) // 2
        return contents_of(session, wanted[:middle]) | contents_of(session, wanted[middle:])


def unsealed_revisions(session: Session) -> list[int]:
    """Return the revisions that no entry seals."""
    sealed = select(AuditEntry.revision).where(AuditEntry.revision.is_not(None))
    query = select(Revision.number).where(Revision.number.not_in(sealed)).order_by(Revision.number)
    return list(session.scalars(query))


def revisions_without_row(session: Session) -> list[int]:
    """Return the revision numbers of versions for which no revision exists."""
    used = union(*(select(table.revision) for table in VERSION_TABLES)).subquery()
    query = select(used.c.revision).where(used.c.revision.not_in(select(Revision.number)))
    return sorted(session.scalars(query))


def altered_terms(session: Session) -> list[str]:
    """Return the digests of terms whose content does not match the digest."""
    columns = TermsRow.__table__.columns
    try:
        rows = session.execute(select(*columns)).all()
    except UNREADABLE:
        digests = session.scalars(select(TermsRow.digest)).all()
        return sorted(digest for digest in digests if not _terms_are_intact(session, digest))
    return sorted(row.digest for row in rows if terms_digest(dict(row._mapping)) != row.digest)


def _terms_are_intact(session: Session, digest: str) -> bool:
    columns = TermsRow.__table__.columns
    try:
        row = session.execute(select(*columns).where(columns["digest"] == digest)).one()
    except UNREADABLE:
        return False
    return terms_digest(dict(row._mapping)) == digest


def missing_terms(session: Session) -> list[str]:
    """Return the digests of terms that rules refer to and that are missing."""
    query = select(RuleVersion.terms_digest).where(RuleVersion.terms_digest.not_in(select(TermsRow.digest)))
    return sorted(set(session.scalars(query)))

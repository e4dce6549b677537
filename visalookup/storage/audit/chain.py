"""The audit trail: who did what and when, with each entry linked to the previous one by its hash.

The hash of an entry is SHA-256 (FIPS 180-4), in hexadecimal, over the canonical JSON (RFC 8785) of an object with
its `number`, `recorded_at`, `actor`, `action`, `subject`, `details`, `revision` (null where it seals none) and
`previous_hash`. The first entry names a previous hash of 64 zeros.

The chain has one writer at a time, who holds its lock until the commit. A transaction that also writes to the ledger
takes the lock of the ledger first (`ledger.lock_for_writing`), never the other way round, which prevents deadlocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from visalookup.storage.audit.canonical import canonical
from visalookup.storage.audit.content_digest import read_contents
from visalookup.storage.audit.models import AuditEntry, AuditHead
from visalookup.storage.engine import WRITING, begin_writing
from visalookup.storage.models import Revision

REVISION_RECORDED = "revision_recorded"
"""The action of an entry that seals a revision of the ledger."""

NO_HASH = "0" * 64
"""The previous hash of the first entry."""

_CHAIN_LOCK_KEY = 7_115_310
"""Key of the PostgreSQL advisory lock for writers of the chain."""


class BrokenTrail(Exception):
    """The recorded end of the trail is missing, so nothing can be added."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of the chain: number and hash of its last entry, or 0 and zeros if it is empty."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class NewAuditEntry:
    """An entry of the trail as stored."""

    number: int
    recorded_at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    revision: int | None
    previous_hash: str
    hash: str

    def computed_hash(self, number: int | None = None) -> str:
        """Compute the hash of the content, optionally under another number."""
        return _hash_of(
            {
                "number": self.number if number is None else number,
                "recorded_at": self.recorded_at,
                "actor": self.actor,
                "action": self.action,
                "subject": self.subject,
                "details": self.details,
                "revision": self.revision,
                "previous_hash": self.previous_hash,
            }
        )


def lock_chain(session: Session) -> None:
    """Allow one writer of the trail at a time; call it before reading what the entry depends on.

    It starts a new transaction, as `ledger.lock_for_writing` does, which writers of the ledger call instead.
    """
    begin_writing(session)
    _take_lock(session)


def append_entry(
    session: Session, *, action: str, actor: str, subject: str, details: Mapping[str, Any], now: datetime
) -> int:
    """Add an entry to the trail and return its number. The caller holds `lock_chain` or the lock of writers.

    `details` is JSON without secrets. An entry is never dated before the previous one.
    """
    return _append(session, action=action, actor=actor, subject=subject, details=details, now=now, revision=None)


def seal_revisions(session: Session) -> None:
    """Add an entry for the newest revision with the digest of its content.

    The first call adds entries for all revisions, which were written before the trail existed. After that, an older
    revision without an entry was not written by us, and is left for `audit verify` to find.
    """
    newest = session.scalar(select(func.max(Revision.number))) or 0
    has_started = session.scalar(select(func.max(AuditEntry.revision))) is not None
    seal_range(session, newest if has_started else 1, newest)


def seal_range(session: Session, first: int, last: int, sealed_by: str | None = None) -> int:
    """Add entries for those revisions from `first` to `last` that have none; return how many.

    `sealed_by` is the actor, unless it happens together with the writing of the revision.
    """
    _take_lock(session)
    query = (
        select(Revision.number, Revision.recorded_at, Revision.actor, Revision.origin, Revision.reason)
        .where(Revision.number.between(first, last), Revision.number.not_in(_sealed()))
        .order_by(Revision.number)
    )
    rows = session.execute(query).all()
    contents = read_contents(session, rows[0].number, rows[-1].number) if rows else {}
    for row in rows:
        content = contents[row.number]
        details = {
            "origin": row.origin,
            "reason": row.reason,
            "content_digest": content.digest,
            "records": dict(content.records),
            **({"sealed_with": last} if row.number < last else {}),
            **({"sealed_by": sealed_by} if sealed_by else {}),
        }
        _append(
            session,
            action=REVISION_RECORDED,
            actor=row.actor,
            subject=f"revision {row.number}",
            details=details,
            now=row.recorded_at,
            revision=row.number,
        )
    return len(rows)


def read_head(session: Session) -> ChainHead | None:
    """Return the end of the chain; None if it is not recorded."""
    row = session.execute(select(AuditHead.number, AuditHead.hash).where(AuditHead.id == 1)).first()
    return ChainHead(row.number, row.hash) if row else None


def _append(session: Session, *, now: datetime, details: Mapping[str, Any], **content: Any) -> int:
    _take_lock(session)
    head = _end_of_chain(session)
    last = session.scalar(select(AuditEntry.recorded_at).where(AuditEntry.number == head.number))
    values = {
        "number": head.number + 1,
        "recorded_at": max(now, last) if last else now,
        "details": orjson.loads(canonical(dict(details))),
        "previous_hash": head.hash,
        **content,
    }
    hashed = _hash_of(values)
    session.execute(insert(AuditEntry).values(**values, hash=hashed))
    _move_head(session, ChainHead(head.number + 1, hashed))
    return head.number + 1


def _end_of_chain(session: Session) -> ChainHead:
    head = read_head(session)
    if head is None and session.scalar(select(func.max(AuditEntry.number))) is not None:
        raise BrokenTrail("The audit trail has lost its end: run `visalookup audit verify` before anything else.")
    return head or ChainHead(0, NO_HASH)


def _move_head(session: Session, head: ChainHead) -> None:
    if head.number == 1:
        session.execute(insert(AuditHead).values(id=1, number=head.number, hash=head.hash))
    else:
        session.execute(update(AuditHead).where(AuditHead.id == 1).values(number=head.number, hash=head.hash))


def _take_lock(session: Session) -> None:
    connection = session.connection()
    if not connection.get_execution_options().get(WRITING):
        raise RuntimeError("call lock_chain or lock_for_writing before writing to the audit trail")
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK_KEY})


def _hash_of(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(values)).hexdigest()


def _sealed() -> Any:
    return select(AuditEntry.revision).where(AuditEntry.revision.is_not(None))

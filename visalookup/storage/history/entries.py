"""Queries for the history: entries that match a filter, and the changes of a revision."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, Table, not_, or_, select, union
from sqlalchemy.orm import Session

from visalookup.domain.sources import Source
from visalookup.storage.assembly import source_of
from visalookup.storage.audit.chain import NewAuditEntry
from visalookup.storage.audit.models import AuditEntry
from visalookup.storage.models import (
    VERSION_TABLES,
    RegimeVersion,
    Revision,
    RuleVersion,
    SourceVersion,
    TimelineEntryVersion,
    Version,
)
from visalookup.storage.records import IDENTITY, RecordId, content_columns
from visalookup.storage.snapshot import read_records
from visalookup.storage.terms import Columns

_REGIME_TABLES = (RegimeVersion, SourceVersion, TimelineEntryVersion, RuleVersion)
_ACCOUNT_PREFIXES = ("account_", "identity_", "password_", "role_", "session_", "sign", "token_", "two_factor_")
"""Prefixes of the actions that concern accounts and not visa data."""
_MAX_REGIMES_READ_SINGLY = 20


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """A filter of entries: by regime, actor, action, and from `start` up to before `end`.

    Entries about accounts (who signed in, whose role changed) are left out unless `with_accounts` is set.
    """

    regime_id: str | None = None
    actor: str | None = None
    action: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    with_accounts: bool = False


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """One record that a revision wrote, with its content before and after; None where it did not exist."""

    record: RecordId
    before: Columns | None
    after: Columns | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision: its number, when it was written, and why."""

    number: int
    recorded_at: datetime
    reason: str


def read_history(
    session: Session,
    wanted: HistoryFilter,
    limit: int,
    *,
    before: int | None = None,
    after: int | None = None,
) -> list[NewAuditEntry]:
    """Return matching entries, the newest first: the next ones older than `before`, or newer than `after`."""
    columns = AuditEntry.__table__.columns
    query = _matching(select(*columns), wanted).limit(limit)
    number = columns["number"]
    if after is not None:
        found = session.execute(query.where(number > after).order_by(number))
        return [NewAuditEntry(**row._mapping) for row in reversed(found.all())]
    if before is not None:
        query = query.where(number < before)
    return [NewAuditEntry(**row._mapping) for row in session.execute(query.order_by(number.desc()))]


def read_actors(session: Session, *, with_accounts: bool) -> list[str]:
    """Return all actors of entries, by name."""
    query = _matching(select(AuditEntry.actor), HistoryFilter(with_accounts=with_accounts)).distinct()
    return sorted(session.scalars(query))


def read_actions(session: Session, *, with_accounts: bool) -> list[str]:
    """Return all actions of entries."""
    query = _matching(select(AuditEntry.action), HistoryFilter(with_accounts=with_accounts)).distinct()
    return sorted(session.scalars(query))


def is_about_accounts(action: str) -> bool:
    """Return whether an action concerns accounts, so that only administrators of accounts see it."""
    return action.startswith(_ACCOUNT_PREFIXES)


def regimes_of_revisions(session: Session, revisions: Collection[int]) -> dict[int, list[str]]:
    """Return the ids of the regimes that each revision changed."""
    found: dict[int, list[str]] = {number: [] for number in revisions}
    written = union(
        *(
            select(table.revision, table.regime_id).where(table.revision.in_(revisions)).distinct()
            for table in _REGIME_TABLES
        )
    )
    for revision, regime_id in session.execute(written):
        found[revision].append(regime_id)
    return {revision: sorted(regime_ids) for revision, regime_ids in found.items()}


def read_revision(session: Session, number: int) -> RevisionRow | None:
    """Return one revision; None if there is none with this number."""
    query = select(Revision.number, Revision.recorded_at, Revision.reason).where(Revision.number == number)
    row = session.execute(query).first()
    return RevisionRow(row.number, row.recorded_at, row.reason) if row else None


def pair_of_regime(session: Session, regime_id: str, revision: int) -> tuple[str, str] | None:
    """Return passport and destination of any rule that the regime had up to a revision; None if it had none."""
    query = (
        select(RuleVersion.passport, RuleVersion.destination)
        .where(RuleVersion.regime_id == regime_id, RuleVersion.revision <= revision)
        .order_by(RuleVersion.id)
        .limit(1)
    )
    row = session.execute(query).first()
    return (row.passport, row.destination) if row else None


def read_changes(session: Session, revision: int, regime_id: str | None = None) -> Iterator[ChangedRecord]:
    """Yield each record that a revision wrote, optionally of one regime, with its previous content."""
    for table in VERSION_TABLES if regime_id is None else _REGIME_TABLES:
        yield from _changes_of_table(session, table, revision, regime_id)


def read_sources(session: Session, revision: int, regime_ids: Collection[str]) -> dict[tuple[str, str], Source]:
    """Return the sources of these regimes as of a revision, by regime and key, including retracted ones."""
    selected: list[str | None] = [*regime_ids] if len(regime_ids) <= _MAX_REGIMES_READ_SINGLY else [None]
    return {
        (record.identity[0], record.identity[1]): source_of(record.identity[1], stored.content)
        for regime_id in selected
        for record, stored in read_records(session, SourceVersion, revision, regime_id).items()
    }


def _matching(query: Select[*tuple[Any, ...]], wanted: HistoryFilter) -> Select[*tuple[Any, ...]]:
    conditions = [
        AuditEntry.actor == wanted.actor if wanted.actor else None,
        AuditEntry.action == wanted.action if wanted.action else None,
        AuditEntry.recorded_at >= wanted.start if wanted.start else None,
        AuditEntry.recorded_at < wanted.end if wanted.end else None,
        _touches(wanted.regime_id) if wanted.regime_id else None,
        None if wanted.with_accounts else not_(_is_about_accounts()),
    ]
    return query.where(*(condition for condition in conditions if condition is not None))


def _is_about_accounts() -> Any:
    return or_(*(AuditEntry.action.startswith(prefix, autoescape=True) for prefix in _ACCOUNT_PREFIXES))


def _touches(regime_id: str) -> Any:
    """The condition that an entry names the regime, or seals a revision that changed it."""
    written: CompoundSelect[Any] = union(
        *(select(table.revision).where(table.regime_id == regime_id) for table in _REGIME_TABLES)
    )
    named = AuditEntry.details["regime"].as_string() == regime_id
    return or_(named, AuditEntry.revision.in_(select(written.subquery().c.revision)))


def _changes_of_table(
    session: Session, version_table: type[Version], revision: int, regime_id: str | None
) -> Iterator[ChangedRecord]:
    table: Table = version_table.__table__  # type: ignore[attr-defined]
    earlier = table.alias()
    identity, content = IDENTITY[version_table], content_columns(version_table)
    query = (
        select(
            table.c.retracted,
            table.c.reason,
            earlier.c.retracted,
            *(table.c[name] for name in identity),
            *(table.c[name] for name in content),
            *(earlier.c[name] for name in content),
        )
        .outerjoin(earlier, earlier.c.id == table.c.supersedes_id)
        .where(table.c.revision == revision)
        .order_by(table.c.id)
    )
    if regime_id is not None:
        query = query.where(table.c.regime_id == regime_id)
    for retracted, reason, was_retracted, *values in session.execute(query).all():
        named, rest = values[: len(identity)], values[len(identity) :]
        after = dict(zip(content, rest[: len(content)], strict=True))
        before = dict(zip(content, rest[len(content) :], strict=True))
        existed = was_retracted is not None and not was_retracted
        yield ChangedRecord(
            RecordId(version_table, tuple(named)), before if existed else None, None if retracted else after, reason
        )

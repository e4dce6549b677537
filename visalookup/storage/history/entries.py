"""The audit trail as a history: entries that match a filter, and what each revision changed."""

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
_ABOUT_ACCOUNTS = ("account_", "identity_", "password_", "role_", "session_", "sign", "token_", "two_factor_")
"""How the actions begin that are about accounts, and not about what we know of visas."""
_MAX_REGIMES_READ_SINGLY = 20


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which entries are wanted: of a regime, an actor, an action; from an instant up to another one.

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
    """One record that a revision wrote: its content before and after it; None where it did not stand."""

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
    """Entries that match, the newest first: those next older than `before`, or next newer than `after`."""
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
    """Everybody who is an actor of an entry, by name."""
    query = _matching(select(AuditEntry.actor), HistoryFilter(with_accounts=with_accounts)).distinct()
    return sorted(session.scalars(query))


def read_actions(session: Session, *, with_accounts: bool) -> list[str]:
    """Every action there is an entry of."""
    query = _matching(select(AuditEntry.action), HistoryFilter(with_accounts=with_accounts)).distinct()
    return sorted(session.scalars(query))


def is_about_accounts(action: str) -> bool:
    """Whether an action is about accounts, so that only those see it who look after them."""
    return action.startswith(_ABOUT_ACCOUNTS)


def regimes_of_revisions(session: Session, revisions: Collection[int]) -> dict[int, list[str]]:
    """The regimes of which each revision wrote anything, by id."""
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
    """One revision; None where there is none of this number."""
    query = select(Revision.number, Revision.recorded_at, Revision.reason).where(Revision.number == number)
    row = session.execute(query).first()
    return RevisionRow(row.number, row.recorded_at, row.reason) if row else None


def pair_of_regime(session: Session, regime_id: str, revision: int) -> tuple[str, str] | None:
    """Passport and destination of some rule that the regime had by a revision; None where it had none."""
    query = (
        select(RuleVersion.passport, RuleVersion.destination)
        .where(RuleVersion.regime_id == regime_id, RuleVersion.revision <= revision)
        .order_by(RuleVersion.id)
        .limit(1)
    )
    row = session.execute(query).first()
    return (row.passport, row.destination) if row else None


def read_changes(session: Session, revision: int, regime_id: str | None = None) -> Iterator[ChangedRecord]:
    """Each record that a revision wrote, or wrote of one regime, with what stood before it."""
    for table in VERSION_TABLES if regime_id is None else _REGIME_TABLES:
        yield from _changes_of_table(session, table, revision, regime_id)


def read_sources(session: Session, revision: int, regime_ids: Collection[str]) -> dict[tuple[str, str], Source]:
    """The sources of these regimes as they stood at a revision, by regime and key; withdrawn ones too."""
    asked: list[str | None] = [*regime_ids] if len(regime_ids) <= _MAX_REGIMES_READ_SINGLY else [None]
    return {
        (record.identity[0], record.identity[1]): source_of(record.identity[1], stored.content)
        for regime_id in asked
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
    return query.where(*(each for each in conditions if each is not None))


def _is_about_accounts() -> Any:
    return or_(*(AuditEntry.action.startswith(each, autoescape=True) for each in _ABOUT_ACCOUNTS))


def _touches(regime_id: str) -> Any:
    """That an entry names the regime, or seals a revision that wrote anything of it."""
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
        stood = was_retracted is not None and not was_retracted
        yield ChangedRecord(
            RecordId(version_table, tuple(named)), before if stood else None, None if retracted else after, reason
        )

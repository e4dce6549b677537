"""Reading the ledger: the current version of every record at a revision, as rows and as a data set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import CompoundSelect, Row, Select, func, select, union
from sqlalchemy.orm import Session

from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.places import Places, index_places
from visalookup.domain.regimes import Regime, Rule, Terms, WholeRegime
from visalookup.storage.assembly import authority_of, group_of, place_of, rule_of, source_of, timeline_of
from visalookup.storage.entry_facts import entry_of
from visalookup.storage.ledger import Stored, latest_edition
from visalookup.storage.models import (
    VERSION_TABLES,
    GroupVersion,
    PlaceVersion,
    RegimeVersion,
    RuleVersion,
    SourceVersion,
    TermsRow,
    TimelineEntryVersion,
    Version,
)
from visalookup.storage.records import IDENTITY, RecordId, content_columns
from visalookup.storage.terms import Columns, terms_of, verification_of

Snapshot = Mapping[RecordId, Stored]


def read_snapshot(session: Session, revision: int) -> dict[RecordId, Stored]:
    """Every record as it stood at `revision`, retracted ones included."""
    found: dict[RecordId, Stored] = {}
    for table in VERSION_TABLES:
        found.update(read_records(session, table, revision))
    return found


def read_records(
    session: Session, table: type[Version], revision: int, regime_id: str | None = None
) -> dict[RecordId, Stored]:
    """The records of one table as they stood at `revision`, of one regime if it is given."""
    return _read_records(session, table, revision, None if regime_id is None else (regime_id,))


def _read_records(
    session: Session, table: type[Version], revision: int, regime_ids: Collection[str] | None
) -> dict[RecordId, Stored]:
    columns = table.__table__.columns  # type: ignore[attr-defined]
    identity = [columns[name] for name in IDENTITY[table]]
    newest = _newest(table, revision, regime_ids)
    names = content_columns(table)
    wanted = [columns[name] for name in ("id", "version", "revision", "retracted")]
    query = select(*wanted, *identity, *(columns[name] for name in names)).where(
        columns["id"].in_(newest.scalar_subquery())
    )
    return dict(_stored(table, row, names) for row in session.execute(query))


def _newest(table: type[Version], revision: int, regime_ids: Collection[str] | None = None) -> Select[int]:
    """The rows that held at `revision`, one for each record, of all regimes or of these."""
    columns = table.__table__.columns  # type: ignore[attr-defined]
    identity = [columns[name] for name in IDENTITY[table]]
    newest = select(func.max(columns["id"])).where(columns["revision"] <= revision).group_by(*identity)
    return newest if regime_ids is None else newest.where(columns["regime_id"].in_(regime_ids))


def read_regime_records(session: Session, regime_id: str, revision: int) -> dict[RecordId, Stored]:
    """The records of one regime, its rules left aside."""
    return _read_regime_records(session, (regime_id,), revision)


def _read_regime_records(session: Session, regime_ids: Collection[str], revision: int) -> dict[RecordId, Stored]:
    found: dict[RecordId, Stored] = {}
    for table in (RegimeVersion, SourceVersion, TimelineEntryVersion):
        found.update(_read_records(session, table, revision, regime_ids))
    return found


def read_regime(session: Session, regime_id: str, revision: int) -> Regime | None:
    """One regime as it stood at `revision`; None where there was none."""
    regimes = dataset_of(read_regime_records(session, regime_id, revision), {}).regimes
    return regimes[0] if regimes else None


def read_whole_regime(session: Session, regime_id: str, revision: int) -> WholeRegime | None:
    """One regime with its rules as it stood at `revision`; None where there was none."""
    return read_whole_regimes(session, (regime_id,), revision)[regime_id]


def read_whole_regimes(session: Session, regime_ids: Collection[str], revision: int) -> dict[str, WholeRegime | None]:
    """These regimes with their rules as they stood at `revision`; None for one there was not.

    The number of queries does not depend on how many regimes are asked for.
    """
    regimes = dataset_of(_read_regime_records(session, regime_ids, revision), {}).regimes
    rules: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in _read_rules(session, revision, regime_ids):
        rules[rule.regime_id].append(rule)
    found = {regime.id: WholeRegime(regime, tuple(rules[regime.id])) for regime in regimes}
    return {regime_id: found.get(regime_id) for regime_id in regime_ids}


def read_retracted_regime(session: Session, regime_id: str) -> Regime:
    """A regime that is no longer held, as it was last described; its timeline and sources are gone."""
    latest = session.scalar(select(func.max(RegimeVersion.revision)).where(RegimeVersion.regime_id == regime_id))
    record = RecordId(RegimeVersion, (regime_id,))
    stored = read_records(session, RegimeVersion, latest or 0, regime_id)[record]
    return dataset_of({record: replace(stored, retracted=False)}, {}).regimes[0]


def _stored(table: type[Version], row: Row[Any], names: tuple[str, ...]) -> tuple[RecordId, Stored]:
    width = 4 + len(IDENTITY[table])
    row_id, version, revision, retracted = tuple(row)[:4]
    content = dict(zip(names, row[width:], strict=True))
    return RecordId(table, tuple(row[4:width])), Stored(row_id, version, revision, retracted, content)


def read_terms(session: Session, regime_ids: Collection[str] | None = None) -> dict[str, Terms]:
    """All terms by digest, or those that these regimes ever gave."""
    query = select(*TermsRow.__table__.columns)
    if regime_ids is not None:
        query = query.where(TermsRow.regime_id.in_(regime_ids))
    return {row.digest: terms_of(row._mapping) for row in session.execute(query)}


@dataclass(frozen=True, slots=True)
class WrittenSince:
    """What was written between two revisions: which regimes are touched, and whether any place or group is."""

    regime_ids: frozenset[str]
    places: bool


def read_written(session: Session, after: int, revision: int) -> WrittenSince:
    """What was written after one revision, up to and with another."""
    return WrittenSince(
        frozenset(session.scalars(_written(_REGIME_TABLES, "regime_id", after, revision))),
        places=session.scalar(_written((PlaceVersion, GroupVersion), "code", after, revision)) is not None,
    )


_REGIME_TABLES = (RegimeVersion, SourceVersion, TimelineEntryVersion, RuleVersion)


def _written(tables: tuple[type[Version], ...], name: str, after: int, revision: int) -> CompoundSelect[tuple[str]]:
    columns = (table.__table__.columns for table in tables)  # type: ignore[attr-defined]
    return union(*(select(each[name]).where(each["revision"].between(after + 1, revision)) for each in columns))


def read_dataset(session: Session, revision: int) -> DataSet:
    """Everything known at `revision`."""
    others: dict[RecordId, Stored] = {}
    for table in VERSION_TABLES:
        if table is not RuleVersion:
            others.update(read_records(session, table, revision))
    return replace(dataset_of(others, {}), rules=_read_rules(session, revision))


def read_places(session: Session) -> Places:
    """The places and groups as they are known now."""
    edition = latest_edition(session)
    records: dict[RecordId, Stored] = {}
    for table in (PlaceVersion, GroupVersion):
        records.update(read_records(session, table, edition.revision if edition else 0))
    known = dataset_of(records, {})
    return index_places(known.places, known.groups)


def _read_rules(session: Session, revision: int, regime_ids: Collection[str] | None = None) -> tuple[Rule, ...]:
    """The rules that hold at `revision`, in order of their identity; there are too many to go through records."""
    terms = read_terms(session, regime_ids)
    newest = _newest(RuleVersion, revision, regime_ids)
    columns = RuleVersion.__table__.columns
    wanted = ("key", "regime_id", "passport", "destination", "terms_digest", "passport_group", "destination_group")
    query = (
        select(*(columns[name] for name in wanted))
        .where(columns["id"].in_(newest.scalar_subquery()), ~columns["retracted"])
        .order_by(columns["regime_id"], columns["key"])
    )
    return tuple(
        Rule(key, regime_id, passport, destination, terms[digest], passport_group, destination_group)
        for key, regime_id, passport, destination, digest, passport_group, destination_group in session.execute(query)
    )


def dataset_of(snapshot: Snapshot, terms: Mapping[str, Terms]) -> DataSet:
    """The domain objects that the records of a snapshot stand for."""
    rows = _Rows.of(snapshot)
    return DataSet(
        places=tuple(place_of(record.identity[0], each) for record, each in rows.of_table(PlaceVersion)),
        groups=tuple(group_of(record.identity[0], each) for record, each in rows.of_table(GroupVersion)),
        regimes=tuple(rows.regime(record.identity[0], each) for record, each in rows.of_table(RegimeVersion)),
        rules=tuple(rule_of(record.identity, each, terms) for record, each in rows.of_table(RuleVersion)),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The records that hold, by table; those of a regime gathered under it."""

    by_table: Mapping[type[Version], list[tuple[RecordId, Columns]]]
    sources: Mapping[str, list[tuple[str, Columns]]]
    entries: Mapping[str, list[tuple[str, Columns]]]

    @classmethod
    def of(cls, snapshot: Snapshot) -> _Rows:
        by_table: defaultdict[type[Version], list[tuple[RecordId, Columns]]] = defaultdict(list)
        for record in sorted(snapshot, key=lambda each: each.identity):
            if not snapshot[record].retracted:
                by_table[record.table].append((record, snapshot[record].content))
        return cls(by_table, _grouped(by_table[SourceVersion]), _grouped(by_table[TimelineEntryVersion]))

    def of_table(self, table: type[Version]) -> list[tuple[RecordId, Columns]]:
        return self.by_table.get(table, [])

    def regime(self, regime_id: str, columns: Columns) -> Regime:
        return Regime(
            id=regime_id,
            kind=columns["kind"],
            title=columns["title"],
            parties=tuple(columns["parties"]),
            timeline=timeline_of(regime_id, self.entries.get(regime_id, [])),
            sources={key: source_of(key, each) for key, each in self.sources.get(regime_id, [])},
            verification=verification_of(columns["verification_level"], columns["verified_on"]),
            policy_of=columns["policy_of"],
            authority=authority_of(columns),
            note=columns["note"],
            entry=entry_of(columns["entry"]) if columns["entry"] else None,
        )


def _grouped(rows: list[tuple[RecordId, Columns]]) -> dict[str, list[tuple[str, Columns]]]:
    grouped: defaultdict[str, list[tuple[str, Columns]]] = defaultdict(list)
    for record, columns in rows:
        regime_id, key = record.identity
        grouped[regime_id].append((key, columns))
    return grouped

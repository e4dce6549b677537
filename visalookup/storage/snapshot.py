"""Reading the ledger: the current version of every record at a revision, as rows and as a data set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from visalookup.domain.dataset import DataSet
from visalookup.domain.documents import DocumentType
from visalookup.domain.errors import StepRefused
from visalookup.domain.lifecycle import (
    Milestone,
    StatusEvent,
    Timeline,
    Transition,
    build_timeline,
)
from visalookup.domain.moments import EffectiveDate, PartialDate
from visalookup.domain.places import Authority, Group, Place
from visalookup.domain.regimes import Regime, Rule, Terms
from visalookup.domain.requirements import Condition, ConditionKind, Purpose, Stay, StayTotal
from visalookup.domain.sources import Source, SourceKind, Verification
from visalookup.storage.ledger import Stored
from visalookup.storage.models import (
    VERSION_TABLES,
    EntryKind,
    GroupVersion,
    PlaceVersion,
    RegimeVersion,
    RuleVersion,
    SourceVersion,
    TermsRow,
    TimelineEntryVersion,
    Version,
)
from visalookup.storage.records import IDENTITY, Columns, RecordId, content_columns

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
    columns = table.__table__.columns  # type: ignore[attr-defined]
    identity = [columns[name] for name in IDENTITY[table]]
    newest = _newest(table, revision)
    if regime_id is not None:
        newest = newest.where(columns["regime_id"] == regime_id)
    names = content_columns(table)
    wanted = [columns[name] for name in ("id", "version", "revision", "retracted")]
    query = select(*wanted, *identity, *(columns[name] for name in names)).where(
        columns["id"].in_(newest.scalar_subquery())
    )
    return dict(_stored(table, row, names) for row in session.execute(query))


def _newest(table: type[Version], revision: int) -> Select[int]:
    """The rows that held at `revision`, one for each record."""
    columns = table.__table__.columns  # type: ignore[attr-defined]
    identity = [columns[name] for name in IDENTITY[table]]
    return select(func.max(columns["id"])).where(columns["revision"] <= revision).group_by(*identity)


def read_regime_records(session: Session, regime_id: str, revision: int) -> dict[RecordId, Stored]:
    """The records of one regime, its rules left aside."""
    found: dict[RecordId, Stored] = {}
    for table in (RegimeVersion, SourceVersion, TimelineEntryVersion):
        found.update(read_records(session, table, revision, regime_id))
    return found


def read_regime(session: Session, regime_id: str, revision: int) -> Regime | None:
    """One regime as it stood at `revision`; None where there was none."""
    regimes = dataset_of(read_regime_records(session, regime_id, revision), {}).regimes
    return regimes[0] if regimes else None


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


def read_terms(session: Session) -> dict[str, Terms]:
    """All terms by digest."""
    columns = TermsRow.__table__.columns
    return {row.digest: _terms(row._mapping) for row in session.execute(select(*columns))}


def read_dataset(session: Session, revision: int) -> DataSet:
    """Everything known at `revision`."""
    others: dict[RecordId, Stored] = {}
    for table in VERSION_TABLES:
        if table is not RuleVersion:
            others.update(read_records(session, table, revision))
    return replace(dataset_of(others, {}), rules=_read_rules(session, revision))


def _read_rules(session: Session, revision: int) -> tuple[Rule, ...]:
    """The rules that hold at `revision`, in order of their identity; there are too many to go through records."""
    terms = read_terms(session)
    columns = RuleVersion.__table__.columns
    wanted = ("key", "regime_id", "passport", "destination", "terms_digest", "passport_group", "destination_group")
    query = (
        select(*(columns[name] for name in wanted))
        .where(columns["id"].in_(_newest(RuleVersion, revision).scalar_subquery()), ~columns["retracted"])
        .order_by(columns["regime_id"], columns["key"])
    )
    return tuple(
        Rule(key, regime_id, passport, destination, terms[digest], passport_group, destination_group)
        for key, regime_id, passport, destination, digest, passport_group, destination_group in session.execute(
            query
        )
    )


def dataset_of(snapshot: Snapshot, terms: Mapping[str, Terms]) -> DataSet:
    """The domain objects that the records of a snapshot stand for."""
    rows = _Rows.of(snapshot)
    return DataSet(
        places=tuple(_place(record.identity[0], each) for record, each in rows.of_table(PlaceVersion)),
        groups=tuple(_group(record.identity[0], each) for record, each in rows.of_table(GroupVersion)),
        regimes=tuple(rows.regime(record.identity[0], each) for record, each in rows.of_table(RegimeVersion)),
        rules=tuple(_rule(record.identity, each, terms) for record, each in rows.of_table(RuleVersion)),
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
            timeline=_timeline(regime_id, self.entries.get(regime_id, [])),
            sources={key: _source(key, each) for key, each in self.sources.get(regime_id, [])},
            verification=_verification(columns["verification_level"], columns["verified_on"]),
            policy_of=columns["policy_of"],
            authority=_authority(columns),
            note=columns["note"],
        )


def _grouped(rows: list[tuple[RecordId, Columns]]) -> dict[str, list[tuple[str, Columns]]]:
    grouped: defaultdict[str, list[tuple[str, Columns]]] = defaultdict(list)
    for record, columns in rows:
        regime_id, key = record.identity
        grouped[regime_id].append((key, columns))
    return grouped


def _place(code: str, columns: Columns) -> Place:
    return Place(
        code=code,
        kind=columns["kind"],
        name=columns["name"],
        alpha2=columns["alpha2"],
        icao=columns["icao"],
        citizens_of=columns["citizens_of"],
        article=columns["article"],
        aliases=tuple(columns["aliases"]),
        timezone=columns["timezone"],
        authority=_authority(columns),
    )


def _group(code: str, columns: Columns) -> Group:
    source = dict(columns["source"])
    source["kind"] = SourceKind(source["kind"])
    source["accessed_on"] = date.fromisoformat(source["accessed_on"]) if source["accessed_on"] else None
    return Group(code, columns["name"], tuple(columns["members"]), _source("group", source), columns["note"])


def _source(key: str, columns: Columns) -> Source:
    published_on, state_on = columns["published_on"], columns["state_on"]
    return Source(
        key=key,
        kind=columns["kind"],
        publisher=columns["publisher"],
        title=columns["title"],
        url=columns["url"],
        published_on=PartialDate.parse(published_on) if published_on else None,
        accessed_on=columns["accessed_on"],
        state_on=PartialDate.parse(state_on) if state_on else None,
    )


def _timeline(regime_id: str, entries: list[tuple[str, Columns]]) -> Timeline:
    events = [_event(key, each) for key, each in entries if each["kind"] is EntryKind.STATUS_EVENT]
    milestones = [_milestone(key, each) for key, each in entries if each["kind"] is EntryKind.MILESTONE]
    try:
        return build_timeline(events, milestones)
    except StepRefused as error:
        raise StepRefused(f"{regime_id}: {error}") from error


def _event(key: str, columns: Columns) -> StatusEvent:
    until = columns["transition_until"]
    return StatusEvent(
        key=key,
        status=columns["status"],
        effective=_effective(columns),
        source_key=columns["source_key"],
        note=columns["note"],
        transition=Transition(until, columns["transition_text"]) if until else None,
    )


def _milestone(key: str, columns: Columns) -> Milestone:
    return Milestone(
        key=key,
        name=columns["milestone"],
        effective=_effective(columns),
        source_key=columns["source_key"],
        party=columns["party"],
        note=columns["note"],
    )


def _effective(columns: Columns) -> EffectiveDate:
    return EffectiveDate(
        day=columns["effective_on"],
        instant=columns["effective_at"],
        precision=columns["precision"],
        attested=columns["attested"],
    )


def _rule(identity: tuple[str, ...], columns: Columns, terms: Mapping[str, Terms]) -> Rule:
    regime_id, key = identity
    return Rule(
        key=key,
        regime_id=regime_id,
        passport=columns["passport"],
        destination=columns["destination"],
        terms=terms[columns["terms_digest"]],
        passport_group=columns["passport_group"],
        destination_group=columns["destination_group"],
    )


def _terms(columns: Mapping[Any, Any]) -> Terms:
    verification = _verification(columns["verification_level"], columns["verified_on"])
    assert verification is not None  # noqa: S101 - the column is not null
    return Terms(
        requirement=columns["requirement"],
        source_key=columns["source_key"],
        verification=verification,
        stay=_stay(columns),
        documents=frozenset(DocumentType(each) for each in columns["documents"]),
        purposes=frozenset(Purpose(each) for each in columns["purposes"]),
        conditions=tuple(Condition(ConditionKind(each["kind"]), each["text"]) for each in columns["conditions"]),
        overriding=columns["overriding"],
        note=columns["note"],
    )


def _stay(columns: Mapping[Any, Any]) -> Stay | None:
    days, months, unlimited = columns["stay_days"], columns["stay_months"], columns["stay_unlimited"]
    if days is None and months is None and not unlimited:
        return None
    total_days = columns["stay_total_days"]
    total = (
        StayTotal(total_days, columns["stay_total_within_days"], columns["stay_total_calendar_year"])
        if total_days
        else None
    )
    return Stay(days, columns["stay_within_days"], months, unlimited, total)


def _verification(level: Any, verified_on: date | None) -> Verification | None:
    return Verification(level, verified_on) if level else None


def _authority(columns: Columns) -> Authority | None:
    name, url = columns["authority_name"], columns["authority_url"]
    return Authority(name, url) if name and url else None

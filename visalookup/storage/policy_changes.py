"""The feed of policy changes from the ledger: steps of regimes, in the order in which they were written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session, aliased

from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import EffectiveDate, Precision
from visalookup.storage.models import EntryKind, Revision, RuleVersion, TimelineEntryVersion


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One version of a status event, as written; a `correction` replaced an earlier version."""

    cursor: int
    regime_id: str
    key: str
    status: Status
    effective: EffectiveDate
    correction: bool
    retracted: bool
    reason: str | None
    revision: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class PairFilter:
    """A filter of changes: any of these passports, at any of these destinations; empty matches all."""

    passports: Collection[str] = ()
    destinations: Collection[str] = ()


def read_steps(session: Session, after: int, limit: int, pair_filter: PairFilter) -> list[RecordedStep]:
    """Return the steps written after a cursor, the oldest first.

    There is one writer at a time, so rows are numbered in commit order, and a cursor neither skips nor repeats any.
    The pairs that a step affects are fixed when it is written, so that also holds with a filter.
    """
    step, query = _filtered_changes(pair_filter)
    found = session.execute(query.where(step.id > after).order_by(step.id).limit(limit))
    return [_step(row, recorded_at) for row, recorded_at in found]


def read_newest_steps(session: Session, limit: int, pair_filter: PairFilter) -> list[RecordedStep]:
    """Return the latest steps, the newest first."""
    step, query = _filtered_changes(pair_filter)
    return [
        _step(row, recorded_at) for row, recorded_at in session.execute(query.order_by(step.id.desc()).limit(limit))
    ]


def read_step(session: Session, cursor: int) -> RecordedStep:
    """Return the step at a cursor."""
    step, query = _policy_changes()
    row, recorded_at = session.execute(query.where(step.id == cursor)).one()
    return _step(row, recorded_at)


def steps_of_revision(revision: int) -> Select[int]:
    """Return a query for the cursors of a revision's policy changes."""
    step, query = _policy_changes()
    return query.where(step.revision == revision).with_only_columns(step.id)


def affected_rules(
    step: type[TimelineEntryVersion], rule: type[RuleVersion], later: type[RuleVersion]
) -> ColumnElement[bool]:
    """Return the condition for the rules that a step affects: those of its regime at that time or until then.

    The latter count because a step may be retracted together with all rules of its regime. `later` is an alias
    for the versions that supersede those of `rule`.
    """
    superseded_before = select(later.id).where(later.supersedes_id == rule.id, later.revision < step.revision)
    return (
        (rule.regime_id == step.regime_id)
        & (rule.revision <= step.revision)
        & (rule.retracted == false())
        & ~superseded_before.exists()
    )


def _filtered_changes(
    pair_filter: PairFilter,
) -> tuple[type[TimelineEntryVersion], Select[TimelineEntryVersion, datetime]]:
    step, query = _policy_changes()
    if not pair_filter.passports and not pair_filter.destinations:
        return step, query
    rule, later = aliased(RuleVersion), aliased(RuleVersion)
    affected = select(rule.id).where(affected_rules(step, rule, later))
    if pair_filter.passports:
        affected = affected.where(rule.passport.in_(pair_filter.passports))
    if pair_filter.destinations:
        affected = affected.where(rule.destination.in_(pair_filter.destinations))
    return step, query.where(affected.exists())


def _policy_changes() -> tuple[type[TimelineEntryVersion], Select[TimelineEntryVersion, datetime]]:
    """Every step that changed policy, with the time it was recorded.

    Merely attested steps are left out, because they are no change of policy, and so are corrections that alter neither
    status nor date.
    """
    step, before = aliased(TimelineEntryVersion), aliased(TimelineEntryVersion)
    alters = or_(
        step.status != before.status,
        step.effective_on.is_distinct_from(before.effective_on),
        step.effective_at.is_distinct_from(before.effective_at),
        step.retracted != before.retracted,
    )
    is_correction = step.supersedes_id.is_not(None)
    exact = or_(step.attested == false(), before.attested == false())
    query = (
        select(step, Revision.recorded_at)
        .join(Revision, Revision.number == step.revision)
        .outerjoin(before, before.id == step.supersedes_id)
        .where(step.kind == EntryKind.STATUS_EVENT, exact, or_(~is_correction, alters))
    )
    return step, query


def _step(row: TimelineEntryVersion, recorded_at: datetime) -> RecordedStep:
    assert row.status is not None  # noqa: S101 - the query takes status events only
    return RecordedStep(
        cursor=row.id,
        regime_id=row.regime_id,
        key=row.key,
        status=row.status,
        effective=_effective(row.effective_on, row.effective_at, row.precision, attested=row.attested),
        correction=row.supersedes_id is not None,
        retracted=row.retracted,
        reason=row.reason,
        revision=row.revision,
        recorded_at=recorded_at,
    )


def _effective(day: date | None, instant: datetime | None, precision: Precision, *, attested: bool) -> EffectiveDate:
    return EffectiveDate(day, instant, precision, attested)

"""What one revision changed, record by record or with identical changes of rules grouped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from visalookup.domain.sources import Source
from visalookup.services.audit.history_fields import FieldChange, TermsByDigest, changed_fields
from visalookup.services.changes.record_differences import RecordDifference
from visalookup.storage.assembly import group_of
from visalookup.storage.history.entries import ChangedRecord, read_changes, read_sources, regimes_of_revisions
from visalookup.storage.models import (
    GroupVersion,
    PlaceVersion,
    RegimeVersion,
    RuleVersion,
    SourceVersion,
    TimelineEntryVersion,
    Version,
)
from visalookup.storage.records import NOUNS
from visalookup.storage.snapshot import read_terms
from visalookup.storage.terms import Columns

_MAX_REGIMES_READ_SINGLY = 50
"""With more regimes than this, the terms of all regimes are read at once."""
_ORDER: tuple[type[Version], ...] = (
    RegimeVersion,
    TimelineEntryVersion,
    RuleVersion,
    SourceVersion,
    GroupVersion,
    PlaceVersion,
)
_Sources = Mapping[tuple[str, str], Source]


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A change of one record, or the same change of several rules of a regime.

    `names` identify the records by code, key, or the pair of a rule. `pairs` are passport and destination of each
    rule.
    """

    noun: str
    regime_id: str | None
    names: tuple[str, ...]
    difference: RecordDifference
    fields: tuple[FieldChange, ...]
    reason: str | None
    sources: tuple[Source, ...]
    pairs: tuple[tuple[str, str], ...] = ()


def changes_of_revision(session: Session, revision: int, regime_id: str | None = None) -> Iterator[RecordedChange]:
    """Yield each record that the revision changed, optionally of one regime; places and groups come last."""
    regime_ids = [regime_id] if regime_id else regimes_of_revisions(session, {revision})[revision]
    describer, sources = _describer(session, regime_ids), read_sources(session, revision, regime_ids)
    for change in _in_order(read_changes(session, revision, regime_id)):
        yield _recorded([change], describer, sources)


def grouped_changes(session: Session, revision: int) -> list[RecordedChange]:
    """Return the changes of a revision; identical changes of rules of a regime are grouped into one."""
    regime_ids = regimes_of_revisions(session, {revision})[revision]
    describer, sources = _describer(session, regime_ids), read_sources(session, revision, regime_ids)
    groups: dict[tuple[object, ...], list[ChangedRecord]] = {}
    for change in _in_order(read_changes(session, revision)):
        groups.setdefault(_group_key(change), []).append(change)
    return [_recorded(changes, describer, sources) for changes in groups.values()]


def _describer(session: Session, regime_ids: list[str]) -> _ChangeDescriber:
    return _ChangeDescriber(read_terms(session, regime_ids if len(regime_ids) <= _MAX_REGIMES_READ_SINGLY else None))


def _in_order(changes: Iterable[ChangedRecord]) -> list[ChangedRecord]:
    return sorted(changes, key=lambda change: _ORDER.index(change.record.table))


def _group_key(change: ChangedRecord) -> tuple[object, ...]:
    """The key of a group: what identical changes of rules share, and the record itself for all others."""
    if change.record.table is not RuleVersion:
        return tuple(change.record)
    return (change.record.identity[0], _rule_content(change.before), _rule_content(change.after), change.reason)


class _ChangeDescriber:
    """Describes changes in words. Results for rules are cached, because many rules share the same terms."""

    def __init__(self, terms: TermsByDigest) -> None:
        self.terms = terms
        self._rule_fields: dict[tuple[object, ...], tuple[FieldChange, ...]] = {}

    def fields(self, change: ChangedRecord) -> tuple[FieldChange, ...]:
        if change.record.table is not RuleVersion:
            return changed_fields(change.record.table, change.before, change.after, self.terms)
        key = (_rule_content(change.before), _rule_content(change.after))
        if key not in self._rule_fields:
            self._rule_fields[key] = changed_fields(RuleVersion, change.before, change.after, self.terms)
        return self._rule_fields[key]

    def cited(self, change: ChangedRecord) -> str | None:
        """The key of the source that the record cites, or cited before it was retracted."""
        columns = _content(change)
        if change.record.table is RuleVersion:
            return self.terms[columns["terms_digest"]].source_key
        if change.record.table is SourceVersion:
            return change.record.identity[1]
        key: str | None = columns.get("source_key")
        return key


def _rule_content(columns: Columns | None) -> tuple[object, ...] | None:
    if columns is None:
        return None
    return columns["terms_digest"], columns["passport_group"], columns["destination_group"]


def _recorded(changes: list[ChangedRecord], describer: _ChangeDescriber, sources: _Sources) -> RecordedChange:
    """Merge identical changes into one."""
    first = changes[0]
    table, identity = first.record
    return RecordedChange(
        noun=NOUNS[table],
        regime_id=None if table in (PlaceVersion, GroupVersion) else identity[0],
        names=tuple(_name(change) for change in changes),
        difference=_difference(first),
        fields=describer.fields(first),
        reason=first.reason,
        sources=_sources_of(first, describer, sources),
        pairs=tuple(_pair(change) for change in changes) if table is RuleVersion else (),
    )


def _name(change: ChangedRecord) -> str:
    return " to ".join(_pair(change)) if change.record.table is RuleVersion else change.record.identity[-1]


def _pair(change: ChangedRecord) -> tuple[str, str]:
    columns = _content(change)
    return columns["passport"], columns["destination"]


def _difference(change: ChangedRecord) -> RecordDifference:
    if change.after is None:
        return RecordDifference.RETRACTED
    return RecordDifference.ADDED if change.before is None else RecordDifference.CHANGED


def _sources_of(change: ChangedRecord, describer: _ChangeDescriber, sources: _Sources) -> tuple[Source, ...]:
    if change.record.table is GroupVersion:
        return (group_of(change.record.identity[0], _content(change)).source,)
    key = describer.cited(change)
    found = sources.get((change.record.identity[0], key)) if key else None
    return (found,) if found else ()


def _content(change: ChangedRecord) -> Columns:
    """The content of the record, or its last content if it was retracted."""
    content = change.after if change.after is not None else change.before
    assert content is not None  # noqa: S101 - a changed record has content before or after the change
    return content

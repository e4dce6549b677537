"""What one revision changed, record by record or with like changes of rules together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from visalookup.domain.sources import Source
from visalookup.services.differences import Difference
from visalookup.services.history_fields import FieldChange, TermsByDigest, changed_fields
from visalookup.storage.assembly import source_of
from visalookup.storage.history import ChangedRecord, read_changes, read_sources, regimes_of_revisions
from visalookup.storage.models import (
    GroupVersion,
    PlaceVersion,
    RegimeVersion,
    RuleVersion,
    SourceVersion,
    TimelineEntryVersion,
    Version,
)
from visalookup.storage.records import NOUNS, Columns
from visalookup.storage.snapshot import read_terms

_MOST_TERMS = 50
"""Of more regimes than this all terms are read at once."""
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

    `names` are those of the records: a code, a key, or the pair of a rule. `pairs` are passport and destination of
    each rule.
    """

    noun: str
    regime_id: str | None
    names: tuple[str, ...]
    difference: Difference
    fields: tuple[FieldChange, ...]
    reason: str | None
    sources: tuple[Source, ...]
    pairs: tuple[tuple[str, str], ...] = ()


def changes_of_revision(session: Session, revision: int) -> Iterator[RecordedChange]:
    """Each record that the revision changed, places and groups last."""
    regime_ids = regimes_of_revisions(session, {revision})[revision]
    sources = read_sources(session, revision, regime_ids)
    terms = read_terms(session, regime_ids if len(regime_ids) <= _MOST_TERMS else None)
    changes = sorted(read_changes(session, revision), key=lambda each: _ORDER.index(each.record.table))
    words = _Words(terms)
    return (_recorded(change, words, sources) for change in changes)


def grouped(changes: Iterable[RecordedChange]) -> list[RecordedChange]:
    """The changes with those of several rules of a regime as one, where they say the same."""
    found: dict[tuple[object, ...], list[RecordedChange]] = {}
    for number, change in enumerate(changes):
        key: tuple[object, ...] = (number,)
        if change.pairs:
            key = (change.regime_id, change.difference, id(change.fields), change.reason)
        found.setdefault(key, []).append(change)
    return [_merged(each) for each in found.values()]


def _merged(changes: list[RecordedChange]) -> RecordedChange:
    return replace(
        changes[0],
        names=tuple(name for each in changes for name in each.names),
        pairs=tuple(pair for each in changes for pair in each.pairs),
    )


class _Words:
    """The fields that differ; the same terms are put into words once, so that like changes share one object."""

    def __init__(self, terms: TermsByDigest) -> None:
        self.terms = terms
        self._of_rules: dict[tuple[object, ...], tuple[FieldChange, ...]] = {}

    def fields(self, change: ChangedRecord) -> tuple[FieldChange, ...]:
        if change.record.table is not RuleVersion:
            return changed_fields(change.record.table, change.before, change.after, self.terms)
        key = (_same_rule(change.before), _same_rule(change.after))
        if key not in self._of_rules:
            self._of_rules[key] = changed_fields(RuleVersion, change.before, change.after, self.terms)
        return self._of_rules[key]

    def cited(self, change: ChangedRecord) -> str | None:
        """The key of the source that the record rests on, or rested on."""
        columns = _content(change)
        if change.record.table is RuleVersion:
            return self.terms[columns["terms_digest"]].source_key
        if change.record.table is SourceVersion:
            return change.record.identity[1]
        key: str | None = columns.get("source_key")
        return key


def _same_rule(columns: Columns | None) -> tuple[object, ...] | None:
    if columns is None:
        return None
    return columns["terms_digest"], columns["passport_group"], columns["destination_group"]


def _recorded(change: ChangedRecord, words: _Words, sources: _Sources) -> RecordedChange:
    table, identity = change.record
    pairs = ((_content(change)["passport"], _content(change)["destination"]),) if table is RuleVersion else ()
    return RecordedChange(
        noun=NOUNS[table],
        regime_id=None if table in (PlaceVersion, GroupVersion) else identity[0],
        names=(_name(change),),
        difference=_difference(change),
        fields=words.fields(change),
        reason=change.reason,
        sources=_sources_of(change, words, sources),
        pairs=pairs,
    )


def _name(change: ChangedRecord) -> str:
    if change.record.table is RuleVersion:
        columns = _content(change)
        return f"{columns['passport']} to {columns['destination']}"
    return change.record.identity[-1]


def _difference(change: ChangedRecord) -> Difference:
    if change.after is None:
        return Difference.RETRACTED
    return Difference.ADDED if change.before is None else Difference.CHANGED


def _sources_of(change: ChangedRecord, words: _Words, sources: _Sources) -> tuple[Source, ...]:
    if change.record.table is GroupVersion:
        columns = _content(change)["source"]
        return (source_of("group", columns),)
    key = words.cited(change)
    found = sources.get((change.record.identity[0], key)) if key else None
    return (found,) if found else ()


def _content(change: ChangedRecord) -> Columns:
    """What the record says, or said last."""
    content = change.after if change.after is not None else change.before
    assert content is not None  # noqa: S101 - a record that neither stood nor stands was not changed
    return content

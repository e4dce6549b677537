"""Domain objects as records of the ledger: an identity, and columns of content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.lifecycle import Milestone, StatusEvent
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.places import Group, Membership, Place
from visalookup.domain.regimes import Regime, Rule, Terms
from visalookup.domain.sources import Source
from visalookup.storage.entry_facts import entry_column
from visalookup.storage.models import (
    EntryKind,
    GroupVersion,
    PlaceVersion,
    RegimeVersion,
    RuleVersion,
    SourceVersion,
    TimelineEntryVersion,
    Version,
)
from visalookup.storage.terms import Columns, terms_columns, verification_columns


class RecordId(NamedTuple):
    """Which record: its table and its identity there."""

    table: type[Version]
    identity: tuple[str, ...]

    def __str__(self) -> str:
        return f"{NOUNS[self.table]} {' '.join(self.identity)}"


IDENTITY: dict[type[Version], tuple[str, ...]] = {
    PlaceVersion: ("code",),
    GroupVersion: ("code",),
    RegimeVersion: ("regime_id",),
    SourceVersion: ("regime_id", "key"),
    TimelineEntryVersion: ("regime_id", "key"),
    RuleVersion: ("regime_id", "key"),
}
"""The columns that name a record in each table of versions."""

NOUNS: dict[type[Version], str] = {
    PlaceVersion: "place",
    GroupVersion: "group",
    RegimeVersion: "regime",
    SourceVersion: "source",
    TimelineEntryVersion: "timeline entry",
    RuleVersion: "rule",
}
"""What a record of each table is called."""

_BOOKKEEPING = {"id", "version", "retracted", "reason", "supersedes_id", "revision"}


def content_columns(table: type[Version]) -> tuple[str, ...]:
    """The columns of a table of versions that hold content, not identity or bookkeeping."""
    names = (column.name for column in table.__table__.columns)  # type: ignore[attr-defined]
    return tuple(name for name in names if name not in _BOOKKEEPING and name not in IDENTITY[table])


@dataclass(frozen=True, slots=True)
class Records:
    """A data set as records, and the terms that its rules share by digest."""

    versions: Mapping[RecordId, Columns]
    terms: Mapping[str, Columns]


def records_of(data: DataSet) -> Records:
    """Every record of a data set."""
    versions: dict[RecordId, Columns] = {}
    for place in data.places:
        versions[RecordId(PlaceVersion, (place.code,))] = place_columns(place)
    for group in data.groups:
        versions[RecordId(GroupVersion, (group.code,))] = group_columns(group)
    for regime in data.regimes:
        versions.update(regime_records(regime))
    terms: dict[str, Columns] = {}
    digests: dict[tuple[str, Terms], str] = {}
    for rule in data.rules:
        digest = digests.get((rule.regime_id, rule.terms))
        if digest is None:
            columns = terms_columns(rule.regime_id, rule.terms)
            digest = digests[rule.regime_id, rule.terms] = columns["digest"]
            terms[digest] = columns
        versions[RecordId(RuleVersion, (rule.regime_id, rule.key))] = rule_columns(rule, digest)
    return Records(versions, terms)


def regime_records(regime: Regime) -> dict[RecordId, Columns]:
    """The records of one regime without its rules."""
    found: dict[RecordId, Columns] = {RecordId(RegimeVersion, (regime.id,)): regime_columns(regime)}
    for key, source in regime.sources.items():
        found[RecordId(SourceVersion, (regime.id, key))] = source_columns(source)
    for event in regime.timeline.events:
        found[RecordId(TimelineEntryVersion, (regime.id, event.key))] = event_columns(event)
    for milestone in regime.timeline.milestones:
        found[RecordId(TimelineEntryVersion, (regime.id, milestone.key))] = milestone_columns(milestone)
    return found


def place_columns(place: Place) -> Columns:
    """Content of a place."""
    return {
        "kind": place.kind,
        "name": place.name,
        "alpha2": place.alpha2,
        "icao": place.icao,
        "citizens_of": place.citizens_of,
        "article": place.article,
        "aliases": list(place.aliases),
        "timezone": place.timezone,
        "authority_name": place.authority.name if place.authority else None,
        "authority_url": place.authority.url if place.authority else None,
    }


def group_columns(group: Group) -> Columns:
    """Content of a group, with its source inside it."""
    source = source_columns(group.source)
    return {
        "name": group.name,
        "members": _members(group),
        "note": group.note,
        "source": _as_text(source),
    }


def _members(group: Group) -> list[str | Columns]:
    """The members by code; a dated one as a mapping, so that what is undated is written as it always was."""
    dated = {membership.code: _membership(membership) for membership in group.memberships}
    return [dated.get(code, code) for code in group.members]


def _membership(membership: Membership) -> Columns:
    source, days = membership.source, {"from": membership.period.first, "until": membership.period.last}
    written = {"code": membership.code, **{name: day.isoformat() for name, day in days.items() if day}}
    return {**written, "source": {"key": source.key, **_as_text(source_columns(source))}} if source else written


def _as_text(columns: Columns) -> Columns:
    return {name: None if value is None else str(value) for name, value in columns.items()}


def regime_columns(regime: Regime) -> Columns:
    """Content of a regime itself."""
    return {
        "kind": regime.kind,
        "title": regime.title,
        "parties": list(regime.parties),
        "policy_of": regime.policy_of,
        "authority_name": regime.authority.name if regime.authority else None,
        "authority_url": regime.authority.url if regime.authority else None,
        **verification_columns(regime.verification),
        "note": regime.note,
        "entry": entry_column(regime.entry) if regime.entry else None,
    }


def source_columns(source: Source) -> Columns:
    """Content of a source."""
    return {
        "kind": source.kind,
        "publisher": source.publisher,
        "title": source.title,
        "url": source.url,
        "published_on": str(source.published_on) if source.published_on else None,
        "accessed_on": source.accessed_on,
        "state_on": str(source.state_on) if source.state_on else None,
    }


def event_columns(event: StatusEvent) -> Columns:
    """Content of a status event."""
    return {
        "kind": EntryKind.STATUS_EVENT,
        "status": event.status,
        "milestone": None,
        "party": None,
        **_effective_columns(event.effective),
        "source_key": event.source_key,
        "note": event.note,
        "transition_until": event.transition.until if event.transition else None,
        "transition_text": event.transition.text if event.transition else None,
    }


def milestone_columns(milestone: Milestone) -> Columns:
    """Content of a milestone."""
    return {
        "kind": EntryKind.MILESTONE,
        "status": None,
        "milestone": milestone.name,
        "party": milestone.party,
        **_effective_columns(milestone.effective),
        "source_key": milestone.source_key,
        "note": milestone.note,
        "transition_until": None,
        "transition_text": None,
    }


def rule_columns(rule: Rule, digest: str) -> Columns:
    """Content of a rule, its terms named by their digest."""
    return {
        "passport": rule.passport,
        "destination": rule.destination,
        "passport_group": rule.passport_group,
        "destination_group": rule.destination_group,
        "terms_digest": digest,
    }


def _effective_columns(effective: EffectiveDate) -> Columns:
    return {
        "effective_on": effective.day,
        "effective_at": effective.instant,
        "precision": effective.precision,
        "attested": effective.attested,
    }

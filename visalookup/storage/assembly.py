"""Domain objects from the rows of the ledger: the way back from `records`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from visalookup.domain.documents import DocumentType
from visalookup.domain.errors import StepRefused
from visalookup.domain.lifecycle import Milestone, StatusEvent, Timeline, Transition, build_timeline
from visalookup.domain.moments import EffectiveDate, PartialDate
from visalookup.domain.places import Authority, Group, Place
from visalookup.domain.regimes import Rule, Terms
from visalookup.domain.requirements import Condition, ConditionKind, Purpose, Stay, StayTotal
from visalookup.domain.sources import Source, SourceKind, Verification
from visalookup.storage.models import EntryKind
from visalookup.storage.records import Columns


def place_of(code: str, columns: Columns) -> Place:
    """A place."""
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
        authority=authority_of(columns),
    )


def group_of(code: str, columns: Columns) -> Group:
    """A group, with its source."""
    source = dict(columns["source"])
    source["kind"] = SourceKind(source["kind"])
    source["accessed_on"] = date.fromisoformat(source["accessed_on"]) if source["accessed_on"] else None
    return Group(code, columns["name"], tuple(columns["members"]), source_of("group", source), columns["note"])


def source_of(key: str, columns: Columns) -> Source:
    """A source."""
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


def timeline_of(regime_id: str, entries: list[tuple[str, Columns]]) -> Timeline:
    """The timeline that these entries make; raise StepRefused, naming the regime, for one that cannot be."""
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


def rule_of(identity: tuple[str, ...], columns: Columns, terms: Mapping[str, Terms]) -> Rule:
    """A rule, with the terms its digest names."""
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


def terms_of(columns: Mapping[Any, Any]) -> Terms:
    """Terms."""
    verification = verification_of(columns["verification_level"], columns["verified_on"])
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


def verification_of(level: Any, verified_on: date | None) -> Verification | None:
    """How well something was checked; None where that is not said."""
    return Verification(level, verified_on) if level else None


def authority_of(columns: Columns) -> Authority | None:
    """Whom to ask; None where nobody is named."""
    name, url = columns["authority_name"], columns["authority_url"]
    return Authority(name, url) if name and url else None

"""Domain objects from the rows of the ledger: the way back from `records`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from visalookup.domain.errors import StepRefused
from visalookup.domain.lifecycle import Milestone, StatusEvent, Timeline, Transition, build_timeline
from visalookup.domain.moments import EffectiveDate, PartialDate
from visalookup.domain.periods import Period
from visalookup.domain.places import Authority, Group, Membership, Place
from visalookup.domain.regimes import Rule, Terms
from visalookup.domain.sources import Source, SourceKind
from visalookup.storage.models import EntryKind
from visalookup.storage.terms import Columns


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
    members = [{"code": member} if isinstance(member, str) else member for member in columns["members"]]
    return Group(
        code,
        columns["name"],
        tuple(member["code"] for member in members),
        _source_in_json("group", columns["source"]),
        columns["note"],
        tuple(_membership(member) for member in members if len(member) > 1),
    )


def _membership(member: Columns) -> Membership:
    first, last = (date.fromisoformat(member[name]) if name in member else None for name in ("from", "until"))
    source = _source_in_json(member["source"]["key"], member["source"]) if "source" in member else None
    return Membership(member["code"], Period(first, last), source)


def _source_in_json(key: str, written: Columns) -> Source:
    accessed_on = date.fromisoformat(written["accessed_on"]) if written["accessed_on"] else None
    return source_of(key, {**written, "kind": SourceKind(written["kind"]), "accessed_on": accessed_on})


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


def authority_of(columns: Columns) -> Authority | None:
    """The authority to ask; None where none is named."""
    name, url = columns["authority_name"], columns["authority_url"]
    return Authority(name, url) if name and url else None

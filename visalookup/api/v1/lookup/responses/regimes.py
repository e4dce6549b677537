"""Regimes as JSON, with their timelines and rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from visalookup.api.v1.lookup.responses.places import AuthorityJson, authority_json
from visalookup.api.v1.lookup.responses.sources import SourceJson, VerificationJson, source_json, verification_json
from visalookup.api.v1.lookup.responses.terms import GrantedJson, granted_json
from visalookup.domain.documents import DocumentType
from visalookup.domain.lifecycle import Milestone, Status, StatusEvent, Transition
from visalookup.domain.moments import Precision
from visalookup.domain.periods import Period
from visalookup.domain.regimes import Regime, RegimeKind, Rule
from visalookup.domain.requirements import Purpose, Requirement
from visalookup.domain.timelines import entries_in_order
from visalookup.services.lookup.regimes import RegimeDetail, RegimeList, RegimeSummary

EFFECTIVE = "An instant with its offset, or a day, month or year; a day begins by the destination's clock."
SINCE = f"When it took its last step. {EFFECTIVE}"


class RegimeSummaryJson(TypedDict):
    """A regime in a list."""

    id: str
    title: str
    kind: RegimeKind
    parties: list[str]
    status: Annotated[Status | None, Meta(description="Its status now; null where its first step lies ahead.")]
    status_since: Annotated[str | None, Meta(description=SINCE)]
    href: str


class RegimesJson(TypedDict):
    """Regimes that match."""

    regimes: list[RegimeSummaryJson]
    revision: int


class TransitionJson(TypedDict):
    """A grace period after a withdrawal."""

    until: Annotated[str, Meta(description="Its last day.")]
    text: str
    runs: NotRequired[Annotated[bool, Meta(description="In an answer: whether it runs on the day asked about.")]]


class TimelineEntryJson(TypedDict):
    """A step on a timeline."""

    status: Annotated[Status | None, Meta(description="The status that began; null for a milestone.")]
    milestone: Annotated[str | None, Meta(description="The milestone; null for a status.")]
    party: Annotated[str | None, Meta(description="The party that reached the milestone.")]
    effective: Annotated[str, Meta(description=EFFECTIVE)]
    precision: Precision
    attested: Annotated[bool, Meta(description="Whether it was so on that day already, from a day not known.")]
    transition: TransitionJson | None
    note: str | None
    source: SourceJson


class RuleJson(GrantedJson):
    """A rule of a regime."""

    id: str
    passport: str
    destination: str
    requirement: Requirement
    documents: list[DocumentType]
    purposes: list[Purpose]
    overriding: Annotated[bool, Meta(description="Whether it wins over more favourable rules.")]
    note: str | None
    verification: VerificationJson
    source: SourceJson


class RegimeJson(RegimeSummaryJson):
    """A regime whole."""

    version: int
    note: str | None
    authority: AuthorityJson | None
    timeline: list[TimelineEntryJson]
    sources: list[SourceJson]
    rules: list[RuleJson]


def regimes_json(found: RegimeList) -> RegimesJson:
    """A list of regimes."""
    return {
        "regimes": [summary_json(summary) for summary in found.summaries],
        "revision": found.edition.revision,
    }


def summary_json(summary: RegimeSummary) -> RegimeSummaryJson:
    """A regime as a list shows it."""
    regime, event = summary.regime, summary.event
    return {
        "id": regime.id,
        "title": regime.title,
        "kind": regime.kind,
        "parties": list(regime.parties),
        "status": event.status if event else None,
        "status_since": str(event.effective) if event else None,
        "href": regime_href(regime),
    }


def detail_json(detail: RegimeDetail, today: date) -> RegimeJson:
    """A regime whole, with its timeline, sources and rules."""
    regime = detail.regime
    return {
        **summary_json(RegimeSummary(regime, detail.event)),
        "version": detail.version,
        "note": regime.note,
        "authority": authority_json(regime.authority),
        "timeline": [_timeline_entry(regime, entry) for entry in entries_in_order(regime)],
        "sources": [source_json(source) for source in regime.sources.values()],
        "rules": [_rule(regime, rule, detail.dates(rule), today) for rule in detail.rules],
    }


def transition_json(transition: Transition) -> TransitionJson:
    """A grace period."""
    return {"until": transition.until.isoformat(), "text": transition.text}


def regime_href(regime: Regime) -> str:
    """Where the regime is found."""
    return f"/api/v1/regimes/{regime.id}"


def _timeline_entry(regime: Regime, entry: StatusEvent | Milestone) -> TimelineEntryJson:
    event = entry if isinstance(entry, StatusEvent) else None
    milestone = entry if isinstance(entry, Milestone) else None
    transition = event.transition if event else None
    return {
        "status": event.status if event else None,
        "milestone": milestone.name if milestone else None,
        "party": milestone.party if milestone else None,
        "effective": str(entry.effective),
        "precision": entry.effective.precision,
        "attested": entry.effective.attested,
        "transition": transition_json(transition) if transition else None,
        "note": entry.note,
        "source": source_json(regime.sources[entry.source_key]),
    }


def _rule(regime: Regime, rule: Rule, period: Period, today: date) -> RuleJson:
    terms, source = rule.terms, regime.sources[rule.terms.source_key]
    granted = granted_json(terms, period)
    return {
        "id": rule.key,
        "passport": rule.passport,
        "destination": rule.destination,
        "requirement": terms.requirement,
        "stay": granted["stay"],  # it keeps its place in the order of members
        "documents": list(terms.documents.types),
        "purposes": sorted(terms.purposes),
        **granted,
        "overriding": terms.restricts,
        "note": terms.note,
        "verification": verification_json(terms.verification, source, today),
        "source": source_json(source),
    }

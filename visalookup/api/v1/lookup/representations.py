"""Domain objects as the JSON of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from visalookup.domain.lifecycle import Milestone, StatusEvent
from visalookup.domain.lookup import ActiveRule, Answer, InactiveRule, VerdictAt
from visalookup.domain.moments import format_instant
from visalookup.domain.places import Authority, Place
from visalookup.domain.regimes import Regime, Rule
from visalookup.domain.requirements import Stay
from visalookup.domain.sources import Source, Verification
from visalookup.domain.timelines import entries_in_order
from visalookup.domain.wording.answers import answer_sentence, ended_sentence, needs_visa, pending_sentence
from visalookup.services.changes.list_changes import PolicyChange
from visalookup.services.lookup.answer_question import LookupResult
from visalookup.services.lookup.links import format_on, question_json, question_page
from visalookup.services.lookup.regimes import RegimeDetail, RegimeSummary
from visalookup.services.lookup.view_requirements import View

Json = dict[str, Any]


def lookup_result_json(reply: LookupResult) -> Json:
    """The answer; where several passports are held, the best one with the others behind it."""
    best, *others = (answer_json(answer, reply.as_of, reply.now) for answer in reply.answers)
    return {**best, "other_passports": others} if others else best


def answer_json(answer: Answer, as_of: datetime, now: datetime) -> Json:
    """One answer."""
    question, verdict = answer.question, answer.verdict
    best = verdict.best
    return {
        "answer": verdict.answer,
        "requirement": verdict.requirement,
        "basis": verdict.basis,
        "stay": stay_json(best.rule.terms.stay) if best else None,
        "conditions": _conditions(best.rule) if best else [],
        "sentence": answer_sentence(answer),
        "passport": place_ref(question.passport),
        "destination": place_ref(question.destination),
        "document": question.document,
        "on": format_on(question.on),
        "as_of": format_instant(as_of),
        "revision": answer.edition.revision,
        "regime": _applied_regime(best) if best else None,
        "sources": _answer_sources(answer),
        "verification": _answer_verification(answer, now),
        "note": best.rule.terms.note if best else None,
        "stay_days": question.stay_days,
        "stay_too_short": [_applied(each, now) for each in verdict.too_short],
        "also_applies": [_applied(each, now) for each in verdict.also_applies],
        "pending": [_pending(each, answer) for each in answer.pending],
        "ended": [_ended(each, question.destination) for each in answer.ended],
        "during_day": [_verdict_at(each) for each in answer.during_day],
        "next_change": _verdict_at(answer.next_change) if answer.next_change else None,
        "authority": authority_json(question.destination.authority),
        "links": _links(answer, as_of),
    }


def view_json(view: View) -> Json:
    """A view, row by row."""
    return {
        "place": place_ref(view.place),
        "on": format_on(view.on),
        "as_of": format_instant(view.as_of),
        "revision": view.edition.revision,
        "requirements": [_view_row(answer, view.now) for answer in view.answers],
    }


def _view_row(answer: Answer, now: datetime) -> Json:
    best = answer.verdict.best
    return {
        "passport": place_ref(answer.question.passport),
        "destination": place_ref(answer.question.destination),
        "answer": answer.verdict.answer,
        "requirement": answer.verdict.requirement,
        "basis": answer.verdict.basis,
        "stay": stay_json(best.rule.terms.stay) if best else None,
        "conditions": _conditions(best.rule) if best else [],
        "regime": best.regime.id if best else None,
        "sources": _answer_sources(answer),
        "verification": _answer_verification(answer, now),
        "pending": [each.regime.id for each in answer.pending],
        "href": question_json(answer.question),
    }


def place_ref(place: Place) -> Json:
    """A place by code and name."""
    return {"code": place.code, "name": place.name}


def place_json(place: Place) -> Json:
    """A place whole."""
    return {
        **place_ref(place),
        "kind": place.kind,
        "alpha2": place.alpha2,
        "icao": place.icao,
        "citizens_of": place.citizens_of,
        "aliases": list(place.aliases),
        "timezone": place.timezone,
        "authority": authority_json(place.authority),
        "can_be_entered": place.can_be_entered,
        "issues_documents": place.issues_documents,
    }


def authority_json(authority: Authority | None) -> Json | None:
    """Whom to ask."""
    return {"name": authority.name, "url": authority.url} if authority else None


def stay_json(stay: Stay | None) -> Json | None:
    """How long one may stay; null where the source does not say."""
    if stay is None:
        return None
    total = stay.total
    return {
        "days": stay.days,
        "within_days": stay.within_days,
        "months": stay.months,
        "unlimited": stay.unlimited,
        "total": {
            "days": total.days,
            "within_days": total.within_days,
            "calendar_year": total.calendar_year,
        }
        if total
        else None,
    }


def source_json(source: Source) -> Json:
    """A source."""
    return {
        "kind": source.kind,
        "publisher": source.publisher,
        "title": source.title,
        "url": source.url,
        "published_on": str(source.published_on) if source.published_on else None,
        "accessed_on": _day(source.accessed_on),
        "state_on": str(source.state_on) if source.state_on else None,
    }


def verification_json(verification: Verification, source: Source, today: date) -> Json:
    """How well a rule was checked, and whether that was too long ago."""
    return {
        "level": verification.level,
        "verified_on": _day(verification.verified_on),
        "stale": verification.is_stale(today, source),
    }


def summary_json(summary: RegimeSummary) -> Json:
    """A regime as a list shows it."""
    regime, event = summary.regime, summary.event
    return {
        "id": regime.id,
        "title": regime.title,
        "kind": regime.kind,
        "parties": list(regime.parties),
        "status": event.status if event else None,
        "status_since": str(event.effective) if event else None,
        "href": _regime_href(regime),
    }


def detail_json(detail: RegimeDetail, today: date) -> Json:
    """A regime whole, with its timeline, sources and rules."""
    regime = detail.regime
    return {
        **summary_json(RegimeSummary(regime, detail.event)),
        "version": detail.version,
        "note": regime.note,
        "authority": authority_json(regime.authority),
        "timeline": [_timeline_entry(regime, each) for each in entries_in_order(regime)],
        "sources": [source_json(each) for each in regime.sources.values()],
        "rules": [_rule(regime, each, today) for each in detail.rules],
    }


def change_json(change: PolicyChange) -> Json:
    """A policy change as the feed carries it."""
    step, regime = change.step, change.regime
    sources = [change.regime.sources[change.event.source_key]] if change.event else []
    return {
        "cursor": str(step.cursor),
        "regime": {"id": regime.id, "title": regime.title, "parties": list(regime.parties)},
        "status": step.status,
        "effective": str(step.effective),
        "correction": step.correction,
        "retracted": step.retracted,
        "reason": step.reason,
        "revision": step.revision,
        "recorded_at": format_instant(step.recorded_at),
        "sources": [source_json(each) for each in sources],
        "href": _regime_href(regime),
    }


def _timeline_entry(regime: Regime, entry: StatusEvent | Milestone) -> Json:
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
        "transition": {"until": transition.until.isoformat(), "text": transition.text} if transition else None,
        "note": entry.note,
        "source": source_json(regime.sources[entry.source_key]),
    }


def _rule(regime: Regime, rule: Rule, today: date) -> Json:
    terms = rule.terms
    return {
        "id": rule.key,
        "passport": rule.passport,
        "destination": rule.destination,
        "requirement": terms.requirement,
        "stay": stay_json(terms.stay),
        "documents": list(terms.documents.types),
        "purposes": sorted(terms.purposes),
        "conditions": _conditions(rule),
        "overriding": terms.restricts,
        "note": terms.note,
        "verification": verification_json(terms.verification, regime.sources[terms.source_key], today),
        "source": source_json(regime.sources[terms.source_key]),
    }


def _applied(applied: ActiveRule, now: datetime) -> Json:
    rule = applied.rule
    return {
        "regime": _applied_regime(applied),
        "requirement": rule.terms.requirement,
        "stay": stay_json(rule.terms.stay),
        "conditions": _conditions(rule),
        "note": rule.terms.note,
        "sources": [source_json(each) for each in applied.sources],
        "verification": verification_json(rule.terms.verification, applied.sources[0], now.date()),
    }


def _applied_regime(applied: ActiveRule) -> Json:
    regime = applied.regime
    return {
        "id": regime.id,
        "title": regime.title,
        "kind": regime.kind,
        "status": applied.event.status,
        "in_force_from": str(applied.in_force_from),
        "in_force_from_attested": applied.in_force_from.attested,
    }


def _pending(noted: InactiveRule, answer: Answer) -> Json:
    upcoming = noted.upcoming
    return {
        **_noted(noted),
        "effective_from": str(upcoming.effective) if upcoming and upcoming.status.has_effect else None,
        "sentence": pending_sentence(noted, answer.question.destination, needs_visa=needs_visa(answer)),
    }


def _ended(noted: InactiveRule, destination: Place) -> Json:
    transition = noted.event.transition if noted.event else None
    return {
        **_noted(noted),
        "transition": {
            "until": transition.until.isoformat(),
            "text": transition.text,
            "runs": noted.transition_runs,
        }
        if transition
        else None,
        "sentence": ended_sentence(noted, destination),
    }


def _noted(noted: InactiveRule) -> Json:
    regime, event = noted.regime, noted.event
    steps = [event.source_key] if event else []
    return {
        "regime": {
            "id": regime.id,
            "title": regime.title,
            "kind": regime.kind,
            "status": event.status if event else None,
            "status_since": str(event.effective) if event else None,
        },
        "requirement": noted.rule.terms.requirement,
        "stay": stay_json(noted.rule.terms.stay),
        "conditions": _conditions(noted.rule),
        "sources": _sources(regime, [*steps, noted.rule.terms.source_key]),
    }


def _verdict_at(at: VerdictAt) -> Json:
    best = at.verdict.best
    return {
        "from": format_instant(at.moment),
        "answer": at.verdict.answer,
        "requirement": at.verdict.requirement,
        "stay": stay_json(best.rule.terms.stay) if best else None,
        "regime": best.regime.id if best else None,
    }


def _conditions(rule: Rule) -> list[Json]:
    return [{"kind": each.kind, "text": each.text} for each in rule.terms.conditions]


def _answer_sources(answer: Answer) -> list[Json]:
    return [source_json(each) for each in answer.sources]


def _answer_verification(answer: Answer, now: datetime) -> Json | None:
    verification = answer.verification
    return verification_json(verification, answer.sources[0], now.date()) if verification else None


def _sources(regime: Regime, keys: Iterable[str]) -> list[Json]:
    return [source_json(regime.sources[key]) for key in dict.fromkeys(keys)]


def _links(answer: Answer, as_of: datetime) -> Json:
    best = answer.verdict.best
    return {
        "self": question_json(answer.question, as_of),
        "page": question_page(answer.question),
        "regime": _regime_href(best.regime) if best else None,
    }


def _regime_href(regime: Regime) -> str:
    return f"/api/v1/regimes/{regime.id}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None

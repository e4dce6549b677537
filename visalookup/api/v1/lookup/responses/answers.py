"""Answers as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, NotRequired, TypedDict, cast

from msgspec import Meta

from visalookup.api.v1.lookup.responses.entry import EntryJson, entry_json
from visalookup.api.v1.lookup.responses.places import AuthorityJson, authority_json
from visalookup.api.v1.lookup.responses.regimes import SINCE, TransitionJson, regime_href, transition_json
from visalookup.api.v1.lookup.responses.sources import (
    SourceJson,
    VerificationJson,
    day_json,
    source_json,
    verification_json,
)
from visalookup.api.v1.lookup.responses.terms import (
    GrantedJson,
    StayJson,
    granted_json,
    judged_json,
    nothing_granted_json,
    stay_json,
)
from visalookup.domain.documents import DocumentType
from visalookup.domain.entry_facts import CitedEntry
from visalookup.domain.inactive_rules import InactiveRule
from visalookup.domain.lifecycle import Status
from visalookup.domain.lookup import ActiveRule, Answer, Basis, VerdictAt
from visalookup.domain.moments import format_instant
from visalookup.domain.places import Place
from visalookup.domain.regimes import Regime, RegimeKind
from visalookup.domain.requirements import AnswerKind, Requirement
from visalookup.domain.wording.answers import answer_sentence, ended_sentence, needs_visa, pending_sentence
from visalookup.http.place_refs import PlaceRefJson, place_ref
from visalookup.services.lookup.answer_question import LookupResult
from visalookup.services.lookup.links import format_on, question_json, question_page
from visalookup.services.receipts.give import ReceiptJson


class RegimeInEffectJson(TypedDict):
    """The regime an answer rests on."""

    id: str
    title: str
    kind: RegimeKind
    status: Status
    in_force_from: Annotated[str, Meta(description="Since when it is in effect: an instant, or a day, month or year.")]
    in_force_from_attested: Annotated[
        bool, Meta(description="Whether it was in effect on that day already, from a day not known.")
    ]


class RegimeNotedJson(TypedDict):
    """A regime that is not in effect."""

    id: str
    title: str
    kind: RegimeKind
    status: Annotated[Status | None, Meta(description="Its status; null where its first step lies ahead.")]
    status_since: Annotated[str | None, Meta(description=SINCE)]


class AppliedJson(GrantedJson):
    """A rule in effect besides the one that answers."""

    regime: RegimeInEffectJson
    requirement: Requirement
    note: str | None
    sources: list[SourceJson]
    verification: VerificationJson


class InactiveRuleJson(GrantedJson):
    """A rule that is not in effect."""

    regime: RegimeNotedJson
    requirement: Requirement
    sources: list[SourceJson]


class PendingJson(InactiveRuleJson):
    """What is announced and not law: it changes no answer."""

    effective_from: Annotated[str | None, Meta(description="When it takes effect, where that is known.")]
    sentence: str


class EndedJson(InactiveRuleJson):
    """What no longer applies."""

    transition: TransitionJson | None
    sentence: str


_FromJson = TypedDict("_FromJson", {"from": Annotated[str, Meta(description="The instant from which it holds.")]})


class VerdictAtJson(_FromJson):
    """A verdict and the instant from which it holds."""

    answer: AnswerKind
    requirement: Requirement | None
    stay: StayJson | None
    regime: Annotated[str | None, Meta(description="The id of the regime it rests on.")]


class LinksJson(TypedDict):
    """Where to find it again."""

    self: Annotated[str, Meta(description="This very answer, for as long as the service stands.")]
    page: Annotated[str, Meta(description="The page for people.")]
    regime: str | None


class AnswerJson(GrantedJson):
    """The answer to one question."""

    answer: Annotated[AnswerKind, Meta(description="Whether a visa is needed.")]
    requirement: Annotated[Requirement | None, Meta(description="What is asked; null where no rule answers.")]
    basis: Basis
    sentence: Annotated[str, Meta(description="The answer in words.")]
    passport: PlaceRefJson
    destination: PlaceRefJson
    document: DocumentType
    on: Annotated[str, Meta(description="The day or instant asked about.")]
    as_of: Annotated[str, Meta(description="The instant from whose knowledge it is answered.")]
    revision: Annotated[int, Meta(description="The revision of the data it is answered from.")]
    regime: Annotated[
        RegimeInEffectJson | None, Meta(description="The regime it rests on; null where no rule answers.")
    ]
    sources: Annotated[list[SourceJson], Meta(description="What it rests on; empty where nothing is known.")]
    verification: VerificationJson | None
    note: str | None
    stay_days: Annotated[int | None, Meta(description="The days planned, as sent.")]
    stay_too_short: Annotated[
        list[AppliedJson], Meta(description="Better rules whose stay is shorter than the days planned.")
    ]
    also_applies: Annotated[list[AppliedJson], Meta(description="Other rules in effect.")]
    ruled_out: Annotated[
        list[AppliedJson], Meta(description="Rules in effect of which the question itself shows a condition to fail.")
    ]
    pending: Annotated[list[PendingJson], Meta(description="What is announced and not law.")]
    ended: Annotated[list[EndedJson], Meta(description="What no longer applies.")]
    during_day: Annotated[
        list[VerdictAtJson],
        Meta(description="All verdicts of the day asked about, where a rule changes within it."),
    ]
    next_change: Annotated[VerdictAtJson | None, Meta(description="The next change already known.")]
    authority: Annotated[AuthorityJson | None, Meta(description="Whom to ask at the destination.")]
    entry: Annotated[
        EntryJson | None,
        Meta(
            description="What the destination asks of every visitor; null where nothing is known, at home and under"
            " free movement."
        ),
    ]
    links: LinksJson


class LookupResultJson(AnswerJson):
    """The answer for the passport that fares best, and those for the others held."""

    other_passports: NotRequired[list[AnswerJson]]
    receipt: NotRequired[ReceiptJson]


def lookup_result_json(reply: LookupResult) -> LookupResultJson:
    """The answer; where several passports are held, the best one with the others behind it."""
    pairs = zip(reply.answers, reply.entries, strict=True)
    best, *others = (answer_json(answer, reply.as_of, reply.now, entry) for answer, entry in pairs)
    whole = cast(LookupResultJson, best)  # what it has besides an answer is not required
    return {**whole, "other_passports": others} if others else whole


def answer_json(answer: Answer, as_of: datetime, now: datetime, entry: CitedEntry | None) -> AnswerJson:
    """One answer, with what the destination asks of visitors."""
    question, verdict = answer.question, answer.verdict
    best = verdict.best
    return {
        "answer": verdict.answer,
        "requirement": verdict.requirement,
        "basis": verdict.basis,
        **best_granted_json(best),
        "sentence": answer_sentence(answer),
        "passport": place_ref(question.passport),
        "destination": place_ref(question.destination),
        "document": question.document,
        "on": format_on(question.on),
        "as_of": format_instant(as_of),
        "revision": answer.edition.revision,
        "regime": _regime_in_effect(best) if best else None,
        "sources": answer_sources_json(answer),
        "verification": answer_verification_json(answer, now),
        "note": best.rule.terms.note if best else None,
        "stay_days": question.stay_days,
        "stay_too_short": [_applied(applied, question.day, now) for applied in verdict.too_short],
        "also_applies": [_applied(applied, question.day, now) for applied in verdict.also_applies],
        "ruled_out": [_applied(applied, question.day, now) for applied in verdict.ruled_out],
        "pending": [_pending(inactive, answer) for inactive in answer.pending],
        "ended": [_ended(inactive, question.destination) for inactive in answer.ended],
        "during_day": [_verdict_at(at) for at in answer.during_day],
        "next_change": _verdict_at(answer.next_change) if answer.next_change else None,
        "authority": authority_json(question.destination.authority),
        "entry": entry_json(entry, now.date()) if entry else None,
        "links": _links(answer, as_of),
    }


def best_granted_json(best: ActiveRule | None) -> GrantedJson:
    """What the rule that answers gives."""
    return _granted(best) if best else nothing_granted_json()


def _granted(active: ActiveRule) -> GrantedJson:
    return judged_json(granted_json(active.rule.terms, active.dates), active.judgements)


def answer_sources_json(answer: Answer) -> list[SourceJson]:
    """What an answer rests on."""
    return [source_json(source) for source in answer.sources]


def answer_verification_json(answer: Answer, now: datetime) -> VerificationJson | None:
    """How well that was checked."""
    verification = answer.verification
    if verification is None:
        return None
    checked = verification_json(verification, answer.sources[0], now.date())
    return {**checked, "covers_day": answer.covers_day}


def _applied(applied: ActiveRule, day: date, now: datetime) -> AppliedJson:
    terms, source = applied.rule.terms, applied.sources[0]
    checked = verification_json(applied.verification_on(day), source, now.date())
    return {
        "regime": _regime_in_effect(applied),
        "requirement": terms.requirement,
        **_granted(applied),
        "note": terms.note,
        "sources": [source_json(source) for source in applied.sources],
        "verification": {**checked, "covers_day": applied.covers(day)},
    }


def _regime_in_effect(applied: ActiveRule) -> RegimeInEffectJson:
    regime = applied.regime
    return {
        "id": regime.id,
        "title": regime.title,
        "kind": regime.kind,
        "status": applied.event.status,
        "in_force_from": str(applied.in_force_from),
        "in_force_from_attested": applied.in_force_from.attested,
    }


def _pending(inactive: InactiveRule, answer: Answer) -> PendingJson:
    upcoming = inactive.upcoming
    step = str(upcoming.effective) if upcoming and upcoming.status.has_effect else None
    return {
        **_inactive_rule(inactive),
        "effective_from": day_json(inactive.starts_on) or step,
        "sentence": pending_sentence(inactive, answer.question.destination, needs_visa=needs_visa(answer)),
    }


def _ended(inactive: InactiveRule, destination: Place) -> EndedJson:
    transition = inactive.event.transition if inactive.event and inactive.ended_on is None else None
    return {
        **_inactive_rule(inactive),
        "transition": {**transition_json(transition), "runs": inactive.transition_runs} if transition else None,
        "sentence": ended_sentence(inactive, destination),
    }


def _inactive_rule(inactive: InactiveRule) -> InactiveRuleJson:
    regime, event, terms = inactive.regime, inactive.event, inactive.rule.terms
    steps = [event.source_key] if event else []
    return {
        "regime": {
            "id": regime.id,
            "title": regime.title,
            "kind": regime.kind,
            "status": event.status if event else None,
            "status_since": str(event.effective) if event else None,
        },
        "requirement": terms.requirement,
        **granted_json(terms, inactive.period),
        "sources": _sources(regime, [*steps, terms.source_key]),
    }


def _verdict_at(at: VerdictAt) -> VerdictAtJson:
    best = at.verdict.best
    return {
        "from": format_instant(at.moment),
        "answer": at.verdict.answer,
        "requirement": at.verdict.requirement,
        "stay": stay_json(best.rule.terms.stay) if best else None,
        "regime": best.regime.id if best else None,
    }


def _sources(regime: Regime, keys: Iterable[str]) -> list[SourceJson]:
    return [source_json(regime.sources[key]) for key in dict.fromkeys(keys)]


def _links(answer: Answer, as_of: datetime) -> LinksJson:
    best = answer.verdict.best
    return {
        "self": question_json(answer.question, as_of),
        "page": question_page(answer.question),
        "regime": regime_href(best.regime) if best else None,
    }

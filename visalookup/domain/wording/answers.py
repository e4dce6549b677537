"""Answers as English sentences: the answer first, then how and for how long."""

from __future__ import annotations

from datetime import datetime

from visalookup.domain.circumstances import Judgement, Transit
from visalookup.domain.date_phrases import describe_day, describe_effective, describe_instant, describe_when
from visalookup.domain.documents import document_phrase
from visalookup.domain.identity_cards import is_identity_card
from visalookup.domain.inactive_rules import InactiveRule
from visalookup.domain.lifecycle import Status
from visalookup.domain.lookup import ActiveRule, Answer, Basis, Question, Verdict
from visalookup.domain.places import Place, PlaceKind
from visalookup.domain.regimes import RegimeKind
from visalookup.domain.requirements import AnswerKind, Requirement, Stay, StayTotal
from visalookup.domain.sources import VerificationLevel
from visalookup.domain.wording.requirements import words_of

_INSTRUMENTS = {
    RegimeKind.BILATERAL_AGREEMENT: "An agreement",
    RegimeKind.MULTILATERAL_AGREEMENT: "An agreement",
    RegimeKind.UNILATERAL_DECISION: "A decision",
    RegimeKind.DOMESTIC_LAW: "A law",
}


_KIND_LABELS = {
    RegimeKind.BILATERAL_AGREEMENT: "Between two parties",
    RegimeKind.MULTILATERAL_AGREEMENT: "Between several parties",
    RegimeKind.UNILATERAL_DECISION: "Decision of one party",
    RegimeKind.DOMESTIC_LAW: "Law of the destination",
}


def kind_label(kind: RegimeKind) -> str:
    """What a regime is, as a page shows it: a memorandum must not read as an agreement."""
    return _KIND_LABELS[kind]


def status_label(status: Status) -> str:
    """The status as a page shows it."""
    return status.replace("_", " ").capitalize()


def answer_sentence(answer: Answer) -> str:
    """The whole answer in a sentence or two."""
    question, verdict = answer.question, answer.verdict
    if verdict.basis is Basis.OWN_COUNTRY:
        country = question.destination.in_sentence
        return f"No. A citizen of {country} needs no visa to enter {country}, their own country."
    sentence = _applied_sentence(answer) if verdict.best else _unknown_sentence(answer)
    return f"{sentence}{_transit_sentence(question)}{_too_short_sentence(answer)}{_ruled_out_sentence(answer)}"


def _applied_sentence(answer: Answer) -> str:
    best = answer.verdict.best
    assert best is not None  # noqa: S101 - the caller has looked
    terms = best.rule.terms
    return words_of(terms.requirement).sentence.format(
        holder=_holder(answer.question),
        place=answer.question.destination.in_sentence,
        stay=_for_stay(terms.stay),
        instead=f" Travel with {terms.use_instead}." if terms.use_instead else "",
    )


def _unknown_sentence(answer: Answer) -> str:
    question = answer.question
    if answer.verdict.too_short:
        return (
            f"We do not know. No rule we hold covers {question.stay_days} days"
            f" in {question.destination.in_sentence} {_lower_first(_holder(question))}."
        )
    if is_identity_card(question.passport, question.document):
        return (
            f"We do not know. We hold no source that says that {question.destination.in_sentence} accepts"
            f" {document_phrase(question.document)} of {question.passport.in_sentence}; travel with a passport."
        )
    return (
        f"We do not know. We hold no source on entry to {question.destination.in_sentence}"
        f" {_lower_first(_holder(question))} on {describe_on(question)}."
    )


def _too_short_sentence(answer: Answer) -> str:
    shorter, days = answer.verdict.too_short, answer.question.stay_days
    if not shorter:
        return ""
    best = shorter[0].rule.terms
    return (
        f" The {words_of(best.requirement).noun} that would otherwise apply is{_for_stay(best.stay)},"
        f" not for the {days} days you plan."
    )


def _ruled_out_sentence(answer: Answer) -> str:
    """Which better rule is closed to this traveller, and by which condition."""
    better = [active for active in answer.verdict.ruled_out if _is_better(active, answer.verdict)]
    if not better:
        return ""
    closed = better[0]
    terms = closed.rule.terms
    failed = [
        condition.text
        for condition, judgement in zip(terms.conditions, closed.judgements, strict=True)
        if judgement is Judgement.FAILED
    ]
    noun = words_of(terms.requirement).noun
    return f" {noun[0].upper()}{noun[1:]} is not open to you, for it asks: {' '.join(failed)}"


def _is_better(active: ActiveRule, verdict: Verdict) -> bool:
    return verdict.best is None or active.rule.terms.preference < verdict.best.rule.terms.preference


def _transit_sentence(question: Question) -> str:
    return _TRANSITS[question.stated.transit] if question.stated.transit else ""


_TRANSITS = {
    Transit.AIRSIDE: " This is about changing planes without passing through the border.",
    Transit.LANDSIDE: " This is about passing through the border on the way elsewhere.",
}


def _holder(question: Question) -> str:
    passport = question.passport
    if passport.kind is PlaceKind.DOCUMENT:
        return f"With the travel document “{passport.name}” ({passport.code})"
    return f"With {document_phrase(question.document)} of {passport.in_sentence}"


def _for_stay(stay: Stay | None) -> str:
    described = describe_stay(stay)
    return f" for a stay of {described}" if described else ""


def describe_stay(stay: Stay | None) -> str:
    """The stay in words, such as "up to 30 days per visit, 90 days in any 180"; empty where not stated."""
    if stay is None:
        return ""
    if stay.unlimited:
        return "any length"
    if stay.months is not None:
        length = f"up to {_count(stay.months, 'month')}"
    elif stay.within_days is not None:
        return f"up to {_count(stay.days or 0, 'day')} in any {stay.within_days}"
    else:
        length = f"up to {_count(stay.days or 0, 'day')}"
    return f"{length} per visit, {_total(stay.total)}" if stay.total else length


def _total(total: StayTotal) -> str:
    period = "a calendar year" if total.calendar_year else f"any {total.within_days}"
    return f"{_count(total.days, 'day')} in {period}"


def pending_sentence(noted: InactiveRule, destination: Place, *, needs_visa: bool = True) -> str:
    """What is announced, that it does not apply, and from when it will where that is known.

    `needs_visa` says whether the traveller needs one today, and so could be misled into going without.
    """
    noun = _noun(noted)
    ahead = _ahead(noted, destination)
    step = noted.event or noted.upcoming
    assert step is not None  # noqa: S101 - what is pending has a step behind or ahead of it
    if step.status.has_effect:
        return f"{noun[0].upper()}{noun[1:]} is decided{ahead}. Until then it does not apply."
    when = describe_when(step.effective, destination)
    subject = (
        "A memorandum of intent" if step.status is Status.MEMORANDUM_OF_INTENT else _INSTRUMENTS[noted.regime.kind]
    )
    signed = "was signed" if noted.event else "is dated for signature"
    spares_visa = noted.rule.terms.requirement.rank <= Requirement.ETA.rank
    advice = "do not travel without a visa because of it" if needs_visa and spares_visa else "it changes nothing yet"
    return f"{subject} on {noun} {signed} {when}{ahead}. It is not in force: {advice}."


def day_not_covered_sentence(answer: Answer) -> str:
    """That what was read is of a later day than the one asked about; empty where it speaks of it, or was never read."""
    best = answer.verdict.best
    if best is None or answer.covers_day or best.rule.terms.verification.level is VerificationLevel.UNVERIFIED:
        return ""
    day = describe_day(answer.question.day)
    return f"The text we read is later than {day} and does not say since when it holds, so what held then is not known."


def needs_visa(answer: Answer) -> bool:
    """Whether the traveller needs a visa today, or may for all we know; none helps a document that is not accepted."""
    return answer.verdict.answer not in (AnswerKind.NO, AnswerKind.DOCUMENT_NOT_ACCEPTED)


def ended_sentence(noted: InactiveRule, destination: Place) -> str:
    """What no longer applies, since when, and whether a transition still runs."""
    assert noted.event is not None  # noqa: S101 - only a step taken ends a regime
    noun = _noun(noted)
    if noted.ended_on is not None:
        return f"{noun[0].upper()}{noun[1:]} under “{noted.regime.title}” held until {describe_day(noted.ended_on)}."
    when = describe_when(noted.event.effective, destination)
    outcome = {
        Status.WITHDRAWN: f"was withdrawn {when} and never came into force",
        Status.SUSPENDED: f"has been suspended since {describe_effective(noted.event.effective, destination)}",
    }.get(noted.event.status, f"ended {when}")
    sentence = f"{noun[0].upper()}{noun[1:]} under “{noted.regime.title}” {outcome}."
    transition = noted.event.transition
    if transition is not None and noted.transition_runs:
        return f"{sentence} Until {describe_day(transition.until)}: {transition.text}"
    return sentence


def _noun(noted: InactiveRule) -> str:
    """What it gives; with the stay where its own dates decide, for the same may be given for another stay today."""
    terms = noted.rule.terms
    noun = words_of(terms.requirement).noun
    return f"{noun}{_for_stay(terms.stay)}" if noted.starts_on or noted.ended_on else noun


def _ahead(noted: InactiveRule, destination: Place) -> str:
    upcoming = noted.upcoming
    if noted.starts_on is not None:
        return f" and takes effect on {describe_day(noted.starts_on)}"
    if upcoming is None or not upcoming.status.has_effect:
        return ""
    return f" and takes effect {describe_when(upcoming.effective, destination)}"


def describe_on(question: Question) -> str:
    """The day or moment asked about, in words."""
    if isinstance(question.on, datetime):
        return describe_instant(question.on, question.destination)
    return describe_day(question.on)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _lower_first(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"

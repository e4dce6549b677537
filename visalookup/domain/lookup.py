"""The lookup: which rule answers "do I need a visa from X to Y?" at a moment of law.

The rules whose regime is in effect compete. A restriction wins; otherwise the most favourable does, the longer
stay first. Where nothing is known the answer is `unknown`: never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from visalookup.domain.circumstances import NOTHING_STATED, Circumstances, Judgement
from visalookup.domain.documents import DocumentType
from visalookup.domain.identity_cards import is_identity_card, rules_that_know_of_a_card
from visalookup.domain.judging import JudgedTerms, concerns, judge_terms
from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.moments import EffectiveDate, day_bounds
from visalookup.domain.own_country import RIGHT_TO_ENTER, RIGHT_TO_ENTER_VERIFIED
from visalookup.domain.places import Place, PlaceKind, is_own_country
from visalookup.domain.regimes import Regime, Rule
from visalookup.domain.requirements import AnswerKind, Requirement, answer_kind
from visalookup.domain.rulebook import Edition, Rulebook
from visalookup.domain.sources import Source, Verification


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `on` is a day at the destination, or an instant; `stated` is what is said of the traveller."""

    passport: Place
    destination: Place
    on: date | datetime
    document: DocumentType = DocumentType.ORDINARY
    stay_days: int | None = None
    stated: Circumstances = NOTHING_STATED


class Basis(StrEnum):
    """What an answer rests on."""

    RULE = "rule"
    OWN_COUNTRY = "own_country"
    NOTHING_KNOWN = "nothing_known"


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule whose regime is in effect, the step that put it there, and since when.

    `judged` says what the question shows of its conditions; None where it states nothing to judge by.
    """

    rule: Rule
    regime: Regime
    event: StatusEvent
    in_force_from: EffectiveDate
    judged: JudgedTerms | None = None

    @property
    def is_for_some(self) -> bool:
        """Whether it is for some travellers only, and nothing shows that this one is among them."""
        return self.rule.terms.narrows if self.judged is None else self.judged.is_for_some

    @property
    def is_ruled_out(self) -> bool:
        """Whether the question itself shows that a condition is not met."""
        return self.judged is not None and self.judged.is_ruled_out

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """What the question shows of each condition, in their order."""
        if self.judged is not None:
            return self.judged.judgements
        return (Judgement.UNKNOWN,) * len(self.rule.terms.conditions)

    @property
    def sources(self) -> tuple[Source, ...]:
        """What it rests on: the source of the rule, and that of the step that put it in force.

        Where that step is merely attested, its source says nothing of this rule and is left out.
        """
        keys = [self.rule.terms.source_key]
        if not self.event.effective.attested:
            keys.append(self.event.source_key)
        return tuple(self.regime.sources[key] for key in dict.fromkeys(keys))


@dataclass(frozen=True, slots=True)
class InactiveRule:
    """A rule whose regime is not in effect: pending or ended.

    `event` is the last step taken, None where the first lies ahead; `upcoming` is the first step with effect
    already known, or else the next one.
    """

    rule: Rule
    regime: Regime
    event: StatusEvent | None
    upcoming: StatusEvent | None
    transition_runs: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome at one moment.

    `too_short` holds better rules whose stay is shorter than the visit planned, `ruled_out` those of which the question
    itself shows that the traveller does not meet a condition.
    """

    basis: Basis
    best: ActiveRule | None = None
    also_applies: tuple[ActiveRule, ...] = ()
    too_short: tuple[ActiveRule, ...] = ()
    ruled_out: tuple[ActiveRule, ...] = ()

    @property
    def requirement(self) -> Requirement | None:
        """What is asked of the traveller; None where no rule answers."""
        return self.best.rule.terms.requirement if self.best else None

    @property
    def answer(self) -> AnswerKind:
        """The short answer."""
        if self.best is not None:
            return answer_kind(self.best.rule.terms.requirement)
        return AnswerKind.NO if self.basis is Basis.OWN_COUNTRY else AnswerKind.UNKNOWN

    @property
    def strictness(self) -> tuple[int, float]:
        """Larger is stricter; not knowing is stricter than a visa, and milder than no admission."""
        if self.best is not None:
            return self.best.rule.terms.preference
        return (-1, 0.0) if self.basis is Basis.OWN_COUNTRY else (Requirement.VISA_REQUIRED.rank, 1.0)


@dataclass(frozen=True, slots=True)
class VerdictAt:
    """A verdict and the moment from which it holds."""

    moment: datetime
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with all that surrounds it.

    Where a rule changes within the day asked about, the verdict is the strictest of that day and `during_day`
    lists all of them. `next_change` is the next moment already known at which the verdict changes.
    """

    question: Question
    edition: Edition
    verdict: Verdict
    pending: tuple[InactiveRule, ...] = ()
    ended: tuple[InactiveRule, ...] = ()
    during_day: tuple[VerdictAt, ...] = ()
    next_change: VerdictAt | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """What the answer rests on; empty where nothing is known."""
        if self.verdict.basis is Basis.OWN_COUNTRY:
            return (RIGHT_TO_ENTER,)
        return self.verdict.best.sources if self.verdict.best else ()

    @property
    def verification(self) -> Verification | None:
        """How well that was checked; None where nothing is known."""
        if self.verdict.basis is Basis.OWN_COUNTRY:
            return RIGHT_TO_ENTER_VERIFIED
        return self.verdict.best.rule.terms.verification if self.verdict.best else None

    @property
    def order(self) -> tuple[tuple[int, float], str]:
        """By which answers for several passports are ranked, the best first."""
        return self.verdict.strictness, self.question.passport.code


def look_up(rulebook: Rulebook, question: Question) -> Answer:
    """Answer one question from one edition of the rulebook."""
    if _is_at_home(question):
        return Answer(question, rulebook.edition, _AT_HOME)
    return _case(rulebook, question).answer()


def judge(rulebook: Rulebook, question: Question) -> Verdict:
    """The verdict that look_up gives, without all that surrounds it: for many questions at once."""
    if _is_at_home(question):
        return _AT_HOME
    return _strictest(_case(rulebook, question).segments()).verdict


def look_up_all(rulebook: Rulebook, questions: Iterable[Question]) -> list[Answer]:
    """Answer for each passport held, the best first."""
    return sorted((look_up(rulebook, question) for question in questions), key=lambda answer: answer.order)


def bearing_rules(rulebook: Rulebook, question: Question) -> tuple[Rule, ...]:
    """The rules that could bear on a question, in effect or not."""
    return tuple(_case(rulebook, question).candidates)


def moments_of_change(rulebook: Rulebook, question: Question) -> set[datetime]:
    """Every moment at which a regime that could bear on a question takes a step, past or ahead of its day."""
    zone = question.destination.zone
    regimes = {rule.regime_id for rule in bearing_rules(rulebook, question)}
    timelines = (rulebook.regimes[regime_id].timeline for regime_id in regimes)
    return {event.effective.moment(zone) for timeline in timelines for event in timeline.events}


def outcome(verdict: Verdict) -> tuple[object, ...]:
    """What a traveller would notice: the requirement, the stay, the conditions, and what to use instead."""
    terms = verdict.best.rule.terms if verdict.best else None
    return (verdict.basis, terms and (terms.requirement, terms.stay, terms.conditions, terms.use_instead))


def _is_at_home(question: Question) -> bool:
    return is_own_country(question.passport, question.destination, question.document)


_AT_HOME = Verdict(Basis.OWN_COUNTRY)


def _case(rulebook: Rulebook, question: Question) -> _Case:
    rules = rulebook.rules(question.passport.code, question.destination.code)
    candidates = [rule for rule in rules if _is_for(rule, question)]
    if is_identity_card(question.passport, question.document):
        candidates = rules_that_know_of_a_card(candidates)
    return _Case(rulebook, question, candidates)


def _is_for(rule: Rule, question: Question) -> bool:
    """Whether a rule is for the document asked about.

    A travel document that is not a citizen's passport (ICAO code XXA, GBN, ...) is its own kind of document, so
    the document type is not asked of it; but a list for everybody reaches it only if it is for every document.
    """
    if not concerns(rule.terms, question.stated.transit):
        return False
    documents = rule.terms.documents
    if question.passport.kind is not PlaceKind.DOCUMENT:
        return question.document in documents
    return rule.passport_group is None or documents.is_every


_Belongs = Callable[[StatusEvent | None, StatusEvent | None], bool]
"""A test on the last step a regime took and the next one known."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One question with the rules that could bear on it."""

    rulebook: Rulebook
    question: Question
    candidates: Sequence[Rule]

    def answer(self) -> Answer:
        segments = self.segments()
        strictest = _strictest(segments)
        return Answer(
            self.question,
            self.rulebook.edition,
            strictest.verdict,
            pending=self.pending(strictest.moment),
            ended=self.ended(strictest.moment),
            during_day=tuple(segments) if _differ(segments) else (),
            next_change=self.next_change(segments[-1]),
        )

    def segments(self) -> list[VerdictAt]:
        return [VerdictAt(moment, self.verdict(moment)) for moment in self.moments()]

    def moments(self) -> list[datetime]:
        """The moments at which the day asked about must be judged: its start, and each step within it."""
        on = self.question.on
        if isinstance(on, datetime):
            return [on]
        start, end = day_bounds(on, self.zone)
        return [start, *(moment for moment in self.steps_after(start) if moment < end)]

    def steps_after(self, moment: datetime) -> list[datetime]:
        return sorted({ahead for ahead, _ in self.steps_ahead(moment)})

    def steps_ahead(self, moment: datetime) -> Iterator[tuple[datetime, StatusEvent]]:
        regimes = {rule.regime_id: self.regime(rule) for rule in self.candidates}.values()
        for regime in regimes:
            for event in regime.timeline.upcoming(moment, self.zone):
                yield event.effective.moment(self.zone), event

    def verdict(self, moment: datetime) -> Verdict:
        applied = [found for rule in self.candidates if (found := self.applied(rule, moment))]
        if self.question.stated is NOTHING_STATED:
            return self.decided(applied)
        ruled_out = [active for active in applied if active.is_ruled_out]
        verdict = self.decided([active for active in applied if not active.is_ruled_out])
        return replace(verdict, ruled_out=tuple(sorted(ruled_out, key=_preference)))

    def decided(self, applied: list[ActiveRule]) -> Verdict:
        plain = [active for active in applied if not active.is_for_some]
        restricting = [active for active in plain if active.rule.terms.restricts]
        if restricting:
            return self.restricted(applied, max(restricting, key=_preference))
        return self.most_favourable(applied, sorted(plain, key=_preference))

    def restricted(self, applied: list[ActiveRule], strictest: ActiveRule) -> Verdict:
        """The strictest restriction, and the exceptions from it; unknown for a visit longer than it allows."""
        narrow = (active for active in applied if active.rule.terms.narrows and active is not strictest)
        exceptions = tuple(sorted(narrow, key=_preference))
        if strictest.rule.terms.covers(self.question.stay_days):
            return Verdict(Basis.RULE, strictest, exceptions)
        return Verdict(Basis.NOTHING_KNOWN, None, exceptions, (strictest,))

    def most_favourable(self, applied: list[ActiveRule], plain: list[ActiveRule]) -> Verdict:
        fitting = [active for active in plain if active.rule.terms.covers(self.question.stay_days)]
        best = fitting[0] if fitting else None
        too_short = tuple(plain[: plain.index(best)] if best else plain)
        also = (active for active in sorted(applied, key=_preference) if active is not best and _is_choice(active))
        return Verdict(Basis.RULE if best else Basis.NOTHING_KNOWN, best, tuple(also), too_short)

    def applied(self, rule: Rule, moment: datetime) -> ActiveRule | None:
        timeline = self.regime(rule).timeline
        event = timeline.event_at(moment, self.zone)
        since = timeline.in_force_since(moment, self.zone)
        if event is None or since is None:
            return None
        return ActiveRule(rule, self.regime(rule), event, since, self.judged(rule))

    def judged(self, rule: Rule) -> JudgedTerms | None:
        stated = self.question.stated
        return None if stated is NOTHING_STATED else judge_terms(rule.terms, stated, self.rulebook.places)

    def pending(self, moment: datetime) -> tuple[InactiveRule, ...]:
        return self.noted(moment, _is_pending)

    def ended(self, moment: datetime) -> tuple[InactiveRule, ...]:
        return self.noted(moment, _is_ended)

    def noted(self, moment: datetime, belongs: _Belongs) -> tuple[InactiveRule, ...]:
        """One entry for each regime that belongs, with its best rule for this pair, the latest step first."""
        found: dict[str, InactiveRule] = {}
        for rule in sorted(self.candidates, key=lambda candidate: candidate.terms.preference):
            timeline = self.regime(rule).timeline
            event = timeline.event_at(moment, self.zone)
            upcoming = _telling(timeline.upcoming(moment, self.zone))
            if rule.regime_id not in found and belongs(event, upcoming):
                runs = event is not None and self.transition_runs(event, moment)
                found[rule.regime_id] = InactiveRule(rule, self.regime(rule), event, upcoming, runs)
        return tuple(sorted(found.values(), key=self.latest_first))

    def latest_first(self, noted: InactiveRule) -> tuple[float, str]:
        step = noted.event or noted.upcoming
        assert step is not None  # noqa: S101 - a noted regime has a step behind or ahead of it
        return -step.effective.moment(self.zone).timestamp(), noted.regime.id

    def transition_runs(self, event: StatusEvent, moment: datetime) -> bool:
        if event.transition is None:
            return False
        _, end = day_bounds(event.transition.until, self.zone)
        return moment < end

    def next_change(self, last: VerdictAt) -> VerdictAt | None:
        """The first later moment whose verdict differs, looking no further than the steps already known.

        The first day of which something is attested is no change of law, so it is passed over.
        """
        attested = {moment for moment, step in self.steps_ahead(last.moment) if step.effective.attested}
        for moment in self.steps_after(last.moment):
            later = VerdictAt(moment, self.verdict(moment))
            if _differ([last, later]):
                return None if moment in attested else later
        return None

    def regime(self, rule: Rule) -> Regime:
        return self.rulebook.regimes[rule.regime_id]

    @property
    def zone(self) -> ZoneInfo:
        return self.question.destination.zone


def _strictest(segments: Sequence[VerdictAt]) -> VerdictAt:
    return max(segments, key=lambda segment: segment.verdict.strictness)


def _telling(ahead: Sequence[StatusEvent]) -> StatusEvent | None:
    """Of the steps ahead the first that has effect, for that is what people wait for; else the next one."""
    with_effect = (event for event in ahead if event.status.has_effect)
    return next(with_effect, ahead[0] if ahead else None)


def _is_pending(event: StatusEvent | None, upcoming: StatusEvent | None) -> bool:
    """Announced and not law, or wholly ahead; what is merely attested from a later day is neither."""
    if event is None:
        return upcoming is not None and not upcoming.effective.attested
    return event.status.is_pending


def _is_ended(event: StatusEvent | None, _upcoming: StatusEvent | None) -> bool:
    return event is not None and not event.status.is_pending and not event.status.has_effect


def _preference(applied: ActiveRule) -> tuple[tuple[int, float], str, str]:
    rule = applied.rule
    return rule.terms.preference, rule.regime_id, rule.key


def _is_choice(applied: ActiveRule) -> bool:
    """Whether it is news to the traveller: that one may apply for a visa goes without saying."""
    return applied.rule.terms.requirement is not Requirement.VISA_REQUIRED or applied.is_for_some


def _differ(segments: Sequence[VerdictAt]) -> bool:
    return len({outcome(segment.verdict) for segment in segments}) > 1

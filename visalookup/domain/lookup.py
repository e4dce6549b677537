"""The lookup: which rule answers "do I need a visa from X to Y?" at a moment of law.

The rules whose regime is in effect compete. A restriction wins; otherwise the most favourable does, the longer
stay first. Where nothing is known the answer is `unknown`: never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from visalookup.domain.applicability import RuleId, covers_day, dates_worth_saying, rule_id, verification_on
from visalookup.domain.circumstances import NOTHING_STATED, Circumstances, Judgement
from visalookup.domain.documents import DocumentType
from visalookup.domain.identity_cards import is_identity_card, rules_that_know_of_a_card
from visalookup.domain.inactive_rules import InactiveRule, RulesBeside
from visalookup.domain.judging import JudgedTerms, concerns, judge_terms
from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.moments import EffectiveDate, day_bounds
from visalookup.domain.own_country import RIGHT_TO_ENTER, RIGHT_TO_ENTER_VERIFIED
from visalookup.domain.periods import ALWAYS, Period, Phase
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

    @property
    def day(self) -> date:
        """The day at the destination that it is about."""
        return self.on.astimezone(self.destination.zone).date() if isinstance(self.on, datetime) else self.on


class Basis(StrEnum):
    """What an answer rests on."""

    RULE = "rule"
    OWN_COUNTRY = "own_country"
    NOTHING_KNOWN = "nothing_known"


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule whose regime is in effect, the step that put it there, and since when.

    `judged` says what the question shows of its conditions; None where it states nothing to judge by.
    `period` is when the rule itself holds within that, by the dates of its list and of the groups that reach it.
    """

    rule: Rule
    regime: Regime
    event: StatusEvent
    in_force_from: EffectiveDate
    judged: JudgedTerms | None = None
    period: Period = ALWAYS

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

    @property
    def dates(self) -> Period:
        """The dates of the rule within the time its regime has been in effect."""
        return dates_worth_saying(self.rule, self.period, self.in_force_from)

    def covers(self, day: date) -> bool:
        """Whether what was read says that it held on that day."""
        return covers_day(self.rule, self.regime, self.in_force_from, day)

    def verification_on(self, day: date) -> Verification:
        """How well it was checked that it held on that day."""
        return verification_on(self.rule.terms, covered=self.covers(day))


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
        return self.verdict.best.verification_on(self.question.day) if self.verdict.best else None

    @property
    def covers_day(self) -> bool:
        """Whether what was read says that it held on the day asked about."""
        if self.verdict.best is None:
            return self.verdict.basis is Basis.OWN_COUNTRY
        return self.verdict.best.covers(self.question.day)

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
    """Every moment at which what could bear on a question begins, ends or takes a step, past or ahead of its day."""
    zone, case = question.destination.zone, _case(rulebook, question)
    regimes = {rule.regime_id for rule in case.candidates}
    timelines = (rulebook.regimes[regime_id].timeline for regime_id in regimes)
    steps = {event.effective.moment(zone) for timeline in timelines for event in timeline.events}
    return steps | case.boundaries()


def outcome(verdict: Verdict) -> tuple[object, ...]:
    """What a traveller would notice: the requirement, the stay, the conditions, and what to use instead."""
    terms = verdict.best.rule.terms if verdict.best else None
    return (verdict.basis, terms and (terms.requirement, terms.stay, terms.conditions, terms.use_instead))


def _is_at_home(question: Question) -> bool:
    return is_own_country(question.passport, question.destination, question.document)


_AT_HOME = Verdict(Basis.OWN_COUNTRY)
_NO_PERIODS: Mapping[RuleId, Period] = {}


def _case(rulebook: Rulebook, question: Question) -> _Case:
    pair = question.passport.code, question.destination.code
    candidates = [rule for rule in rulebook.rules(*pair) if _is_for(rule, question)]
    if is_identity_card(question.passport, question.document):
        candidates = rules_that_know_of_a_card(candidates)
    return _Case(rulebook, question, candidates, rulebook.periods.get(pair, _NO_PERIODS))


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


@dataclass(frozen=True, slots=True)
class _Case:
    """One question with the rules that could bear on it, and the periods of the rules for its pair that have one."""

    rulebook: Rulebook
    question: Question
    candidates: Sequence[Rule]
    periods: Mapping[RuleId, Period]

    def answer(self) -> Answer:
        segments = self.segments()
        strictest = _strictest(segments)
        pending, ended = self.beside(strictest).noted()
        return Answer(
            self.question,
            self.rulebook.edition,
            strictest.verdict,
            pending=pending,
            ended=ended,
            during_day=tuple(segments) if _differ(segments) else (),
            next_change=self.next_change(segments[-1]),
        )

    def beside(self, at: VerdictAt) -> RulesBeside:
        answering = at.verdict.best.rule if at.verdict.best else None
        return RulesBeside(self.rulebook.regimes, self.candidates, self.periods, self.zone, at.moment, answering)

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
        steps = {ahead for ahead, _ in self.steps_ahead(moment)}
        if self.periods:
            steps.update(boundary for boundary in self.boundaries() if boundary > moment)
        return sorted(steps)

    def boundaries(self) -> set[datetime]:
        """The moments at which a rule begins or ends by its own dates."""
        periods = (self.period(rule) for rule in self.candidates) if self.periods else ()
        return {moment for period in periods for moment in period.moments(self.zone)}

    def period(self, rule: Rule) -> Period:
        return self.periods.get(rule_id(rule), ALWAYS)

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
        regime, zone = self.regime(rule), self.zone
        event = regime.timeline.event_at(moment, zone)
        since = regime.timeline.in_force_since(moment, zone)
        if event is None or since is None:
            return None
        period = self.period(rule) if self.periods else ALWAYS
        if period is not ALWAYS and period.phase(moment, zone) is not Phase.WITHIN:
            return None
        return ActiveRule(rule, regime, event, since, self.judged(rule), period)

    def judged(self, rule: Rule) -> JudgedTerms | None:
        stated = self.question.stated
        return None if stated is NOTHING_STATED else judge_terms(rule.terms, stated, self.rulebook.places)

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


def _preference(applied: ActiveRule) -> tuple[tuple[int, float], str, str]:
    rule = applied.rule
    return rule.terms.preference, rule.regime_id, rule.key


def _is_choice(applied: ActiveRule) -> bool:
    """Whether it is news to the traveller: that one may apply for a visa goes without saying."""
    return applied.rule.terms.requirement is not Requirement.VISA_REQUIRED or applied.is_for_some


def _differ(segments: Sequence[VerdictAt]) -> bool:
    return len({outcome(segment.verdict) for segment in segments}) > 1

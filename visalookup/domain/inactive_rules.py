"""Rules beside an answer that are not in effect: what is pending, and what has ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from visalookup.domain.applicability import RuleId, Steps, begins_by_dates, can_follow_steps, ends_by_dates, rule_id
from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.moments import EffectiveDate, day_bounds
from visalookup.domain.periods import ALWAYS, Period
from visalookup.domain.regimes import Regime, Rule
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import Source


@dataclass(frozen=True, slots=True)
class InactiveRule:
    """A rule not in effect, pending or ended: its regime is not, or the rule is outside its own dates.

    `event` is the last step taken, None where the first lies ahead; `upcoming` is the first step with effect
    already known, or else the next one. Where the dates of the rule decide, and not a step, `starts_on` is its first
    day, or `ended_on` was its last. `period` are all its own dates.
    """

    rule: Rule
    regime: Regime
    event: StatusEvent | None
    upcoming: StatusEvent | None
    transition_runs: bool = False
    starts_on: date | None = None
    ended_on: date | None = None
    period: Period = ALWAYS

    @property
    def source(self) -> Source:
        """The source of what decides: of the rule where it is its dates, else of the step."""
        step = None if self.starts_on or self.ended_on else self.event or self.upcoming
        return self.regime.sources[step.source_key if step else self.rule.terms.source_key]

    @property
    def is_ahead(self) -> bool:
        """Whether it is pending, and has not ended."""
        return self.starts_on is not None or (self.ended_on is None and _is_pending(self.event, self.upcoming))

    def since(self, zone: ZoneInfo) -> datetime:
        """When it became as it is, or the first step or day ahead."""
        step, day = self.event or self.upcoming, self.starts_on or self.ended_on
        effective = EffectiveDate(day) if day else step.effective if step else None
        assert effective is not None  # noqa: S101 - an inactive rule has a step or a day of its own behind or ahead
        return effective.moment(zone)


@dataclass(slots=True)
class RulesBeside:
    """The rules that could bear on a question, seen at a moment at which `answering` answers it, if any does.

    What a rule's own dates keep out is worth a line only where it spares everyone a visa or a visit to an embassy, and
    is better than what answers; the steps of a regime always are.
    """

    regimes: Mapping[str, Regime]
    candidates: Sequence[Rule]
    periods: Mapping[RuleId, Period]
    zone: ZoneInfo
    moment: datetime
    answering: Rule | None

    def noted(self) -> tuple[tuple[InactiveRule, ...], tuple[InactiveRule, ...]]:
        """What is announced or still to come, and what no longer applies.

        One entry for each regime, with its best rule for this pair, the latest step first.
        """
        steps = {regime_id: self._steps(regime_id) for regime_id in {rule.regime_id for rule in self.candidates}}
        pending: dict[str, InactiveRule] = {}
        ended: dict[str, InactiveRule] = {}
        for rule in sorted(self.candidates, key=lambda candidate: candidate.terms.preference):
            inactive = self._inactive(rule, *steps[rule.regime_id])
            if inactive is not None:
                (pending if inactive.is_ahead else ended).setdefault(rule.regime_id, inactive)
        return self._latest_first(pending.values()), self._latest_first(ended.values())

    def _steps(self, regime_id: str) -> Steps:
        timeline = self.regimes[regime_id].timeline
        return timeline.event_at(self.moment, self.zone), _telling(timeline.upcoming(self.moment, self.zone))

    def _inactive(self, rule: Rule, event: StatusEvent | None, upcoming: StatusEvent | None) -> InactiveRule | None:
        """The rule with what keeps it from applying; None where nothing does that is worth a line."""
        period = self.periods.get(rule_id(rule), ALWAYS) if self.periods else ALWAYS
        if period is not ALWAYS:
            noted = InactiveRule(rule, self.regimes[rule.regime_id], event, upcoming, period=period)
            if (by_dates := self._by_dates(noted)) is not noted:
                return by_dates
        if not (_is_pending(event, upcoming) or _is_ended(event)):
            return None
        runs = event is not None and self._transition_runs(event)
        return InactiveRule(rule, self.regimes[rule.regime_id], event, upcoming, runs, period=period)

    def _by_dates(self, noted: InactiveRule) -> InactiveRule | None:
        """The rule with the day that decides, itself where the steps do, and None where it is not worth a line."""
        period, timeline = noted.period, noted.regime.timeline
        in_effect = noted.event is not None and noted.event.status.has_effect
        is_news = not in_effect or self._is_better(noted.rule)
        if begins_by_dates(period, timeline, self.moment, self.zone):
            return replace(noted, starts_on=period.first) if is_news else None
        if ends_by_dates(period, timeline, self.moment, self.zone):
            return replace(noted, ended_on=period.last) if is_news else None
        follows = can_follow_steps(period, (noted.event, noted.upcoming), self.moment, self.zone)
        return noted if follows else None

    def _is_better(self, rule: Rule) -> bool:
        terms = rule.terms
        if terms.narrows or terms.requirement.rank >= Requirement.VISA_REQUIRED.rank:
            return False
        return self.answering is None or terms.preference < self.answering.terms.preference

    def _transition_runs(self, event: StatusEvent) -> bool:
        if event.transition is None:
            return False
        _, end = day_bounds(event.transition.until, self.zone)
        return self.moment < end

    def _latest_first(self, noted: Iterable[InactiveRule]) -> tuple[InactiveRule, ...]:
        return tuple(sorted(noted, key=lambda inactive: (-inactive.since(self.zone).timestamp(), inactive.regime.id)))


def _telling(ahead: Sequence[StatusEvent]) -> StatusEvent | None:
    """Of the steps ahead the first that has effect, for that is what people wait for; else the next one."""
    with_effect = (event for event in ahead if event.status.has_effect)
    return next(with_effect, ahead[0] if ahead else None)


def _is_pending(event: StatusEvent | None, upcoming: StatusEvent | None) -> bool:
    """Announced and not law, or wholly ahead; what is merely attested from a later day is neither."""
    if event is None:
        return upcoming is not None and not upcoming.effective.attested
    return event.status.is_pending


def _is_ended(event: StatusEvent | None) -> bool:
    return event is not None and not event.status.is_pending and not event.status.has_effect

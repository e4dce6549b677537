"""Which dates a rule has besides the steps of its regime, and whether what was read speaks of a day.

A rule holds while its list does (`from`, `until`), and, where a group reaches the pair, while the passport and the
destination are members of it. The steps of the regime are asked apart from that, in the lookup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from visalookup.domain.lifecycle import StatusEvent, Timeline
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.periods import Period, Phase
from visalookup.domain.places import Places
from visalookup.domain.regimes import Regime, Rule, Terms
from visalookup.domain.sources import Verification, VerificationLevel

RuleId = tuple[str, str]
"""The regime and the key of a rule."""


Steps = tuple[StatusEvent | None, StatusEvent | None]
"""The last step a regime took, and the one ahead that people wait for."""


def rule_id(rule: Rule) -> RuleId:
    """By what a rule is known among those of all regimes."""
    return rule.regime_id, rule.key


def periods_of(rules: Iterable[Rule], places: Places) -> Mapping[RuleId, Period]:
    """The period of each rule that has one; most have none."""
    dated = places.dated_members
    return {
        rule_id(rule): period_of(rule, places)
        for rule in rules
        if rule.terms.applies_from is not None
        or rule.terms.applies_until is not None
        or (rule.passport_group, rule.passport) in dated
        or (rule.destination_group, rule.destination) in dated
    }


def period_of(rule: Rule, places: Places) -> Period:
    """The days on which the list of a rule holds and both sides are members of the groups that reach them."""
    passport = places.membership(rule.passport_group, rule.passport)
    return rule.terms.period & passport & places.membership(rule.destination_group, rule.destination)


def dates_worth_saying(rule: Rule, period: Period, since: EffectiveDate | None) -> Period:
    """The period without the first day of a membership that was older than the regime, in effect since `since`."""
    first = period.first
    if first is None or first == rule.terms.applies_from or since is None or since.span[0].date() < first:
        return period
    return Period(rule.terms.applies_from, period.last)


def begins_by_dates(period: Period, timeline: Timeline, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the rule is still to come at `moment`, and its dates, not a step of the regime, decide when."""
    start = period.start(zone)
    if start is None or period.phase(moment, zone) is not Phase.AHEAD:
        return False
    event = timeline.event_at(start, zone)
    return event is not None and event.status.has_effect


def ends_by_dates(period: Period, timeline: Timeline, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the rule is over at `moment`, and its dates, not a step of the regime, ended it."""
    end = period.end(zone)
    if end is None or period.phase(moment, zone) is not Phase.OVER:
        return False
    event = timeline.event_at(end - timedelta(microseconds=1), zone)
    return event is not None and event.status.has_effect


def can_follow_steps(period: Period, steps: Steps, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the rule shares what the steps of its regime say at `moment`: the last one taken, and the one ahead.

    What takes effect or ended on a day outside the dates of the rule says nothing of it; what is merely signed may
    still reach it until they are over.
    """
    event, upcoming = steps
    if event is not None and not event.status.is_pending:
        return period.phase(event.effective.moment(zone), zone) is Phase.WITHIN
    if upcoming is not None and upcoming.status.has_effect:
        return period.phase(upcoming.effective.moment(zone), zone) is Phase.WITHIN
    return period.phase(moment, zone) in (Phase.AHEAD, Phase.WITHIN)


def covers_day(rule: Rule, regime: Regime, in_force_from: EffectiveDate, day: date) -> bool:
    """Whether what was read says that a rule in effect held on a day.

    It does where the start of the rule is documented: its list says from when it holds, or the regime is a dated
    instrument whose entry into force is known. Otherwise the text itself must be no younger than the day: a standing
    policy is amended all the time, so its list of one year proves nothing of the years before.
    """
    source = regime.sources[rule.terms.source_key]
    if rule.terms.verification.level is VerificationLevel.UNVERIFIED:
        return False
    if rule.terms.applies_from is not None or (regime.policy_of is None and not in_force_from.attested):
        return True
    read = source.text_of
    return read is not None and read <= day


def verification_on(terms: Terms, *, covered: bool) -> Verification:
    """How well the rule was checked for a day: nobody has read it for one that the text does not speak of."""
    return terms.verification if covered else _NOT_READ


_NOT_READ = Verification(VerificationLevel.UNVERIFIED)

"""Work that needs a person now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from visalookup.domain.changes.proposals import Proposal
from visalookup.domain.datasets.outside_table import in_their_classes
from visalookup.domain.lifecycle import Status, StatusEvent
from visalookup.domain.places import Place
from visalookup.domain.regimes import Regime, Rule
from visalookup.domain.rulebook import Rulebook
from visalookup.domain.sources import VerificationLevel
from visalookup.domain.survey import find
from visalookup.services.changes.proposals.listing import list_proposals
from visalookup.services.lookup.regimes import clock_place
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage.datasets.comparisons import FlaggedDifference, unreviewed_differences

STUCK_STATUSES = (Status.MEMORANDUM_OF_INTENT, Status.SIGNED, Status.PROVISIONALLY_APPLIED, Status.SUSPENDED)
"""Statuses that a regime should leave again, so that it can get stuck in them."""


@dataclass(frozen=True, slots=True)
class PendingWork:
    """A regime and its next step, or the step it is stuck in. `place` determines the time zone."""

    regime: Regime
    event: StatusEvent
    place: Place


@dataclass(frozen=True, slots=True)
class StaleRegime:
    """A regime with rules whose verification is too old."""

    regime: Regime
    rules: int


@dataclass(frozen=True, slots=True)
class Work:
    """All open work: proposals, upcoming steps, stuck regimes, rules to verify, differences to review."""

    proposals: list[Proposal]
    upcoming: list[PendingWork]
    stuck: list[PendingWork]
    stale: list[StaleRegime]
    differences: list[FlaggedDifference]

    @property
    def stale_rules(self) -> int:
        """How many rules must be verified again."""
        return sum(regime.rules for regime in self.stale)


@dataclass(frozen=True, slots=True)
class Limits:
    """When something becomes work: how far ahead, how long stuck, and the maximum age of each verification level."""

    upcoming: timedelta
    stuck: timedelta
    age: Mapping[VerificationLevel, timedelta]


def list_work(session: Session, rulebook_store: RulebookStore, limits: Limits, now: datetime) -> Work:
    """Return all work that needs a person now."""
    rulebook = rulebook_store.current(session).rulebook
    return Work(
        proposals=list_proposals(session, is_open=True),
        upcoming=sorted(_upcoming(rulebook, limits, now), key=_when),
        stuck=sorted(_stuck(rulebook, limits, now), key=_when),
        stale=_stale(rulebook, limits, now),
        differences=open_differences(session, rulebook_store, now),
    )


def open_differences(session: Session, rulebook_store: RulebookStore, now: datetime) -> list[FlaggedDifference]:
    """Return the unreviewed differences in which our answer still differs today."""
    rulebook = rulebook_store.current(session).rulebook
    return [difference for difference in unreviewed_differences(session) if _still_differs(rulebook, difference, now)]


def _when(work: PendingWork) -> datetime:
    return work.event.effective.moment(work.place.zone)


def _upcoming(rulebook: Rulebook, limits: Limits, now: datetime) -> Iterator[PendingWork]:
    for regime in rulebook.regimes.values():
        place = clock_place(regime, rulebook.places)
        for event in regime.timeline.upcoming(now, place.zone):
            if event.effective.moment(place.zone) <= now + limits.upcoming:
                yield PendingWork(regime, event, place)


def _stuck(rulebook: Rulebook, limits: Limits, now: datetime) -> Iterator[PendingWork]:
    for regime in rulebook.regimes.values():
        place = clock_place(regime, rulebook.places)
        event = regime.timeline.event_at(now, place.zone)
        if event is not None and event.status in STUCK_STATUSES and _is_old(event, place, limits, now):
            yield PendingWork(regime, event, place)


def _is_old(event: StatusEvent, place: Place, limits: Limits, now: datetime) -> bool:
    return now - event.effective.moment(place.zone) > limits.stuck


def _stale(rulebook: Rulebook, limits: Limits, now: datetime) -> list[StaleRegime]:
    counted = Counter(
        rule.regime_id
        for rules in rulebook.by_regime.values()
        for rule in rules
        if _is_stale(rule, rulebook.regimes[rule.regime_id], limits, now)
    )
    return [StaleRegime(rulebook.regimes[regime_id], number) for regime_id, number in counted.most_common()]


def _is_stale(rule: Rule, regime: Regime, limits: Limits, now: datetime) -> bool:
    """Whether a rule should be checked again; one that ended by its own dates need not be."""
    verification, last = rule.terms.verification, rule.terms.applies_until
    if last is not None and last < now.date():
        return False
    state = verification.state_read(regime.sources[rule.terms.source_key])
    return state is None or now.date() - state > limits.age[verification.level]


def _still_differs(rulebook: Rulebook, difference: FlaggedDifference, now: datetime) -> bool:
    """Whether our answer still differs from the table today."""
    places = rulebook.places.by_code
    destination = places[difference.destination]
    day = now.astimezone(destination.zone).date()
    ours = find(rulebook, places[difference.passport], destination, day).requirement
    return in_their_classes(ours) is not difference.theirs

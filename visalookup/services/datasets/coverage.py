"""How much of the world is answered, how well each answer was checked, and how long ago."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from visalookup.domain.places import Place
from visalookup.domain.requirements import Requirement
from visalookup.domain.rulebook import Edition, Rulebook
from visalookup.domain.sources import VerificationLevel
from visalookup.domain.survey import Finding, survey
from visalookup.services.datasets.matrix import day_at_destination


@dataclass(slots=True)
class CoverageCounts:
    """Answers counted, citizens at home left out. A key of None counts the pairs of which nothing is known."""

    by_requirement: Counter[Requirement | None] = field(default_factory=Counter)
    by_level: Counter[VerificationLevel | None] = field(default_factory=Counter)

    def count(self, finding: Finding) -> None:
        """Take one finding in."""
        self.by_requirement[finding.requirement] += 1
        self.by_level[finding.level] += 1

    @property
    def pairs(self) -> int:
        """All pairs counted."""
        return self.by_level.total()

    @property
    def answered(self) -> int:
        """The pairs that have an answer."""
        return self.pairs - self.by_level[None]

    def share(self, level: VerificationLevel | None) -> float:
        """The share of the pairs that reached this level, from 0 to 1."""
        return self.by_level[level] / self.pairs if self.pairs else 0.0


@dataclass(frozen=True, slots=True)
class DestinationCoverage:
    """How well one destination is known.

    `oldest` is the day of the oldest state that any of its answers rests on; None where nothing was read.
    """

    destination: Place
    counts: CoverageCounts
    oldest: date | None

    @property
    def prevailing(self) -> VerificationLevel | None:
        """The level that most answers reached, the lesser where two are level; None where most are unknown."""
        levels = self.counts.by_level
        weakest_first = [None, *reversed(VerificationLevel)]
        return max(weakest_first, key=lambda level: levels[level])


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole of it: at every destination, and between the nations (places with passports of their own)."""

    edition: Edition
    nations: int
    everywhere: CoverageCounts
    among_nations: CoverageCounts
    destinations: tuple[DestinationCoverage, ...]
    """Those whose verification is the oldest first; before them those of which nothing was read."""


def measure_coverage(rulebook: Rulebook, on: date | None, now: datetime) -> Coverage:
    """Count what ordinary passports of the nations meet at every place that can be entered."""
    places = rulebook.places
    nations = places.nations
    by_destination: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in survey(rulebook, nations, places.destinations, day_at_destination(on, now)):
        if not finding.is_at_home:
            by_destination[finding.destination.code].append(finding)
    found = [_destination(each, by_destination[each.code]) for each in places.destinations]
    return Coverage(
        rulebook.edition,
        nations=len(nations),
        everywhere=_sum(each.counts for each in found),
        among_nations=_sum(each.counts for each in found if each.destination.issues_documents),
        destinations=tuple(sorted(found, key=lambda each: (each.oldest or date.min, each.destination.code))),
    )


def _destination(destination: Place, findings: Iterable[Finding]) -> DestinationCoverage:
    counts = CoverageCounts()
    checked: list[date] = []
    for finding in findings:
        counts.count(finding)
        if (day := _checked_on(finding)) is not None:
            checked.append(day)
    return DestinationCoverage(destination, counts, min(checked, default=None))


def _checked_on(finding: Finding) -> date | None:
    best = finding.verdict.best
    if best is None:
        return None
    return best.rule.terms.verification.state_read(best.regime.sources[best.rule.terms.source_key])


def _sum(tallies: Iterable[CoverageCounts]) -> CoverageCounts:
    total = CoverageCounts()
    for counts in tallies:
        total.by_requirement.update(counts.by_requirement)
        total.by_level.update(counts.by_level)
    return total


class CoverageKeeper:
    """Keeps the last coverage measured: it changes with the revision and with the day."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[tuple[int, date], Coverage] | None = None

    def today(self, rulebook: Rulebook, now: datetime) -> Coverage:
        """The coverage of this rulebook, each destination judged by its own today."""
        key = (rulebook.edition.revision, now.date())
        with self._lock:
            if self._kept is None or self._kept[0] != key:
                self._kept = (key, measure_coverage(rulebook, None, now))
            return self._kept[1]

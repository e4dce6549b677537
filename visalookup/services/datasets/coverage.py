"""Coverage: how much of the world is answered, and how well and how recently the answers were verified."""

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
    """Counts of answers, without citizens at home. The key None counts the pairs without an answer."""

    by_requirement: Counter[Requirement | None] = field(default_factory=Counter)
    by_level: Counter[VerificationLevel | None] = field(default_factory=Counter)

    def count(self, finding: Finding) -> None:
        """Count one finding."""
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
        """Return the share of the pairs with this level, from 0 to 1."""
        return self.by_level[level] / self.pairs if self.pairs else 0.0


@dataclass(frozen=True, slots=True)
class DestinationCoverage:
    """The coverage of one destination.

    `oldest` is the day of the oldest state that any of its answers rests on; None if no source was read.
    """

    destination: Place
    counts: CoverageCounts
    oldest: date | None

    @property
    def prevailing(self) -> VerificationLevel | None:
        """The most frequent level, the weaker one in a tie; None if most answers are unknown."""
        levels = self.counts.by_level
        weakest_first = [None, *reversed(VerificationLevel)]
        return max(weakest_first, key=lambda level: levels[level])


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of the world: at every destination, and between nations (places that issue passports)."""

    edition: Edition
    nations: int
    everywhere: CoverageCounts
    among_nations: CoverageCounts
    destinations: tuple[DestinationCoverage, ...]
    """Ordered by oldest verification; destinations without any come first."""


def measure_coverage(rulebook: Rulebook, on: date | None, now: datetime) -> Coverage:
    """Count the answers for ordinary passports of all nations at every place that can be entered."""
    places = rulebook.places
    nations = places.nations
    by_destination: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in survey(rulebook, nations, places.destinations, day_at_destination(on, now)):
        if not finding.is_at_home:
            by_destination[finding.destination.code].append(finding)
    covered = [_destination(place, by_destination[place.code]) for place in places.destinations]
    return Coverage(
        rulebook.edition,
        nations=len(nations),
        everywhere=_sum(coverage.counts for coverage in covered),
        among_nations=_sum(coverage.counts for coverage in covered if coverage.destination.issues_documents),
        destinations=tuple(sorted(covered, key=_oldest_first)),
    )


def _oldest_first(coverage: DestinationCoverage) -> tuple[date, str]:
    return coverage.oldest or date.min, coverage.destination.code


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


def _sum(parts: Iterable[CoverageCounts]) -> CoverageCounts:
    total = CoverageCounts()
    for counts in parts:
        total.by_requirement.update(counts.by_requirement)
        total.by_level.update(counts.by_level)
    return total


class CoverageKeeper:
    """Caches the last coverage, which changes with the revision and the day."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cached: tuple[tuple[int, date], Coverage] | None = None

    def today(self, rulebook: Rulebook, now: datetime) -> Coverage:
        """Return the coverage of this rulebook on the current day at each destination."""
        key = (rulebook.edition.revision, now.date())
        with self._lock:
            if self._cached is None or self._cached[0] != key:
                self._cached = (key, measure_coverage(rulebook, None, now))
            return self._cached[1]

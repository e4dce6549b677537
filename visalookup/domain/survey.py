"""The survey: what each of many passports meets at each of many destinations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from visalookup.domain.lookup import Basis, Question, Verdict, judge
from visalookup.domain.own_country import RIGHT_TO_ENTER_VERIFIED
from visalookup.domain.places import Place
from visalookup.domain.requirements import Requirement
from visalookup.domain.rulebook import Rulebook
from visalookup.domain.sources import VerificationLevel

DayAt = Callable[[Place], date]
"""The day a survey is for, at a destination: its own today, or one day for all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one ordinary passport meets at one destination."""

    passport: Place
    destination: Place
    verdict: Verdict
    day: date

    @property
    def requirement(self) -> Requirement | None:
        """What is asked, None where nothing is known; a citizen moves freely at home."""
        return Requirement.FREEDOM_OF_MOVEMENT if self.is_at_home else self.verdict.requirement

    @property
    def is_at_home(self) -> bool:
        """Whether the passport is the destination's own."""
        return self.verdict.basis is Basis.OWN_COUNTRY

    @property
    def level(self) -> VerificationLevel | None:
        """How well it was checked; None where nothing is known."""
        if self.is_at_home:
            return RIGHT_TO_ENTER_VERIFIED.level
        return self.verdict.best.verification_on(self.day).level if self.verdict.best else None


def find(rulebook: Rulebook, passport: Place, destination: Place, day: date) -> Finding:
    """The finding for one pair on a day at the destination."""
    return Finding(passport, destination, judge(rulebook, Question(passport, destination, day)), day)


def survey(
    rulebook: Rulebook, passports: Iterable[Place], destinations: Iterable[Place], day_at: DayAt
) -> Iterator[Finding]:
    """A finding for every pair, citizens at home included, in the order given: passports first."""
    days = [(destination, day_at(destination)) for destination in destinations]
    for passport in passports:
        for destination, day in days:
            yield find(rulebook, passport, destination, day)

"""Set an outside table against what we answer, for staff to review the differences; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from visalookup.domain.datasets.outside_table import TableRow, in_their_classes, needs_no_visa
from visalookup.domain.places import Place
from visalookup.domain.requirements import Requirement
from visalookup.domain.rulebook import Rulebook
from visalookup.domain.survey import Finding, find
from visalookup.services.datasets.matrix import day_at_destination


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """One pair: what they say and what we find."""

    row: TableRow
    finding: Finding

    @property
    def theirs(self) -> Requirement:
        """Their class."""
        return self.row.claim.requirement

    @property
    def ours(self) -> Requirement | None:
        """Our answer in their classes, None where we know nothing."""
        return in_their_classes(self.finding.requirement)

    @property
    def same_class(self) -> bool:
        """Whether both say the same."""
        return self.ours is self.theirs

    @property
    def same_need(self) -> bool:
        """Whether both say the same of "no visa, or an authorisation at most"."""
        return needs_no_visa(self.ours) == needs_no_visa(self.theirs)


@dataclass(frozen=True, slots=True)
class TableComparison:
    """All pairs of the table, set against our answers."""

    pairs: tuple[ComparedPair, ...]

    @property
    def class_agreement(self) -> float:
        """The share of pairs of the same class, from 0 to 1."""
        return _share(each.same_class for each in self.pairs)

    @property
    def need_agreement(self) -> float:
        """The share of pairs that agree on whether one may go without a visa, from 0 to 1."""
        return _share(each.same_need for each in self.pairs)

    @property
    def confusion(self) -> Counter[tuple[Requirement, Requirement | None]]:
        """How often their class meets ours."""
        return Counter((each.theirs, each.ours) for each in self.pairs)

    @property
    def differences(self) -> list[ComparedPair]:
        """The pairs of different class, by destination and passport."""
        found = (each for each in self.pairs if not each.same_class)
        return sorted(found, key=lambda each: (each.row.destination.code, each.row.passport.code))

    def most_different(self, number: int) -> list[tuple[Place, int, int]]:
        """The destinations that differ most: the place, its differences, and its pairs compared."""
        pairs = Counter(each.row.destination.code for each in self.pairs)
        places = {each.row.destination.code: each.row.destination for each in self.pairs}
        different = Counter(each.row.destination.code for each in self.differences)
        return [(places[code], count, pairs[code]) for code, count in different.most_common(number)]


def compare_table(rulebook: Rulebook, rows: Sequence[TableRow], on: date | None, now: datetime) -> TableComparison:
    """Compare on the day `on`, or today at each destination."""
    day_at = day_at_destination(on, now)
    findings = (find(rulebook, row.passport, row.destination, day_at(row.destination)) for row in rows)
    return TableComparison(tuple(map(ComparedPair, rows, findings)))


def _share(facts: Iterable[bool]) -> float:
    found = list(facts)
    return sum(found) / len(found) if found else 0.0

"""Compare an outside table with our answers, for staff to review the differences; nothing is written."""

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
    """One pair: the table's class and our answer."""

    row: TableRow
    finding: Finding

    @property
    def theirs(self) -> Requirement:
        """The class in the table."""
        return self.row.claim.requirement

    @property
    def ours(self) -> Requirement | None:
        """Our answer in the classes of the table, None if it is unknown."""
        return in_their_classes(self.finding.requirement)

    @property
    def same_class(self) -> bool:
        """Whether both classes are the same."""
        return self.ours is self.theirs

    @property
    def same_need(self) -> bool:
        """Whether both agree on "no visa, or an authorisation at most"."""
        return needs_no_visa(self.ours) == needs_no_visa(self.theirs)


@dataclass(frozen=True, slots=True)
class TableComparison:
    """All pairs of the table, compared with our answers."""

    pairs: tuple[ComparedPair, ...]

    @property
    def class_agreement(self) -> float:
        """The share of pairs with the same class, from 0 to 1."""
        return _share(pair.same_class for pair in self.pairs)

    @property
    def need_agreement(self) -> float:
        """The share of pairs that agree on whether one may go without a visa, from 0 to 1."""
        return _share(pair.same_need for pair in self.pairs)

    @property
    def confusion(self) -> Counter[tuple[Requirement, Requirement | None]]:
        """How often pair combination of their class and ours occurs."""
        return Counter((pair.theirs, pair.ours) for pair in self.pairs)

    @property
    def differences(self) -> list[ComparedPair]:
        """The pairs of different class, by destination and passport."""
        found = (pair for pair in self.pairs if not pair.same_class)
        return sorted(found, key=lambda pair: (pair.row.destination.code, pair.row.passport.code))

    def most_different(self, number: int) -> list[tuple[Place, int, int]]:
        """Return the destinations that differ most: the place, its number of differences, and of pairs compared."""
        pairs = Counter(pair.row.destination.code for pair in self.pairs)
        places = {pair.row.destination.code: pair.row.destination for pair in self.pairs}
        different = Counter(pair.row.destination.code for pair in self.differences)
        return [(places[code], count, pairs[code]) for code, count in different.most_common(number)]


def compare_table(rulebook: Rulebook, rows: Sequence[TableRow], on: date | None, now: datetime) -> TableComparison:
    """Compare on the day `on`, or today at pair destination."""
    day_at = day_at_destination(on, now)
    findings = (find(rulebook, row.passport, row.destination, day_at(row.destination)) for row in rows)
    return TableComparison(tuple(map(ComparedPair, rows, findings)))


def _share(facts: Iterable[bool]) -> float:
    found = list(facts)
    return sum(found) / len(found) if found else 0.0

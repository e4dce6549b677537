"""What a rule asks of a traveller: the requirement, and the stay it grants."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from visalookup.domain.errors import InvalidValue


class Requirement(StrEnum):
    """What is asked at the border, in the order from most to least favourable."""

    FREEDOM_OF_MOVEMENT = "freedom_of_movement"
    VISA_FREE = "visa_free"
    ETA = "eta"
    """An electronic travel authorisation (ESTA, eTA, UK ETA, K-ETA, ETA-IL): not a visa."""
    VISA_ON_ARRIVAL = "visa_on_arrival"
    E_VISA = "e_visa"
    VISA_REQUIRED = "visa_required"
    DOCUMENT_NOT_ACCEPTED = "document_not_accepted"
    """The document is no travel document at the destination: no visa helps, another document does."""
    NO_ADMISSION = "no_admission"
    """The traveller is refused, with whatever document."""

    @property
    def rank(self) -> int:
        """0 for the most favourable."""
        return _RANKS[self]

    @property
    def refuses(self) -> bool:
        """Whether nobody enters on it: it wins over whatever grants entry, and gives no stay."""
        return self in _REFUSALS


_RANKS = {requirement: rank for rank, requirement in enumerate(Requirement)}
_REFUSALS = frozenset({Requirement.DOCUMENT_NOT_ACCEPTED, Requirement.NO_ADMISSION})


class AnswerKind(StrEnum):
    """The short answer to "do I need a visa?"."""

    NO = "no"
    YES = "yes"
    DOCUMENT_NOT_ACCEPTED = "document_not_accepted"
    NOT_ADMITTED = "not_admitted"
    UNKNOWN = "unknown"

    @property
    def refuses(self) -> bool:
        """Whether the traveller cannot enter with the document asked about, visa or not."""
        return self in (AnswerKind.DOCUMENT_NOT_ACCEPTED, AnswerKind.NOT_ADMITTED)


def answer_kind(requirement: Requirement) -> AnswerKind:
    """An authorisation is not a visa; a visa issued on arrival or online is one."""
    if requirement is Requirement.NO_ADMISSION:
        return AnswerKind.NOT_ADMITTED
    if requirement is Requirement.DOCUMENT_NOT_ACCEPTED:
        return AnswerKind.DOCUMENT_NOT_ACCEPTED
    if requirement.rank <= Requirement.ETA.rank:
        return AnswerKind.NO
    return AnswerKind.YES


class Purpose(StrEnum):
    """What a rule is for. `visit` is tourism, family and short business, the question people ask."""

    VISIT = "visit"
    TRANSIT = "transit"
    """Passing through the border on the way elsewhere (landside)."""
    BUSINESS = "business"
    AIRSIDE_TRANSIT = "airside_transit"
    """Changing planes without passing through the border (Regulation (EC) 810/2009, article 2(6))."""


@dataclass(frozen=True, slots=True)
class StayTotal:
    """A cap over several visits: `days` in any `within_days`, or in a calendar year."""

    days: int
    within_days: int | None = None
    calendar_year: bool = False

    def __post_init__(self) -> None:
        """Refuse a cap over no period or over two."""
        if (self.within_days is None) != self.calendar_year:
            raise InvalidValue("A total needs either within_days or calendar_year.")


_DAYS_IN_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Stay:
    """How long one may stay: days (rolling where `within_days` is set), months, or without limit.

    Without `within_days` the days are per visit, and `total` may cap several visits.
    """

    days: int | None = None
    within_days: int | None = None
    months: int | None = None
    unlimited: bool = False
    total: StayTotal | None = None

    def __post_init__(self) -> None:
        """Refuse a stay given in no measure or in two."""
        measures = (self.days is not None) + (self.months is not None) + self.unlimited
        if measures != 1:
            raise InvalidValue("A stay is given in days, in months or as unlimited: one of them.")
        if self.within_days is not None and (self.days is None or self.within_days < self.days):
            raise InvalidValue("within_days needs days, and cannot be shorter than them.")

    @property
    def longest_visit(self) -> float:
        """The longest single visit in days; a month counts as 30, the cautious reading."""
        if self.unlimited:
            return math.inf
        longest = self.days if self.days is not None else (self.months or 0) * _DAYS_IN_A_MONTH
        return min(longest, self.total.days) if self.total else longest

    def covers(self, days: int) -> bool:
        """Whether one visit of `days` days is within it."""
        return days <= self.longest_visit

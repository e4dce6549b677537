"""Regimes and the rules they give: the legal basis of entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache

from visalookup.domain.conditions import Condition
from visalookup.domain.documents import ORDINARY_ONLY, DocumentScope
from visalookup.domain.entry_facts import EntryFacts
from visalookup.domain.lifecycle import Timeline
from visalookup.domain.periods import Period, checked_period
from visalookup.domain.places import Authority
from visalookup.domain.requirements import Purpose, Requirement, Stay
from visalookup.domain.sources import Source, Verification


class RegimeKind(StrEnum):
    """What a regime is in law."""

    BILATERAL_AGREEMENT = "bilateral_agreement"
    MULTILATERAL_AGREEMENT = "multilateral_agreement"
    UNILATERAL_DECISION = "unilateral_decision"
    DOMESTIC_LAW = "domestic_law"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a regime gives, apart from whom and where: shared by all rules of one list.

    `applies_from` and `applies_until` are the first and the last day at the destination on which the list holds;
    None where it holds as long as its regime does.
    """

    requirement: Requirement
    source_key: str
    verification: Verification
    stay: Stay | None = None
    documents: DocumentScope = ORDINARY_ONLY
    purposes: frozenset[Purpose] = frozenset({Purpose.VISIT})
    conditions: tuple[Condition, ...] = ()
    overriding: bool = False
    use_instead: str | None = None
    """What to travel with where the document is not accepted, as a sentence names it: "a passport"."""
    applies_from: date | None = None
    applies_until: date | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Refuse a list that ends before it begins."""
        checked_period(self.applies_from, self.applies_until)

    @property
    def period(self) -> Period:
        """The days on which the list holds."""
        return Period(self.applies_from, self.applies_until)

    @property
    def narrows(self) -> bool:
        """Whether only some travellers qualify, so that these terms never are the headline."""
        return Purpose.VISIT not in self.purposes or any(condition.narrows for condition in self.conditions)

    @property
    def restricts(self) -> bool:
        """Whether these terms win over more favourable ones."""
        return self.overriding or self.requirement.refuses

    def covers(self, stay_days: int | None) -> bool:
        """Whether a visit of that length is within the stay; a stay the source does not state is not refused."""
        return stay_days is None or self.stay is None or self.stay.covers(stay_days)

    @property
    def shown(self) -> tuple[object, ...]:
        """Everything a traveller is shown of them: all but what says whom they are for and which text they cite."""
        return tuple(getattr(self, field.name) for field in fields(self) if field.name not in _NOT_SHOWN)

    @property
    def preference(self) -> tuple[int, float]:
        """Smaller is better for the traveller: requirement first, then the longer stay."""
        return self.requirement.rank, -(self.stay.longest_visit if self.stay else 0.0)


_NOT_SHOWN = frozenset({"documents", "purposes", "overriding", "source_key"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What a regime gives one passport at one destination.

    `passport_group` and `destination_group` name the bloc through which the pair is reached, where it is one.
    """

    key: str
    regime_id: str
    passport: str
    destination: str
    terms: Terms
    passport_group: str | None = None
    destination_group: str | None = None


@dataclass(frozen=True, slots=True)
class Regime:
    """A legal basis of entry, with its timeline and sources.

    `policy_of` is set on a destination's standing policy: the place or group whose file it is. Only such a policy has
    `entry`, the facts for every visitor.
    """

    id: str
    kind: RegimeKind
    title: str
    parties: tuple[str, ...]
    timeline: Timeline
    sources: Mapping[str, Source]
    verification: Verification | None = None
    policy_of: str | None = None
    authority: Authority | None = None
    note: str | None = None
    entry: EntryFacts | None = None


@lru_cache(maxsize=1024)
def policy_id(destination: str) -> str:
    """The id of the regime that is the standing policy of a place or group."""
    return f"{destination.lower().replace('_', '-')}-visa-policy"


@dataclass(frozen=True, slots=True)
class WholeRegime:
    """A regime with the rules it gives."""

    regime: Regime
    rules: tuple[Rule, ...]

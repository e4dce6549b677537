"""What a destination asks of every visitor at the border beyond a visa: passport, conditions, how to apply.

These are facts of a destination's standing policy, each with its own source and check. A condition that only some
passports meet belongs to the terms of their rule (`regimes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.moments import PartialDate, months_after
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import Source, Verification

_AMOUNT = re.compile(r"[0-9]+(\.[0-9]{2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


class ValidityAnchor(StrEnum):
    """From which day on the validity of a passport is counted."""

    ENTRY = "entry"
    DEPARTURE = "departure"
    NOT_STATED = "not_stated"
    """The text asks for so much validity and does not state from which day: in doubt it is the day of departure."""


@dataclass(frozen=True, slots=True)
class PassportValidity:
    """How long a passport must be valid beyond a day; with neither months nor days, on that day itself.

    `beyond: departure` without an amount means valid for the stay.
    """

    beyond: ValidityAnchor
    months: int | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        """Refuse an amount in two measures, and none beyond a day that is not stated."""
        measures = (self.months is not None) + (self.days is not None)
        if measures > 1:
            raise InvalidValue("A validity is given in months or in days, not in both.")
        if measures == 0 and self.beyond is ValidityAnchor.NOT_STATED:
            raise InvalidValue("A validity beyond no stated day needs months or days.")

    def after(self, day: date) -> date:
        """The day to which a passport must be valid, counted from `day`."""
        return months_after(day, self.months) if self.months is not None else day + timedelta(days=self.days or 0)


@dataclass(frozen=True, slots=True)
class PassportRule:
    """What the passport of a visitor must be; what no source states is None.

    `issued_within_years` means less than so many years before the day of entry.
    """

    source_key: str
    verification: Verification
    validity: PassportValidity | None = None
    issued_within_years: int | None = None
    blank_pages: int | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Refuse a rule that asks nothing."""
        if self.validity is None and self.issued_within_years is None and self.blank_pages is None:
            raise InvalidValue("A passport rule needs validity, issued_within_years or blank_pages.")


class EntryConditionKind(StrEnum):
    """What a condition of entry asks for."""

    ONWARD_TICKET = "onward_ticket"
    ARRIVAL_CARD = "arrival_card"
    YELLOW_FEVER = "yellow_fever"
    ACCOMMODATION = "accommodation"
    FUNDS = "funds"
    INSURANCE = "insurance"


class Concerned(StrEnum):
    """Whom a condition of entry concerns."""

    ALL_ARRIVALS = "all_arrivals"
    FROM_RISK_COUNTRIES = "from_risk_countries"


@dataclass(frozen=True, slots=True)
class EntryCondition:
    """One thing for which visitors are turned back at check-in; `url` is the official place to do it, where known."""

    kind: EntryConditionKind
    text: str
    source_key: str
    verification: Verification
    concerns: Concerned = Concerned.ALL_ARRIVALS
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A price, and the date of the text that states it; `amount` as 16 or 16.50."""

    amount: str
    currency: str
    on: PartialDate

    def __post_init__(self) -> None:
        """Refuse what is no amount or no currency of ISO 4217."""
        if not _AMOUNT.fullmatch(self.amount):
            raise InvalidValue(f"{quoted(self.amount)} is no amount; write 16 or 16.50.")
        if not _CURRENCY.fullmatch(self.currency):
            raise InvalidValue(f"{quoted(self.currency)} is no currency; write its three letters, as USD.")


@dataclass(frozen=True, slots=True)
class HowToApply:
    """Where one applies for a requirement; the fee and the usual time where they were read."""

    requirement: Requirement
    url: str
    source_key: str
    verification: Verification
    fee: Fee | None = None
    usual_time: str | None = None


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """All that is known of what a destination asks of every visitor."""

    passport: PassportRule | None = None
    conditions: tuple[EntryCondition, ...] = ()
    how_to_apply: tuple[HowToApply, ...] = ()

    def __post_init__(self) -> None:
        """Refuse facts that state nothing, and two addresses for one requirement."""
        if not (self.passport or self.conditions or self.how_to_apply):
            raise InvalidValue("Entry facts need a passport rule, a condition or how to apply.")
        applied_for = [way.requirement for way in self.how_to_apply]
        if len(set(applied_for)) < len(applied_for):
            raise InvalidValue("How to apply is stated once for each requirement.")

    @property
    def facts(self) -> Iterator[PassportRule | EntryCondition | HowToApply]:
        """Every fact that has a source of its own."""
        if self.passport is not None:
            yield self.passport
        yield from self.conditions
        yield from self.how_to_apply

    @property
    def source_keys(self) -> frozenset[str]:
        """The keys of the sources cited."""
        return frozenset(fact.source_key for fact in self.facts)


@dataclass(frozen=True, slots=True)
class CitedEntry:
    """Entry facts with the sources that they cite."""

    facts: EntryFacts
    sources: Mapping[str, Source]

    def for_requirements(self, asked: frozenset[Requirement]) -> CitedEntry | None:
        """The same with the ways to apply for these requirements alone; None where nothing is left."""
        ways = tuple(way for way in self.facts.how_to_apply if way.requirement in asked)
        if not (self.facts.passport or self.facts.conditions or ways):
            return None
        return replace(self, facts=replace(self.facts, how_to_apply=ways))

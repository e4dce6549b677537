"""How long a passport must be valid: what we know of it, and nothing guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from visalookup.domain.date_phrases import describe_day
from visalookup.domain.entry_facts import CitedEntry, PassportRule, PassportValidity, ValidityAnchor
from visalookup.domain.entry_phrases import number_of, passport_phrase
from visalookup.domain.lookup import Answer, Basis
from visalookup.domain.moments import PartialDate, months_after
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import Source, SourceKind, Verification, VerificationLevel

BORDERS_CODE = Source(
    key="your-europe-non-eu-nationals",
    kind=SourceKind.OFFICIAL,
    publisher="European Union, Your Europe",
    title="Travel documents for non-EU nationals (on Regulation (EU) 2016/399, article 6(1))",
    url="https://europa.eu/youreurope/citizens/travel/entry-exit/non-eu-nationals/index_en.htm",
    accessed_on=date(2026, 11, 24),
    state_on=PartialDate.parse("2024"),
)
"""90 days in any 180; valid three months after departure, issued less than ten years before entry.

A stored copy was read that counts Bulgaria and Romania in the area, so it is from 2024 or later.
"""

FREE_MOVEMENT = Source(
    key="summary-of-directive-2004-38",
    kind=SourceKind.OFFICIAL,
    publisher="European Union, EUR-Lex",
    title="Summary of Directive 2004/38/EC (on article 5(1))",
    url="https://eur-lex.europa.eu/legal-content/EN/TXT/HTML/?uri=LEGISSUM%3Al33152",
    accessed_on=date(2026, 11, 24),
    state_on=PartialDate.parse("2004"),
)
"""Union citizens enter with a valid identity card or passport.

A stored copy without its date was read; it can be no older than the directive.
"""

SCHENGEN_PASSPORT = PassportRule(
    source_key=BORDERS_CODE.key,
    verification=Verification(VerificationLevel.OFFICIAL, date(2026, 11, 24)),
    validity=PassportValidity(ValidityAnchor.DEPARTURE, months=3),
    issued_within_years=10,
)
"""Regulation (EU) 2016/399, article 6(1)(a); for data that do not state it with the policy of the area."""

_ABOUT_VALIDITY = re.compile(r"\bpassport\b.*\bvalid\b", re.IGNORECASE)
_AMOUNT_IN_WORDS = re.compile(r"\b(\w+) (?:more |further )?(months?|days?)\b", re.IGNORECASE)


class ValidityStatus(StrEnum):
    """What is known of the validity a passport needs."""

    ENOUGH = "enough"
    TOO_SHORT = "too_short"
    SEE_CONDITIONS = "see_conditions"
    """The rule asks for some validity in words; they are quoted."""
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class ValidityCheck:
    """The outcome, in a sentence; `needed_until` is the day to which the passport must be valid, where known."""

    status: ValidityStatus
    sentence: str
    needed_until: date | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """The days printed in a passport; None where the caller did not say."""

    issued_on: date | None = None
    expires_on: date | None = None

    def includes(self, day: date) -> bool:
        """Whether the passport can be used on a day; a day that is not stated stands in no way."""
        is_issued = self.issued_on is None or self.issued_on <= day
        return is_issued and (self.expires_on is None or day <= self.expires_on)


def check_validity(
    answer: Answer,
    validity: Validity,
    arrival: date,
    departure: date | None,
    entry: CitedEntry | None = None,
    *,
    in_schengen: bool,
) -> ValidityCheck:
    """Hold a passport against what the destination asks of visitors; `departure` is None where it is not known."""
    if answer.verdict.basis is Basis.OWN_COUNTRY:
        return ValidityCheck(ValidityStatus.ENOUGH, "To enter your own country the document must only be valid.")
    expires = validity.expires_on
    if expires is not None and departure is not None and expires < departure:
        fault = f"The document expires on {describe_day(expires)}, during the stay; renew it first."
        return ValidityCheck(ValidityStatus.TOO_SHORT, fault, departure)
    if in_schengen and answer.verdict.requirement is Requirement.FREEDOM_OF_MOVEMENT:
        allowed = "Who moves freely needs only a valid document."
        return ValidityCheck(ValidityStatus.ENOUGH, allowed, departure, FREE_MOVEMENT)
    words = _asked_in_words(answer)
    rule, source = _passport_rule(entry, in_schengen=in_schengen)
    if rule is None:
        return _check_words(words)
    where = "the Schengen area" if in_schengen else answer.question.destination.in_sentence
    check = _RuleCheck(rule, f"To enter {where} a passport must {passport_phrase(rule)}", validity, arrival, departure)
    status, sentence, needed = check.outcome()
    if not all(_agrees(status, text, rule.validity) for text in words):
        both = f"{sentence} The rule asks: {' '.join(words)}"
        return ValidityCheck(ValidityStatus.SEE_CONDITIONS, both, needed, source)
    return ValidityCheck(status, sentence, needed, source)


def _passport_rule(entry: CitedEntry | None, *, in_schengen: bool) -> tuple[PassportRule | None, Source | None]:
    if entry is not None and (rule := entry.facts.passport):
        return rule, entry.sources[rule.source_key]
    return (SCHENGEN_PASSPORT, BORDERS_CODE) if in_schengen else (None, None)


@dataclass(frozen=True, slots=True)
class _RuleCheck:
    """A passport rule held against a passport; `asked` is the rule in words."""

    rule: PassportRule
    asked: str
    validity: Validity
    arrival: date
    departure: date | None

    def outcome(self) -> tuple[ValidityStatus, str, date | None]:
        """The status, a sentence, and the day to which the passport must be valid, where it is known."""
        if self._is_issued_too_long_ago():
            return ValidityStatus.TOO_SHORT, f"{self.asked}: yours is older than that.", None
        least, needed = self._least_needed(), self._needed()
        expires = self.validity.expires_on
        if expires is not None and least is not None and expires < least:
            fault = f"{self.asked}: yours expires on {describe_day(expires)}, before {describe_day(least)}."
            return ValidityStatus.TOO_SHORT, fault, least
        if missing := self._missing():
            advice = f"{self.asked}; send {' and '.join(missing)} to have it checked."
            return ValidityStatus.NOT_KNOWN, advice, needed
        if self.rule.validity is None:
            unknown = f"{self.asked}; our sources do not say how long it must be valid, so ask the authority."
            return ValidityStatus.NOT_KNOWN, unknown, None
        if expires is not None and needed is not None and expires < needed:
            doubt = f"{self.asked}; to be safe it must be valid until {describe_day(needed)}, so ask the authority."
            return ValidityStatus.NOT_KNOWN, doubt, needed
        return ValidityStatus.ENOUGH, f"{self.asked}.", needed

    def _is_issued_too_long_ago(self) -> bool:
        """Whether a passport is as old as the limit on arrival: younger is asked, so the anniversary is too late.

        Regulation (EU) 2016/399, article 6(1)(a)(ii): issued within the previous ten years.
        """
        years, issued_on = self.rule.issued_within_years, self.validity.issued_on
        return years is not None and issued_on is not None and months_after(issued_on, 12 * years) <= self.arrival

    def _least_needed(self) -> date | None:
        """The day before which the passport certainly may not expire: departure is on arrival at the earliest."""
        asked = self.rule.validity
        if asked is None:
            return None
        by_departure = asked.beyond is ValidityAnchor.DEPARTURE and self.departure is not None
        return asked.after(self.departure if by_departure and self.departure else self.arrival)

    def _needed(self) -> date | None:
        """The day that satisfies the rule in its strictest reading; None where departure decides and is not known."""
        asked = self.rule.validity
        if asked is None:
            return None
        start = self.arrival if asked.beyond is ValidityAnchor.ENTRY else self.departure
        return None if start is None else asked.after(start)

    def _missing(self) -> list[str]:
        """What the caller did not send and the rule needs."""
        asked = self.rule.validity
        needs = {
            "issued_on": (self.rule.issued_within_years is not None, self.validity.issued_on),
            "expires_on": (asked is not None, self.validity.expires_on),
            "departure": (asked is not None and asked.beyond is not ValidityAnchor.ENTRY, self.departure),
        }
        return [name for name, (is_needed, day) in needs.items() if is_needed and day is None]


def _asked_in_words(answer: Answer) -> list[str]:
    best = answer.verdict.best
    texts = [condition.text for condition in best.rule.terms.conditions] if best else []
    return [text for text in texts if _ABOUT_VALIDITY.search(text)]


def _agrees(status: ValidityStatus, text: str, validity: PassportValidity | None) -> bool:
    """Whether a condition in words leaves a status as it is: the same amount does, more does for what is too short."""
    if status is ValidityStatus.NOT_KNOWN:
        return True
    if validity is None:
        return False
    unit, asked = ("month", validity.months) if validity.months is not None else ("day", validity.days)
    found = [
        number_of(number) if name.lower().startswith(unit) else None for number, name in _AMOUNT_IN_WORDS.findall(text)
    ]
    if not found or asked is None or None in found:
        return False
    least = min(number for number in found if number is not None)
    return least >= asked if status is ValidityStatus.TOO_SHORT else set(found) == {asked}


def _check_words(asked: list[str]) -> ValidityCheck:
    if asked:
        return ValidityCheck(ValidityStatus.SEE_CONDITIONS, f"The rule asks: {' '.join(asked)}")
    return ValidityCheck(
        ValidityStatus.NOT_KNOWN,
        "Our sources do not say how long the passport must be valid; six months after departure is the usual"
        " advice, so ask the authority if yours has less.",
    )

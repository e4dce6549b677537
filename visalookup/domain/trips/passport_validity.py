"""How long a passport must be valid: what we know of it, and nothing guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from visalookup.domain.date_phrases import describe_day
from visalookup.domain.lookup import Answer, Basis
from visalookup.domain.moments import PartialDate, months_after
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import Source, SourceKind

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

_MONTHS_AFTER_SCHENGEN = 3
_YEARS_SINCE_ISSUE = 10
_ABOUT_VALIDITY = re.compile(r"\bpassport\b.*\bvalid\b", re.IGNORECASE)


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
    answer: Answer, validity: Validity, arrival: date, departure: date | None, *, in_schengen: bool
) -> ValidityCheck:
    """Hold a passport against what the destination asks; `departure` is None where it is not known."""
    if answer.verdict.basis is Basis.OWN_COUNTRY:
        return ValidityCheck(ValidityStatus.ENOUGH, "To enter your own country the document must only be valid.")
    expires = validity.expires_on
    if expires is not None and departure is not None and expires < departure:
        fault = f"The document expires on {describe_day(expires)}, during the stay; renew it first."
        return ValidityCheck(ValidityStatus.TOO_SHORT, fault, departure)
    if in_schengen and answer.verdict.requirement is Requirement.FREEDOM_OF_MOVEMENT:
        allowed = "Who moves freely needs only a valid document."
        return ValidityCheck(ValidityStatus.ENOUGH, allowed, departure, FREE_MOVEMENT)
    return _check_schengen(validity, arrival, departure) if in_schengen else _check_conditions(answer)


def _check_schengen(validity: Validity, arrival: date, departure: date | None) -> ValidityCheck:
    asked = (
        "In the Schengen area a passport must be valid for three months after you plan to leave,"
        " and issued less than ten years before you arrive"
    )
    if _is_issued_too_long_ago(validity.issued_on, arrival):
        fault = f"{asked}: yours is older than that."
        return ValidityCheck(ValidityStatus.TOO_SHORT, fault, source=BORDERS_CODE)
    needed = months_after(departure, _MONTHS_AFTER_SCHENGEN) if departure is not None else None
    if needed is not None and validity.expires_on is not None and validity.expires_on < needed:
        fault = f"{asked}: yours expires on {describe_day(validity.expires_on)}, before {describe_day(needed)}."
        return ValidityCheck(ValidityStatus.TOO_SHORT, fault, needed, BORDERS_CODE)
    days = {"issued_on": validity.issued_on, "expires_on": validity.expires_on, "departure": departure}
    if missing := [name for name, day in days.items() if day is None]:
        advice = f"{asked}; send {' and '.join(missing)} to have it checked."
        return ValidityCheck(ValidityStatus.NOT_KNOWN, advice, needed, BORDERS_CODE)
    return ValidityCheck(ValidityStatus.ENOUGH, f"{asked}.", needed, BORDERS_CODE)


def _is_issued_too_long_ago(issued_on: date | None, arrival: date) -> bool:
    """Whether a passport is ten years old on arrival: younger is asked, so the anniversary itself is too late.

    Regulation (EU) 2016/399, article 6(1)(a)(ii): issued within the previous ten years.
    """
    return issued_on is not None and months_after(issued_on, 12 * _YEARS_SINCE_ISSUE) <= arrival


def _check_conditions(answer: Answer) -> ValidityCheck:
    best = answer.verdict.best
    texts = [condition.text for condition in best.rule.terms.conditions] if best else []
    asked = [text for text in texts if _ABOUT_VALIDITY.search(text)]
    if asked:
        return ValidityCheck(ValidityStatus.SEE_CONDITIONS, f"The rule asks: {' '.join(asked)}")
    return ValidityCheck(
        ValidityStatus.NOT_KNOWN,
        "Our sources do not say how long the passport must be valid; six months after departure is the usual"
        " advice, so ask the authority if yours has less.",
    )

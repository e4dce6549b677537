"""Entry facts in English phrases."""

from __future__ import annotations

from visalookup.domain.entry_facts import (
    Concerned,
    EntryConditionKind,
    Fee,
    PassportRule,
    PassportValidity,
    ValidityAnchor,
)

_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]

_LABELS = {
    EntryConditionKind.ONWARD_TICKET: "Onward or return ticket",
    EntryConditionKind.ARRIVAL_CARD: "Arrival card or registration before travel",
    EntryConditionKind.YELLOW_FEVER: "Yellow fever certificate",
    EntryConditionKind.ACCOMMODATION: "Accommodation",
    EntryConditionKind.FUNDS: "Enough money",
    EntryConditionKind.INSURANCE: "Insurance",
}


def entry_condition_label(kind: EntryConditionKind) -> str:
    """A kind of condition as the heading of its sentence."""
    return _LABELS[kind]


def concerned_phrase(concerned: Concerned) -> str:
    """Whom a condition concerns."""
    return "for all arrivals" if concerned is Concerned.ALL_ARRIVALS else "for arrivals from countries with risk"


def passport_phrase(rule: PassportRule) -> str:
    """What a passport must be, to follow "a passport must": "be valid for six months after you arrive"."""
    is_ = [*([_validity(rule.validity)] if rule.validity else []), *_issued(rule.issued_within_years)]
    parts = [*([f"be {' and '.join(is_)}"] if is_ else []), *_pages(rule.blank_pages)]
    return " and ".join(parts)


def fee_phrase(fee: Fee) -> str:
    """A fee: "16.50 USD"."""
    return f"{fee.amount} {fee.currency}"


def number_word(number: int) -> str:
    """A number from 1 as it is written in a sentence."""
    return _NUMBERS[number - 1] if number <= len(_NUMBERS) else str(number)


def number_of(word: str) -> int | None:
    """The number that a word or digits stand for; None for any other word."""
    if word.isdecimal():
        return int(word)
    return _NUMBERS.index(word.lower()) + 1 if word.lower() in _NUMBERS else None


def _validity(validity: PassportValidity) -> str:
    length = _length(validity)
    match validity.beyond:
        case ValidityAnchor.ENTRY:
            return f"valid for {length} after you arrive" if length else "valid on arrival"
        case ValidityAnchor.DEPARTURE:
            return f"valid for {length} after you plan to leave" if length else "valid for the whole stay"
        case ValidityAnchor.NOT_STATED:
            return f"valid for {length or 'the stay'} (the source does not state from which day)"


def _length(validity: PassportValidity) -> str | None:
    if validity.months is not None:
        return _counted(validity.months, "month")
    return _counted(validity.days, "day") if validity.days is not None else None


def _issued(years: int | None) -> list[str]:
    return [f"issued less than {_counted(years, 'year')} before you arrive"] if years is not None else []


def _pages(pages: int | None) -> list[str]:
    return [f"have {_counted(pages, 'blank page')}"] if pages is not None else []


def _counted(number: int, noun: str) -> str:
    return f"{number_word(number)} {noun if number == 1 else f'{noun}s'}"

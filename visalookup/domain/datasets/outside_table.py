"""A table of visa requirements from elsewhere, in the vocabulary of the public passport index.

`Passport,Destination,Requirement`, where the requirement is a number of days without a visa, one of a few words,
or `-1` for a citizen at home.
"""

from __future__ import annotations

from dataclasses import dataclass

from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.places import Place
from visalookup.domain.requirements import AnswerKind, Requirement, answer_kind

_AT_HOME = "-1"
_LONGEST_STAY = 3650
_WORDS = {
    "visa free": Requirement.VISA_FREE,
    "visa on arrival": Requirement.VISA_ON_ARRIVAL,
    "eta": Requirement.ETA,
    "e-visa": Requirement.E_VISA,
    "visa required": Requirement.VISA_REQUIRED,
    "no admission": Requirement.NO_ADMISSION,
}

_FILED_UNDER = {
    Requirement.FREEDOM_OF_MOVEMENT: Requirement.VISA_FREE,
    Requirement.DOCUMENT_NOT_ACCEPTED: Requirement.NO_ADMISSION,
}


@dataclass(frozen=True, slots=True)
class TableClaim:
    """What the table says of one pair; `days` only where it gives a stay."""

    requirement: Requirement
    days: int | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One pair of the table, understood."""

    passport: Place
    destination: Place
    claim: TableClaim


def parse_claim(text: str) -> TableClaim | None:
    """What a cell says; None for a citizen at home. Raise InvalidValue for what the vocabulary does not have."""
    word = " ".join(text.split()).lower()
    if word == _AT_HOME:
        return None
    if word in _WORDS:
        return TableClaim(_WORDS[word])
    if word.isascii() and word.isdigit() and 1 <= int(word[:6]) <= _LONGEST_STAY:
        return TableClaim(Requirement.VISA_FREE, int(word))
    raise InvalidValue(f"{quoted(text)} is not a number of days, -1, or one of: {', '.join(_WORDS)}.")


def in_their_classes(requirement: Requirement | None) -> Requirement | None:
    """Our requirement in the classes of such a table, which files free movement under visa free.

    It has no word for a document that is not accepted; the nearest is that its holder is not admitted.
    """
    return _FILED_UNDER.get(requirement, requirement) if requirement else None


def needs_no_visa(requirement: Requirement | None) -> bool:
    """Whether one may go without a visa, be it with an authorisation; not knowing is no leave to go."""
    return requirement is not None and answer_kind(requirement) is AnswerKind.NO

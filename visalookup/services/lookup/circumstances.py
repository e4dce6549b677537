"""Understanding what a question states of the traveller: holdings, other nationalities, purpose, transport, transit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from visalookup.domain.circumstances import Transit
from visalookup.domain.conditions import Holding, TravelMode, VisitPurpose
from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.gazetteer import Gazetteer
from visalookup.domain.places import Places

MOST_STATED = 20
"""How many holdings, or other nationalities, one question may state."""

_SHORT_NAMES = {"SCH": "SCHENGEN"}
"""Groups that are known by a shorter name too."""

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class StatedForm:
    """What a question states of the traveller, as it was sent; lists are separated by commas."""

    holds: str | None = None
    also_national: str | None = None
    purpose: str | None = None
    by: str | None = None
    transit: str | None = None


NOTHING_SENT = StatedForm()


def holdings_reader(gazetteer: Gazetteer, places: Places) -> Callable[[str], frozenset[Holding]]:
    """Reads `USA:visa,SCHENGEN:residence`; raises InvalidValue for what is no list of holdings."""

    def read(text: str) -> frozenset[Holding]:
        return frozenset(_holding(part, gazetteer, places) for part in _parts(text, "holdings"))

    return read


def nationalities_reader(gazetteer: Gazetteer) -> Callable[[str], frozenset[str]]:
    """Reads `SYR,IRN`, by codes or names; raises InvalidValue for what is no list of states."""

    def read(text: str) -> frozenset[str]:
        return frozenset(gazetteer.find(part).code for part in _parts(text, "nationalities"))

    return read


def read_purpose(text: str) -> VisitPurpose:
    """The purpose of a visit."""
    return _choice(VisitPurpose, text, "a purpose of a visit; for work or study ask the authority of the destination")


def read_travel_mode(text: str) -> TravelMode:
    """The means of transport."""
    return _choice(TravelMode, text, "a means of transport")


def read_transit(text: str) -> Transit:
    """How the traveller changes on the way elsewhere."""
    return _choice(Transit, text, "a kind of transit")


def _parts(text: str, what: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MOST_STATED:
        raise InvalidValue(f"Send at most {MOST_STATED} {what} in one question; these are {len(parts)}.")
    return parts


def _holding(text: str, gazetteer: Gazetteer, places: Places) -> Holding:
    written = Holding.parse(text)
    group = written.issuer.upper()
    group = _SHORT_NAMES.get(group, group)
    if group in places.groups:
        return replace(written, issuer=group)
    return replace(written, issuer=gazetteer.find(written.issuer).code)


def _choice(kind: type[Choice], text: str, what: str) -> Choice:
    try:
        return kind(text.lower())
    except ValueError:
        raise InvalidValue(f"{quoted(text)} is not {what}; send one of {', '.join(kind)}.") from None

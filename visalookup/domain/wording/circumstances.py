"""What a question states of the traveller, in words."""

from __future__ import annotations

from enum import StrEnum

from visalookup.domain.circumstances import Circumstances, Transit
from visalookup.domain.conditions import Holding, HoldingKind, TravelMode, VisitPurpose
from visalookup.domain.places import Places

_HOLDINGS = {
    HoldingKind.VISA: "visa of {issuer}",
    HoldingKind.USED_VISA: "visa of {issuer}, used before",
    HoldingKind.RESIDENCE: "residence permit of {issuer}",
    HoldingKind.FAMILY_CARD: "card of a family member of a citizen of {issuer}",
    HoldingKind.STATUS: "status granted by {issuer}",
}

_STATED: dict[StrEnum, str] = {
    VisitPurpose.TOURISM: "tourism",
    VisitPurpose.BUSINESS: "business",
    VisitPurpose.FAMILY: "visit to family",
    VisitPurpose.MEDICAL: "medical treatment",
    VisitPurpose.OFFICIAL: "official mission",
    TravelMode.AIR: "by air",
    TravelMode.SEA: "by sea",
    TravelMode.LAND: "by road or on foot",
    TravelMode.RAIL: "by rail",
    Transit.AIRSIDE: "changing planes, without passing through the border",
    Transit.LANDSIDE: "in transit through the border",
}


def holding_label(holding: Holding, places: Places) -> str:
    """A holding in words, such as "visa of the United States"."""
    return _HOLDINGS[holding.kind].format(issuer=_name(holding.issuer, places))


def stated_label(choice: StrEnum) -> str:
    """A purpose, a means of transport or a kind of transit in words."""
    return _STATED[choice]


def describe_stated(stated: Circumstances, places: Places) -> list[str]:
    """Everything that a question states of the traveller, in words."""
    return [
        *(holding_label(holding, places) for holding in sorted(stated.holdings)),
        *(f"also a national of {_name(code, places)}" for code in sorted(stated.also_nationals)),
        *(_STATED[choice] for choice in (stated.purpose, stated.by, stated.transit) if choice is not None),
    ]


def _name(code: str, places: Places) -> str:
    if code in places.by_code:
        return places.by_code[code].in_sentence
    return f"the {places.groups[code].name}" if code in places.groups else code

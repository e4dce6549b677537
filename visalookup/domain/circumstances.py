"""What a question states of the traveller besides the passport, and how conditions are judged by it.

Nothing is concluded from silence: who names a visa may hold others, so a condition on holdings is met or unknown and
never failed. What is stated of nationality, purpose and transport is complete as far as it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from visalookup.domain.conditions import Condition, ConditionKind, Holding, HoldingKind, TravelMode, VisitPurpose
from visalookup.domain.documents import NON_CITIZEN_DOCUMENTS, DocumentType
from visalookup.domain.places import Place, PlaceKind, Places


class Transit(StrEnum):
    """How a traveller changes at the destination on the way elsewhere."""

    AIRSIDE = "airside"
    """Without passing through the border: the international zone of an airport."""
    LANDSIDE = "landside"
    """Through the border: to another airport, to collect baggage, or overnight."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a question states of the traveller besides passport, document, day and stay.

    `also_nationals` are codes of the other states whose national the traveller is.
    """

    holdings: frozenset[Holding] = frozenset()
    also_nationals: frozenset[str] = frozenset()
    purpose: VisitPurpose | None = None
    by: TravelMode | None = None
    transit: Transit | None = None


NOTHING_STATED = Circumstances()


def beside_other_passports(
    stated: Circumstances, shown: Place, held: Iterable[tuple[Place, DocumentType]]
) -> Circumstances:
    """The circumstances of a traveller who shows one passport and is a national by the others held too.

    A document for people who are not citizens of the state that issued it shows no nationality.
    """
    others = {place.code for place, document in held if _shows_nationality(place, document)} - {shown.code}
    if others <= stated.also_nationals:
        return stated
    return replace(stated, also_nationals=stated.also_nationals | others)


def _shows_nationality(place: Place, document: DocumentType) -> bool:
    return place.kind is not PlaceKind.DOCUMENT and document not in NON_CITIZEN_DOCUMENTS


class Judgement(StrEnum):
    """What a question shows of a condition."""

    MET = "met"
    FAILED = "failed"
    UNKNOWN = "unknown"


def judge_condition(condition: Condition, stated: Circumstances, places: Places) -> Judgement:
    """Whether a traveller in these circumstances meets a condition, as far as the question shows."""
    judge = _JUDGES.get(condition.kind)
    return judge(condition, stated, places) if judge else Judgement.UNKNOWN


def _codes(codes: Iterable[str], places: Places) -> frozenset[str]:
    """The places that a condition names, with the members of its groups, and the groups themselves."""
    named = tuple(codes)
    return frozenset(named).union(*(places.members(code) for code in named))


def _holds(condition: Condition, stated: Circumstances, places: Places) -> Judgement:
    """A visa of France is one of the Schengen area; one of the area need not be one of France."""
    held = any(_is_accepted(holding, condition, places) for holding in stated.holdings)
    return Judgement.MET if held else Judgement.UNKNOWN


def _is_accepted(holding: Holding, condition: Condition, places: Places) -> bool:
    return any(
        holding.issuer in _codes([wanted.issuer], places) and holding.kind in _ACCEPTED[wanted.kind]
        for wanted in condition.holds
    )


_ACCEPTED = {kind: frozenset({kind}) for kind in HoldingKind} | {
    HoldingKind.VISA: frozenset({HoldingKind.VISA, HoldingKind.USED_VISA})
}
"""The kinds that will do where one is asked for."""


def _not_also_national(condition: Condition, stated: Circumstances, places: Places) -> Judgement:
    if stated.also_nationals & _codes(condition.of, places):
        return Judgement.FAILED
    return Judgement.UNKNOWN


def _arrives(condition: Condition, stated: Circumstances, _places: Places) -> Judgement:
    accepted = condition.by or (TravelMode.AIR,)
    return _among(stated.by, accepted)


def _comes_for(condition: Condition, stated: Circumstances, _places: Places) -> Judgement:
    return _among(stated.purpose, condition.purposes)


def _among(value: StrEnum | None, accepted: tuple[StrEnum, ...]) -> Judgement:
    if value is None:
        return Judgement.UNKNOWN
    return Judgement.MET if value in accepted else Judgement.FAILED


_JUDGES: dict[ConditionKind, Callable[[Condition, Circumstances, Places], Judgement]] = {
    ConditionKind.ARRIVAL_BY: _arrives,
    ConditionKind.ARRIVAL_BY_AIR: _arrives,
    ConditionKind.FAMILY_MEMBER: _holds,
    ConditionKind.HOLDS_RESIDENCE: _holds,
    ConditionKind.HOLDS_VISA: _holds,
    ConditionKind.NOT_ALSO_NATIONAL_OF: _not_also_national,
    ConditionKind.PURPOSE: _comes_for,
    ConditionKind.STATUS_HELD: _holds,
}
"""Kinds that are not listed cannot be judged from a question, and stay unknown."""

"""What a rule gives, as JSON: the same members wherever a rule is shown."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from visalookup.domain.regimes import Terms
from visalookup.domain.requirements import ConditionKind, Stay, StayTotal


class TotalJson(TypedDict):
    """A cap over several visits."""

    days: int
    within_days: Annotated[int | None, Meta(description="The days of the window; null where it is a calendar year.")]
    calendar_year: Annotated[bool, Meta(description="Whether the count starts again with each calendar year.")]


class StayJson(TypedDict):
    """How long one may stay: in days, in months, or without limit."""

    days: int | None
    within_days: Annotated[int | None, Meta(description="The window of a rolling limit; null where it is per visit.")]
    months: int | None
    unlimited: bool
    total: TotalJson | None


class ConditionJson(TypedDict):
    """What a rule asks for besides."""

    kind: ConditionKind
    text: str


class GrantedJson(TypedDict):
    """What a rule gives beyond its requirement; a member added here is added wherever a rule is shown."""

    stay: Annotated[StayJson | None, Meta(description="How long one may stay; null where the source does not say.")]
    conditions: Annotated[list[ConditionJson], Meta(description="What is asked for besides.")]


def granted_json(terms: Terms) -> GrantedJson:
    """What a rule gives."""
    return {
        "stay": stay_json(terms.stay),
        "conditions": [{"kind": condition.kind, "text": condition.text} for condition in terms.conditions],
    }


def nothing_granted_json() -> GrantedJson:
    """The same members where no rule answers."""
    return {"stay": None, "conditions": []}


def stay_json(stay: Stay | None) -> StayJson | None:
    """How long one may stay; null where the source does not say."""
    if stay is None:
        return None
    return {
        "days": stay.days,
        "within_days": stay.within_days,
        "months": stay.months,
        "unlimited": stay.unlimited,
        "total": _total(stay.total) if stay.total else None,
    }


def _total(total: StayTotal) -> TotalJson:
    return {"days": total.days, "within_days": total.within_days, "calendar_year": total.calendar_year}

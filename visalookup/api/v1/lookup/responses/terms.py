"""What a rule gives, as JSON: the same members wherever a rule is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, NotRequired, TypedDict, cast

from msgspec import Meta

from visalookup.api.v1.lookup.responses.sources import day_json
from visalookup.domain.circumstances import Judgement
from visalookup.domain.conditions import Condition, ConditionKind, CountedFrom, TravelMode, VisitPurpose
from visalookup.domain.periods import Period
from visalookup.domain.regimes import Terms
from visalookup.domain.requirements import Stay, StayTotal

_FROM = (
    "The first day at the destination on which it holds, by the dates of its list or of the group that reaches the"
    " pair; null where it holds as long as its regime does."
)
_UNTIL = "The last such day; null where no end is known but that of its regime."


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


class ConditionArgumentsJson(TypedDict, total=False):
    """The arguments of a condition, by which it can be judged; which of them it has depends on its kind."""

    holds: Annotated[list[str], Meta(description="Visas, permits and the like, one of which is enough, as `USA:visa`.")]
    of: Annotated[list[str], Meta(description="Codes of places and groups.")]
    since: Annotated[str, Meta(description="The first day.")]
    until: Annotated[str, Meta(description="The last day.")]
    by: Annotated[list[TravelMode], Meta(description="Means of transport, one of which is used.")]
    purposes: Annotated[list[VisitPurpose], Meta(description="Purposes, one of which is meant.")]
    months: int
    days: int
    beyond: Annotated[CountedFrom, Meta(description="From when months or days are counted.")]


class ConditionJson(TypedDict):
    """What a rule asks for besides."""

    kind: ConditionKind
    text: str
    arguments: Annotated[ConditionArgumentsJson, Meta(description="What it can be judged by; only what it states.")]
    judged: NotRequired[Annotated[Judgement, Meta(description="What the question shows of it; in answers only.")]]


class GrantedJson(TypedDict):
    """What a rule gives beyond its requirement; a member added here is added wherever a rule is shown."""

    stay: Annotated[StayJson | None, Meta(description="How long one may stay; null where the source does not say.")]
    conditions: Annotated[list[ConditionJson], Meta(description="What is asked for besides.")]
    use_instead: Annotated[
        str | None, Meta(description="What to travel with where the document is not accepted; null elsewhere.")
    ]
    applies_from: Annotated[str | None, Meta(description=_FROM)]
    applies_until: Annotated[str | None, Meta(description=_UNTIL)]


def granted_json(terms: Terms, period: Period) -> GrantedJson:
    """What a rule gives, and on which days."""
    return {
        "stay": stay_json(terms.stay),
        "conditions": [condition_json(condition) for condition in terms.conditions],
        "use_instead": terms.use_instead,
        "applies_from": day_json(period.first),
        "applies_until": day_json(period.last),
    }


def condition_json(condition: Condition) -> ConditionJson:
    """What a rule asks for besides, with the arguments that it states."""
    arguments = {name: _argument(value) for name, value in condition.arguments.items()}
    return {"kind": condition.kind, "text": condition.text, "arguments": cast(ConditionArgumentsJson, arguments)}


def _argument(value: object) -> object:
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return value if isinstance(value, int) else str(value)


def judged_json(granted: GrantedJson, judgements: Iterable[Judgement]) -> GrantedJson:
    """What a rule gives, with what the question shows of its conditions."""
    conditions: list[ConditionJson] = [
        {**condition, "judged": judgement}
        for condition, judgement in zip(granted["conditions"], judgements, strict=True)
    ]
    return {**granted, "conditions": conditions}


def nothing_granted_json() -> GrantedJson:
    """The same members where no rule answers."""
    return {"stay": None, "conditions": [], "use_instead": None, "applies_from": None, "applies_until": None}


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

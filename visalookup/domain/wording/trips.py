"""What a trip check found, as English sentences for the traveller."""

from __future__ import annotations

from visalookup.domain.date_phrases import describe_day
from visalookup.domain.places import Place, Places
from visalookup.domain.trips.route import ENCLAVES, SCHENGEN
from visalookup.domain.trips.stay_limits import Limit, LimitCheck, LimitKind
from visalookup.domain.trips.trip import LegCheck, TransitRule


def area_in_sentence(code: str, destination: Place) -> str:
    """Where the days are counted: "the Schengen area" or the destination."""
    return "the Schengen area" if code == SCHENGEN else destination.in_sentence


def area_name(places: Places, code: str) -> str:
    """The name of an area of stay."""
    return places.groups[code].name if code in places.groups else places.by_code[code].name


def leg_sentence(check: LegCheck) -> str | None:
    """What stands in the way of a leg apart from a visa, or is not known; None where there is nothing to report."""
    if check.best is None:
        day = describe_day(check.leg.first_day)
        return f"No document is valid on {day}; you need one that is issued by then and has not expired."
    sentences = [_enclave_sentence(check), _transit_sentence(check)]
    return " ".join(sentence for sentence in sentences if sentence) or None


def _enclave_sentence(check: LegCheck) -> str | None:
    """Why the days of a leg outside the Schengen area are counted with it."""
    if check.area != SCHENGEN or check.leg.destination.code not in ENCLAVES:
        return None
    return (
        f"{check.leg.destination.name} is not in the Schengen area, but it is entered without an exit from the area"
        " being recorded, so its days are counted with those of the area; ask the border police if you rely on them."
    )


def _transit_sentence(check: LegCheck) -> str | None:
    place = check.leg.destination.in_sentence
    match check.transit:
        case TransitRule.UNKNOWN:
            counted = "" if check.is_counted else " No days of stay are counted for it."
            return (
                f"We hold no rule on transit through {place}. The answer is the one for a visit, for who passes"
                f" the border control; ask the airline or the authority about a change of planes.{counted}"
            )
        case TransitRule.COVERED:
            return f"The rule for {place} is for transit too."
        case _:
            return None


def limit_sentence(check: LimitCheck, where: str) -> str:
    """How a visit stands against one limit."""
    limit = _limit_in_words(check.limit)
    used = f"{_days(check.used)} of {limit} in {where} used by {describe_day(check.used_on)}"
    if check.first_overstay is None:
        return f"Within the limit: {used}."
    again = (
        f"a stay of this length is allowed from {describe_day(check.earliest_arrival)}"
        if check.earliest_arrival
        else "a stay of this length is never allowed under this rule"
    )
    return f"Too long: {used}. The first day too many is {describe_day(check.first_overstay)}; {again}."


def _limit_in_words(limit: Limit) -> str:
    if limit.months is not None:
        return f"{limit.months} {'month' if limit.months == 1 else 'months'} a visit"
    days = _days(limit.days or 0)
    match limit.kind:
        case LimitKind.PER_VISIT:
            return f"{days} a visit"
        case LimitKind.ROLLING:
            return f"{days} in any {limit.within_days}"
        case LimitKind.CALENDAR_YEAR:
            return f"{days} in a calendar year"


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"

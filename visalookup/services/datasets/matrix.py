"""The whole world as one table: the requirement for every passport at every destination."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from visalookup.domain.places import Place
from visalookup.domain.requirements import Stay
from visalookup.domain.rulebook import Rulebook
from visalookup.domain.survey import DayAt, Finding, survey

UNKNOWN = "unknown"


class MatrixRow(NamedTuple):
    """One pair, flat. `stay_days` is the longest visit (a month counts as 30 days), None if open or not stated."""

    passport: str
    destination: str
    requirement: str
    stay_days: int | None
    within_days: int | None
    verification: str | None
    regime: str | None


def day_at_destination(on: date | None, now: datetime) -> DayAt:
    """Return a function from destination to day: `on`, or the current day in the destination's time zone."""

    def day_at(destination: Place) -> date:
        return on or now.astimezone(destination.zone).date()

    return day_at


def matrix(rulebook: Rulebook, on: date | None, now: datetime) -> Iterator[MatrixRow]:
    """Yield a row for every travel document and every place that can be entered, ordered by their codes."""
    places = rulebook.places
    for finding in survey(rulebook, places.passports, places.destinations, day_at_destination(on, now)):
        yield _row(finding)


def _row(finding: Finding) -> MatrixRow:
    best = finding.verdict.best
    stay = best.rule.terms.stay if best else None
    return MatrixRow(
        finding.passport.code,
        finding.destination.code,
        str(finding.requirement or UNKNOWN),
        _days(stay),
        stay.within_days if stay else None,
        str(finding.level) if finding.level else None,
        best.regime.id if best else None,
    )


def _days(stay: Stay | None) -> int | None:
    return None if stay is None or stay.unlimited else int(stay.longest_visit)

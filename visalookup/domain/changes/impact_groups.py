"""The impact of a change as people read it: answers that change alike are one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time

from visalookup.domain.changes.impact import AnswerChange, ChangeKind
from visalookup.domain.lookup import outcome
from visalookup.domain.places import Place

_BLOC = 4
"""From so many members on, a bloc whose members change towards each other is one group."""


@dataclass(frozen=True, slots=True)
class ImpactGroup:
    """The same change for each of these passports at each of these destinations but its own, by their clocks.

    `change` is one of them, the one that begins last: midnight comes at another instant to each destination.
    """

    passports: tuple[Place, ...]
    destinations: tuple[Place, ...]
    change: AnswerChange

    @property
    def kind(self) -> ChangeKind:
        """What the change alters."""
        return self.change.kind

    @property
    def is_mutual(self) -> bool:
        """Whether some of the destinations issue some of the passports, to which it does not apply."""
        return not set(self.passports).isdisjoint(self.destinations)

    def is_past(self, now: datetime) -> bool:
        """Whether it alters only answers about days gone by."""
        return self.change.is_past(now)


def grouped(changes: Iterable[AnswerChange]) -> list[ImpactGroup]:
    """The changes with those that are alike together, in order of time; changes of answers come first."""
    alike: defaultdict[tuple[object, ...], list[AnswerChange]] = defaultdict(list)
    for change in changes:
        alike[_common(change)].append(change)
    groups = (_group(found) for similar in alike.values() for found in _by_passports(similar))
    return sorted(groups, key=_order)


def _common(change: AnswerChange) -> tuple[object, ...]:
    """What changes have in common that are shown as one."""
    moments = (_by_the_clock(moment, change.destination) for moment in (change.since, change.until))
    outcomes = (outcome(change.before), outcome(change.after))
    return (change.kind, change.documents, *moments, *outcomes, change.aspects)


def _by_the_clock(moment: datetime | None, place: Place) -> object:
    """A midnight as the day that begins there, and any other moment as the instant it is."""
    local = moment.astimezone(place.zone) if moment else None
    return local.date() if local and local.time() == time.min else moment


def _by_passports(changes: list[AnswerChange]) -> Iterator[list[AnswerChange]]:
    """Together what holds at several destinations for the same passports, or for a bloc among its members."""
    by_destination: defaultdict[str, dict[str, AnswerChange]] = defaultdict(dict)
    for change in changes:
        by_destination[change.destination.code][change.passport.code] = change
    issuers = {change.passport.code for change in changes}
    blocs: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for code, found in by_destination.items():
        blocs[frozenset(found) | (issuers & {code})].append(code)
    for codes in blocs.values():
        yield from _bloc_or_parts([by_destination[code] for code in codes])


def _bloc_or_parts(destinations: list[dict[str, AnswerChange]]) -> Iterator[list[AnswerChange]]:
    """A large bloc whole; of a small one each destination apart, unless it is the same passports everywhere."""
    parts: defaultdict[frozenset[str], list[AnswerChange]] = defaultdict(list)
    for found in destinations:
        key = frozenset() if len(destinations) >= _BLOC else frozenset(found)
        parts[key] += found.values()
    yield from parts.values()


def _group(changes: list[AnswerChange]) -> ImpactGroup:
    passports = {change.passport.code: change.passport for change in changes}
    destinations = {change.destination.code: change.destination for change in changes}
    last = max(changes, key=lambda change: change.since)
    return ImpactGroup(_by_code(passports), _by_code(destinations), last)


def _by_code(places: dict[str, Place]) -> tuple[Place, ...]:
    return tuple(places[code] for code in sorted(places))


def _order(group: ImpactGroup) -> tuple[object, ...]:
    codes = [[place.code for place in places] for places in (group.destinations, group.passports)]
    return (group.kind, group.change.since, *codes, sorted(group.change.documents))

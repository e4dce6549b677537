"""Groups that a list can name without listing them: CITIZENS, NON_CITIZENS, and REST, whom no other list names.

They are a way of writing. A list that uses them is read as `[ALL]` except those it does not reach, and `[ALL]` except
many is written with them where that is shorter; rules and ledger know `ALL` only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from visalookup.domain.places import ALL_GROUP, PlaceKind, Places
from visalookup.formats.checks import Assembly, Shape, check_codes, check_passports
from visalookup.formats.expansion import RuleList, expand_codes
from visalookup.formats.yaml_dialect import Path

CITIZENS = "CITIZENS"
"""Every passport of a nationality: of the states and territories that issue their own, and of British nationals."""
NON_CITIZENS = "NON_CITIZENS"
"""Every other travel document: of refugees, of stateless persons, and laissez-passers of organisations."""
REST = "REST"
"""Those of CITIZENS whom no list of the same file names. A list that uses a built-in group names nobody."""

BUILT_IN_GROUPS = frozenset({ALL_GROUP, CITIZENS, NON_CITIZENS, REST})
_SHORTHANDS = BUILT_IN_GROUPS - {ALL_GROUP}

BRITISH_NATIONALS = frozenset({"GBD", "GBN", "GBO", "GBP", "GBS"})
"""British nationals who are not British citizens (ICAO Doc 9303 part 3, section 5, part A)."""

_BASES = ((CITIZENS,), (REST,), (NON_CITIZENS,), (NON_CITIZENS, REST))
"""What a list can be written with instead of `ALL`, the plainest first."""


class PassportNames(NamedTuple):
    """The passports of a list as it is written."""

    passports: tuple[str, ...]
    exceptions: tuple[str, ...]


def citizens(places: Places) -> frozenset[str]:
    """The codes of CITIZENS."""
    return frozenset(
        place.code
        for place in places.passports
        if place.kind is not PlaceKind.DOCUMENT or place.code in BRITISH_NATIONALS
    )


def _named(lists: Iterable[tuple[Collection[str], Collection[str]]], places: Places) -> set[str]:
    """Whom lists (passports and exceptions) name, themselves or through a bloc."""
    return {
        reached.code
        for passports, exceptions in lists
        if BUILT_IN_GROUPS.isdisjoint(passports)
        for reached in expand_codes(passports, _members(exceptions, places), places)
        if not places.has_left(reached.group, reached.code)
    }


def _members(codes: Iterable[str], places: Places) -> set[str]:
    return {member for code in codes for member in places.members(code)}


def _groups_of(named: Collection[str], places: Places) -> dict[str, frozenset[str]]:
    """The members of each built-in group in a file whose lists name these passports."""
    every, with_nationality = frozenset(places.members(ALL_GROUP)), citizens(places)
    return {
        CITIZENS: with_nationality,
        NON_CITIZENS: every - with_nationality,
        REST: with_nationality.difference(named),
    }


def resolve_list_groups(assembly: Assembly, lists: Sequence[Shape], key: str) -> list[Shape]:
    """The lists of a file, with `[ALL]` and its exceptions in place of every shorthand."""
    named = _named(((shape["passports"], shape.get("except_", ())) for shape in lists), assembly.places)
    groups = _groups_of(named, assembly.places)
    return [
        shape
        if _SHORTHANDS.isdisjoint(shape["passports"])
        else {**shape, "passports": [ALL_GROUP], "except_": _left_out(assembly, shape, groups, (key, index))}
        for index, shape in enumerate(lists)
    ]


def _left_out(assembly: Assembly, shape: Shape, groups: dict[str, frozenset[str]], path: Path) -> list[str]:
    """Whom a list with shorthands does not reach; a fault is noted for what it cannot mean."""
    before = len(assembly.faults)
    used = [code for code in shape["passports"] if code in groups]
    beside = [code for code in shape["passports"] if code not in groups]
    left_out = shape.get("except_", ())
    _check_beside(assembly, beside, path)
    check_codes(assembly, left_out, *path, "except")
    if len(assembly.faults) > before:
        return []
    through_groups = frozenset().union(*(groups[code] for code in used))
    _check_use(assembly, used, beside, through_groups, path)
    _check_exceptions(assembly, left_out, through_groups, path)
    reached = through_groups - _members(left_out, assembly.places) | set(beside)
    if not reached:
        assembly.fault("This list reaches nobody.", *path, "passports")
    return sorted(set(assembly.places.members(ALL_GROUP)) - reached)


def _check_beside(assembly: Assembly, beside: Sequence[str], path: Path) -> None:
    """Beside a shorthand stand places; who is in a bloc as well would be reached in two ways."""
    blocs = [code for code in beside if code == ALL_GROUP or code in assembly.places.groups]
    for code in blocs:
        message = f"{code} cannot stand beside CITIZENS, NON_CITIZENS or REST; write a list of its own for it."
        assembly.fault(message, *path, "passports")
    check_codes(assembly, beside, *path, "passports")
    check_passports(assembly, tuple(code for code in beside if code not in blocs), (), path)


def _check_use(
    assembly: Assembly, used: Sequence[str], beside: Sequence[str], through_groups: frozenset[str], path: Path
) -> None:
    if len(set(used)) < len(used) or {CITIZENS, REST} <= set(used):
        assembly.fault("REST is a part of CITIZENS, and a group is named once.", *path, "passports")
    for code in beside:
        if code in through_groups:
            assembly.fault(f"{code} is named twice, itself or through a group.", *path, "passports")


def _check_exceptions(assembly: Assembly, left_out: Iterable[str], through_groups: frozenset[str], path: Path) -> None:
    for code in left_out:
        if through_groups.isdisjoint(assembly.places.members(code)):
            assembly.fault(f"{code} is in none of the groups named here.", *path, "except")


class PassportWriter:
    """Writes the passports of the lists of one file in the fewest names."""

    def __init__(self, entries: Iterable[RuleList], places: Places) -> None:
        named = _named(((entry.passports, entry.exceptions) for entry in entries), places)
        self._groups = _groups_of(named, places)
        self._everybody = frozenset(places.members(ALL_GROUP))

    def names(self, entry: RuleList) -> PassportNames:
        """The passports of a list: with a shorthand where that takes fewer names than `[ALL]` with its exceptions."""
        plain = PassportNames(entry.passports, entry.exceptions)
        if entry.passports != (ALL_GROUP,) or not entry.exceptions:
            return plain
        return min([plain, *(self._names_with(base, entry) for base in _BASES)], key=_length)

    def _names_with(self, base: tuple[str, ...], entry: RuleList) -> PassportNames:
        own = set(entry.destinations) if len(entry.destinations) == 1 else set()
        through_groups = frozenset().union(*(self._groups[code] for code in base)) - own
        reached = self._everybody.difference(entry.exceptions) - own
        beside = sorted(reached - through_groups)
        return PassportNames((*base, *beside), tuple(sorted(through_groups - reached)))


def _length(names: PassportNames) -> int:
    return len(names.passports) + len(names.exceptions)

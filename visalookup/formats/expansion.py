"""Between lists as people write them (places, groups, exceptions) and rules for each pair, both ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from visalookup.domain.places import Places
from visalookup.domain.regimes import Rule, Terms


@dataclass(frozen=True, slots=True)
class RuleList:
    """One list of a file: what it grants, to whom and where. `exceptions` are left out of the groups named."""

    terms: Terms
    passports: tuple[str, ...]
    destinations: tuple[str, ...]
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpandedCode:
    """A place, and the group through which a list names it, if it is one."""

    code: str
    group: str | None


@dataclass(frozen=True, slots=True)
class ExpandedPair:
    """A passport at a destination, each as a list reaches it."""

    passport: ExpandedCode
    destination: ExpandedCode


def expand_codes(codes: Iterable[str], exceptions: Iterable[str], places: Places) -> list[ExpandedCode]:
    """Each place that the codes name; an exception is left out of groups, not of what is named itself."""
    left_out = set(exceptions)
    reached: list[ExpandedCode] = []
    for code in codes:
        if code in places.by_code:
            reached.append(ExpandedCode(code, None))
        else:
            reached.extend(ExpandedCode(each, code) for each in places.members(code) if each not in left_out)
    return reached


def expand_entry(entry: RuleList, places: Places) -> list[ExpandedPair]:
    """Every pair of a list, except a citizen's own country and passports that do not exist."""
    passports = [
        each
        for each in expand_codes(entry.passports, entry.exceptions, places)
        if places.by_code[each.code].issues_documents
    ]
    return [
        ExpandedPair(passport, destination)
        for destination in expand_codes(entry.destinations, (), places)
        for passport in passports
        if passport.code != destination.code
    ]


def build_rules(regime_id: str, entries: Iterable[RuleList], places: Places) -> list[Rule]:
    """The rules of a regime. Their keys follow from their content, so a file read again names them alike."""
    rules: list[Rule] = []
    taken: defaultdict[str, int] = defaultdict(int)
    for entry in sorted(entries, key=entry_order):
        for pair in expand_entry(entry, places):
            name = f"{pair.passport.code}-{pair.destination.code}-{documents_label(entry.terms)}"
            taken[name] += 1
            rules.append(
                Rule(
                    key=name if taken[name] == 1 else f"{name}-{taken[name]}",
                    regime_id=regime_id,
                    passport=pair.passport.code,
                    destination=pair.destination.code,
                    terms=entry.terms,
                    passport_group=pair.passport.group,
                    destination_group=pair.destination.group,
                )
            )
    return rules


def documents_label(terms: Terms) -> str:
    """The document types of terms, as the key of a rule shows them."""
    return "all" if terms.documents.is_every else "+".join(sorted(terms.documents))


def entry_order(entry: RuleList) -> tuple[object, ...]:
    """The canonical order of entries: the most favourable first, then by everything that tells them apart."""
    return (*terms_order(entry.terms), entry.destinations, entry.passports)


def terms_order(terms: Terms) -> tuple[object, ...]:
    """A total order of terms: by what people look for first, and at last by everything that tells them apart."""
    return (
        terms.preference,
        documents_label(terms),
        sorted(terms.purposes),
        terms.conditions,
        terms.overriding,
        terms.source_key,
        terms.verification.level,
        str(terms.verification.verified_on),
        repr(terms.stay),
        terms.note or "",
        repr(terms),
    )


def collapse_rules(rules: Iterable[Rule], places: Places) -> list[RuleList]:
    """The entries that expand to exactly these rules, in canonical order."""
    by_terms: defaultdict[Terms, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_terms[rule.terms].append(rule)
    entries = [entry for terms, found in by_terms.items() for entry in _entries(terms, found, places)]
    return sorted(entries, key=entry_order)


def _entries(terms: Terms, rules: list[Rule], places: Places) -> list[RuleList]:
    """One entry for each set of destinations that share the same passports."""
    shared: defaultdict[_Side, list[str]] = defaultdict(list)
    for destination, found in _by_destination(rules, places).items():
        for side in _passport_sides(found, destination, places):
            shared[side].append(destination)
    return [
        RuleList(terms, side.passports, tuple(sorted(destinations)), side.exceptions)
        for side, destinations in shared.items()
    ]


def _by_destination(rules: list[Rule], places: Places) -> dict[str, list[Rule]]:
    """Rules under the destination a list would name: the group where all its members agree, else the place."""
    by_group: defaultdict[str | None, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_group[rule.destination_group].append(rule)
    found: defaultdict[str, list[Rule]] = defaultdict(list)
    for group, members in by_group.items():
        whole = group is not None and _is_uniform(group, members, places)
        for rule in members:
            found[group if whole and group else rule.destination].append(rule)
    return dict(found)


def _is_uniform(group: str, rules: list[Rule], places: Places) -> bool:
    """Whether every member of a group of destinations admits the same passports, its own left aside."""
    passports: defaultdict[str, set[tuple[str, str | None]]] = defaultdict(set)
    for rule in rules:
        passports[rule.destination].add((rule.passport, rule.passport_group))
    everyone = set().union(*passports.values())
    return all(
        passports[member] == {each for each in everyone if each[0] != member} for member in places.members(group)
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """The passports of an entry as a list names them, and the exceptions from its groups."""

    passports: tuple[str, ...]
    exceptions: tuple[str, ...] = ()


def _passport_sides(rules: list[Rule], destination: str, places: Places) -> list[_Side]:
    """The passports a list would name: on one side, unless an exception from one group is a member of another."""
    reached: defaultdict[str | None, set[str]] = defaultdict(set)
    for rule in rules:
        reached[rule.passport_group].add(rule.passport)
    own = {destination} if destination in places.by_code else set()
    missing = {
        group: {
            member
            for member in places.members(group)
            if member not in found | own and places.by_code[member].issues_documents
        }
        for group, found in reached.items()
        if group is not None
    }
    exceptions = set().union(*missing.values())
    through_groups = {code for group, found in reached.items() if group is not None for code in found}
    apart = [group for group, left_out in missing.items() if left_out] if exceptions & through_groups else []
    together = sorted(group for group in missing if group not in apart)
    main = _Side((*together, *sorted(reached.get(None, ()))), () if apart else tuple(sorted(exceptions)))
    sides = [_Side((group,), tuple(sorted(missing[group]))) for group in apart]
    return [main, *sides] if main.passports else sides

"""What is wrong with a file that has the right shape: codes, sources, lists that do not hold together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from visalookup.domain.datasets.plausibility import (
    contradictions,
    findings_in_source,
    findings_in_terms,
    findings_in_verification,
    missing_sides,
)
from visalookup.domain.places import Places
from visalookup.domain.regimes import Regime, Rule, Terms
from visalookup.formats.expansion import expand_codes
from visalookup.formats.faults import Fault
from visalookup.formats.yaml_dialect import Document, Path

Shape = Mapping[str, Any]


@dataclass(slots=True)
class Assembly:
    """One file being assembled: its document, the places it may name, and the faults found so far."""

    document: Document
    places: Places
    faults: list[Fault] = field(default_factory=list)
    paths: dict[Terms, Path] = field(default_factory=dict)
    """Where each set of terms stands in the file."""

    def fault(self, message: str, *path: str | int) -> None:
        """Note a fault at `path`."""
        self.faults.append(self.document.fault(message, path))


def check_codes(assembly: Assembly, codes: Iterable[str], *path: str | int) -> None:
    """Note a fault for each code that is neither a place nor a group."""
    for code in codes:
        if not assembly.places.members(code):
            assembly.fault(f"{code} is neither the code of a place nor of a group.", *path)


def check_source(assembly: Assembly, shape: Shape, key: str, *path: str | int) -> None:
    """Note a fault where a source key stands for nothing."""
    if key not in shape["sources"]:
        assembly.fault(f"{key!r} is not a key under `sources`.", *path)


def check_sources_used(assembly: Assembly, shape: Shape) -> None:
    """A source that is not cited is a leftover, or a fact that lost its source."""
    cited = {each["source"] for name in ("lists", "rules", "timeline") for each in shape.get(name, ())}
    cited |= {shape[name]["source"] for name in ("in_force", "default") if name in shape}
    cited |= set(cited_in_entry(shape.get("entry", {})))
    for key in shape["sources"]:
        if key not in cited:
            assembly.fault(f"The source {key!r} is not cited by anything in this file.", "sources", key)


def cited_in_entry(entry: Any) -> Iterator[str]:
    """The source keys in the entry facts of a file; what is malformed has faults of its own, and gives none."""
    parts = entry.values() if isinstance(entry, Mapping) else ()
    for part in parts:
        for fact in part if isinstance(part, list) else [part]:
            if isinstance(fact, Mapping) and isinstance(fact.get("source"), str):
                yield fact["source"]


def check_repeated(assembly: Assembly, rules: list[Rule]) -> None:
    """A passport listed twice on the very same terms is a mistake."""
    lasting = (rule for rule in rules if not assembly.places.has_left(rule.passport_group, rule.passport))
    seen = Counter((rule.passport, rule.destination, rule.terms) for rule in lasting)
    for (passport, destination, terms), times in seen.items():
        if times > 1:
            message = f"{passport} is listed twice for {destination} as {terms.requirement}."
            assembly.fault(message, *assembly.paths[terms])


def check_plausible(assembly: Assembly, regime: Regime, rules: list[Rule]) -> None:
    """Note what is well formed and cannot be right, at the line it stands on."""
    for key, source in regime.sources.items():
        for finding in findings_in_source(source):
            assembly.fault(finding, "sources", key)
    for terms, path in assembly.paths.items():
        for finding in findings_in_terms(terms, regime.sources[terms.source_key]):
            assembly.fault(finding, *path)
    _check_entry(assembly, regime)
    for rule, finding in contradictions(rules, assembly.places):
        assembly.fault(finding, *assembly.paths[rule.terms])
    for finding in missing_sides(regime, rules, assembly.places):
        assembly.fault(finding, "rules")


def _check_entry(assembly: Assembly, regime: Regime) -> None:
    for fact in regime.entry.facts if regime.entry else ():
        for finding in findings_in_verification(fact.verification, regime.sources[fact.source_key]):
            assembly.fault(finding, "entry")


def check_destinations(assembly: Assembly, destinations: Iterable[str], path: Path) -> None:
    """Note a fault for each destination that cannot be entered."""
    for reached in expand_codes(destinations, (), assembly.places):
        if not assembly.places.by_code[reached.code].can_be_entered:
            message = f"{reached.code} is a travel document, not a place to travel to."
            assembly.fault(message, *path, "destinations")


def check_passports(assembly: Assembly, passports: tuple[str, ...], left_out: Iterable[str], path: Path) -> None:
    """Note passports that do not exist, that are named twice, and exceptions from nothing."""
    places = assembly.places
    through_groups = {each.code for each in expand_codes(passports, (), places) if each.group}
    for code in left_out:
        if places.members(code) and through_groups.isdisjoint(places.members(code)):
            assembly.fault(f"{code} is in none of the groups named here.", *path, "except")
    exceptions = [member for code in left_out for member in places.members(code)]
    named = expand_codes(passports, exceptions, places)
    reached = Counter(found.code for found in named if not places.has_left(found.group, found.code))
    for code, times in reached.items():
        if times > 1:
            assembly.fault(f"{code} is named twice, itself or through a group.", *path, "passports")
    for code in passports:
        place = assembly.places.by_code.get(code)
        if place is not None and not place.issues_documents:
            message = f"{code} issues no passports; its people hold those of {place.citizens_of}."
            assembly.fault(message, *path, "passports")


def check_own_citizens(assembly: Assembly, passports: tuple[str, ...], destinations: Iterable[str], path: Path) -> None:
    """Note a list for one destination that names its own citizens: they need no rule to come home."""
    for code in passports:
        if code in assembly.places.by_code and tuple(destinations) == (code,):
            assembly.fault(f"{code} is the destination itself: its citizens need no exemption.", *path, "passports")

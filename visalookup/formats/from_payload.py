"""From the shape of a file to domain objects, with a fault for everything that does not hold together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from visalookup.domain.conditions import Condition
from visalookup.domain.entry_facts import EntryFacts
from visalookup.domain.errors import DomainError, InvalidValue
from visalookup.domain.lifecycle import (
    Milestone,
    Status,
    StatusEvent,
    Timeline,
    Transition,
    build_timeline,
)
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.periods import ALWAYS, checked_period
from visalookup.domain.places import ALL_GROUP, Authority, Group, Membership
from visalookup.domain.regimes import Regime, RegimeKind, Rule, Terms, policy_id
from visalookup.domain.sources import Source, Verification, VerificationLevel
from visalookup.formats.checks import (
    Assembly,
    Shape,
    check_codes,
    check_destinations,
    check_own_citizens,
    check_passports,
    check_plausible,
    check_repeated,
    check_source,
    check_sources_used,
)
from visalookup.formats.converter import build
from visalookup.formats.expansion import RuleList, build_rules, expand_codes
from visalookup.formats.list_groups import BUILT_IN_GROUPS, resolve_list_groups
from visalookup.formats.yaml_dialect import Path


def assemble_destination(assembly: Assembly, shape: Shape) -> tuple[Regime, list[Rule]] | None:
    """The standing policy of a destination; None where a fault stands in the way."""
    destination = shape["destination"]
    check_codes(assembly, [destination], "destination")
    check_source(assembly, shape, shape["in_force"]["source"], "in_force", "source")
    entries = _policy_entries(assembly, shape)
    try:
        event = _beginning(shape["in_force"])
    except DomainError as error:
        assembly.fault(str(error), "in_force", "on")
        return None
    return _regime(assembly, shape, policy_id(destination), (destination,), Timeline((event,)), entries)


def _beginning(start: Shape) -> StatusEvent:
    return StatusEvent(
        key=f"{Status.IN_FORCE}-1",
        status=Status.IN_FORCE,
        effective=EffectiveDate.parse(start["on"], attested=start["attested"]),
        source_key=start["source"],
        note=start.get("note"),
    )


def assemble_regime(assembly: Assembly, shape: Shape) -> tuple[Regime, list[Rule]] | None:
    """A dated regime; None where a fault stands in the way."""
    check_codes(assembly, shape["parties"], "parties")
    timeline = _timeline(assembly, shape)
    entries = [
        entry
        for index, each in enumerate(resolve_list_groups(assembly, shape["rules"], "rules"))
        if (entry := _entry(assembly, shape, each, each["destinations"], ("rules", index)))
    ]
    if timeline is None:
        return None
    return _regime(assembly, shape, shape["id"], tuple(sorted(shape["parties"])), timeline, entries)


def assemble_group(assembly: Assembly, shape: Shape, index: int) -> Group | None:
    """A group of places."""
    code, members = shape["code"], tuple(sorted(member["code"] for member in shape["members"]))
    if code in assembly.places.by_code or code in BUILT_IN_GROUPS:
        assembly.fault(f"{code} is the code of a place, or built in; choose another.", index, "code")
    for each, times in Counter(members).items():
        if each not in assembly.places.by_code:
            assembly.fault(f"{each} is not the code of a place.", index, "members")
        if times > 1:
            assembly.fault(f"{each} is a member twice.", index, "members")
    memberships = _memberships(assembly, shape, index)
    if assembly.faults:
        return None
    return Group(code, shape["name"], members, source_of("group", shape["source"]), shape.get("note"), memberships)


def _memberships(assembly: Assembly, shape: Shape, index: int) -> tuple[Membership, ...]:
    """The dated ones among the members of a group."""
    sources = {key: source_of(key, source) for key, source in shape["sources"].items()}
    found = [
        membership
        for place, member in enumerate(shape["members"])
        if (membership := _membership(assembly, member, sources, (index, "members", place)))
    ]
    cited = {membership.source.key for membership in found if membership.source}
    for key in sources.keys() - cited:
        assembly.fault(f"The source {key!r} is not cited by any member.", index, "sources", key)
    return tuple(sorted(found, key=lambda membership: membership.code))


def _membership(assembly: Assembly, member: Shape, sources: Mapping[str, Source], path: Path) -> Membership | None:
    key = member.get("source")
    if key is not None and key not in sources:
        assembly.fault(f"{key!r} is not a key under `sources`.", *path)
        return None
    try:
        period = checked_period(member.get("from"), member.get("until"))
    except DomainError as error:
        assembly.fault(str(error), *path)
        return None
    return None if period == ALWAYS else Membership(member["code"], period, sources.get(key) if key else None)


def source_of(key: str, shape: Shape) -> Source:
    """A source."""
    return build(Source, shape, key=key)


def _policy_entries(assembly: Assembly, shape: Shape) -> list[RuleList]:
    destination = [shape["destination"]]
    entries: list[RuleList | None] = []
    if "default" in shape:
        everyone = {"documents": ["all"], "passports": [ALL_GROUP], **shape["default"]}
        entries.append(_entry(assembly, shape, everyone, destination, ("default",)))
    for index, each in enumerate(resolve_list_groups(assembly, shape["lists"], "lists")):
        entries.append(_entry(assembly, shape, each, destination, ("lists", index)))
    return [entry for entry in entries if entry]


def _regime(
    assembly: Assembly,
    shape: Shape,
    regime_id: str,
    parties: tuple[str, ...],
    timeline: Timeline,
    entries: list[RuleList],
) -> tuple[Regime, list[Rule]] | None:
    check_sources_used(assembly, shape)
    verification = _verification(assembly, shape, ())
    entry = _entry_facts(assembly, shape, verification)
    if assembly.faults:
        return None
    authority = shape.get("authority")
    regime = Regime(
        id=regime_id,
        kind=RegimeKind(shape["kind"]),
        title=shape["title"],
        parties=parties,
        timeline=timeline,
        sources={key: source_of(key, each) for key, each in sorted(shape["sources"].items())},
        verification=verification,
        policy_of=shape.get("destination"),
        authority=build(Authority, authority) if authority else None,
        note=shape.get("note"),
        entry=entry,
    )
    rules = build_rules(regime_id, entries, assembly.places)
    check_repeated(assembly, rules)
    check_plausible(assembly, regime, rules)
    return regime, rules


def _entry_facts(assembly: Assembly, file: Shape, usual: Verification | None) -> EntryFacts | None:
    """The entry facts of a policy; None where it states none, or where a fault stands in the way."""
    if "entry" not in file:
        return None
    before = len(assembly.faults)
    facts: dict[str, Any] = {}
    for name, stated in file["entry"].items():
        if isinstance(stated, list):
            facts[name] = [_fact(assembly, file, each, usual, (name, index)) for index, each in enumerate(stated)]
        else:
            facts[name] = _fact(assembly, file, stated, usual, (name,))
    if len(assembly.faults) > before:
        return None
    try:
        return build(EntryFacts, facts)
    except DomainError as error:
        assembly.fault(str(error), "entry")
        return None


def _fact(assembly: Assembly, file: Shape, shape: Shape, usual: Verification | None, path: Path) -> Shape:
    """One fact with its verification, its own or that of the file."""
    check_source(assembly, file, shape["source"], "entry", *path, "source")
    verification = _verification(assembly, shape, ("entry", *path)) or usual
    if verification is None:
        assembly.fault("No verification is given, here or for the whole file.", "entry", *path)
    return {**shape, "source_key": shape["source"], "verification": verification}


def _timeline(assembly: Assembly, shape: Shape) -> Timeline | None:
    events: list[StatusEvent] = []
    milestones: list[Milestone] = []
    numbers: defaultdict[str, int] = defaultdict(int)
    for index, each in enumerate(shape["timeline"]):
        check_source(assembly, shape, each["source"], "timeline", index, "source")
        name = each.get("status") or each.get("milestone")
        if ("status" in each) == ("milestone" in each):
            assembly.fault("An entry has either a status or a milestone.", "timeline", index)
            continue
        if "party" in each:
            check_codes(assembly, [each["party"]], "timeline", index, "party")
        numbers[name] += 1
        key = f"{name}-{numbers[name]}"
        try:
            entry = entry_of(each, key, each["source"])
        except DomainError as error:
            assembly.fault(str(error), "timeline", index)
            continue
        if isinstance(entry, StatusEvent):
            events.append(entry)
        else:
            milestones.append(entry)
    try:
        return build_timeline(events, milestones)
    except DomainError as error:
        assembly.fault(str(error), "timeline")
        return None


def entry_of(shape: Shape, key: str, source_key: str) -> StatusEvent | Milestone:
    """A step or a milestone; raise InvalidValue for a date that is too vague for what it changes."""
    effective = EffectiveDate.parse(shape["on"], attested=shape["attested"])
    note = shape.get("note")
    if "milestone" in shape:
        return Milestone(key, shape["milestone"], effective, source_key, shape.get("party"), note)
    transition = shape.get("transition")
    grace = Transition(transition["until"], transition["text"]) if transition else None
    return StatusEvent(key, Status(shape["status"]), effective, source_key, note, grace)


def _entry(assembly: Assembly, file: Shape, shape: Shape, destinations: Iterable[str], path: Path) -> RuleList | None:
    before = len(assembly.faults)
    left_out = shape.get("except_", ())
    exceptions = tuple(sorted({each.code for each in expand_codes(left_out, (), assembly.places)}))
    passports = tuple(sorted(shape["passports"], key=lambda code: (code in assembly.places.by_code, code)))
    check_codes(assembly, passports, *path, "passports")
    check_codes(assembly, left_out, *path, "except")
    check_codes(assembly, destinations, *path, "destinations")
    check_destinations(assembly, destinations, path)
    check_source(assembly, file, shape["source"], *path, "source")
    check_passports(assembly, passports, left_out, path)
    check_own_citizens(assembly, passports, destinations, path)
    terms = _terms(assembly, file, shape, path)
    if terms is None or len(assembly.faults) > before:
        return None
    for index, condition in enumerate(shape.get("conditions", ())):
        check_codes(assembly, build(Condition, condition).codes, *path, "conditions", index)
    assembly.paths.setdefault(terms, path)
    return RuleList(terms, passports, tuple(sorted(destinations)), exceptions)


def _terms(assembly: Assembly, file: Shape, shape: Shape, path: Path) -> Terms | None:
    verification = _verification(assembly, shape, path) or _verification(assembly, file, ())
    if verification is None:
        assembly.fault("No verification is given, here or for the whole file.", *path)
        return None
    try:
        return terms_of(shape, shape["source"], verification)
    except DomainError as error:
        assembly.fault(str(error), *path, _part_at_fault(shape))
        return None


def _part_at_fault(shape: Shape) -> str:
    """Where the parts of terms do not go together: in the stay, or in the days on which they hold."""
    try:
        checked_period(shape.get("from"), shape.get("until"))
    except DomainError:
        return "until"
    return "stay"


def terms_of(shape: Shape, source_key: str, verification: Verification) -> Terms:
    """Terms; raise InvalidValue for a stay in no measure or in two."""
    return build(Terms, shape, source_key=source_key, verification=verification)


def _verification(assembly: Assembly, shape: Shape, path: Path) -> Verification | None:
    if "verification" not in shape:
        return None
    try:
        return verification_of(shape["verification"])
    except DomainError as error:
        assembly.fault(str(error), *path, "verification")
        return None


def verification_of(shape: Shape) -> Verification:
    """A verification; raise InvalidValue for one that was read on no day, or not read on a day."""
    verification = build(Verification, shape)
    if (verification.verified_on is None) != (verification.level is VerificationLevel.UNVERIFIED):
        raise InvalidValue("What was read needs the day it was read; what is unverified has none.")
    return verification

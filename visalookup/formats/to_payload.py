"""Writing a data set as files, in their one canonical form."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.documents import EVERY_DOCUMENT, ORDINARY_ONLY, DocumentScope
from visalookup.domain.entry_facts import EntryFacts
from visalookup.domain.lifecycle import Milestone, StatusEvent
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.places import ALL_GROUP, Authority, Group, Membership, Place, Places, index_places
from visalookup.domain.regimes import Regime, Rule, Terms
from visalookup.domain.sources import Verification
from visalookup.formats.converter import documents_payload, payload_of
from visalookup.formats.data_folder import GROUPS_FILE, PLACE_COLUMNS, PLACES_FILE
from visalookup.formats.expansion import RuleList, collapse_rules
from visalookup.formats.layout import Layout, lay_out, read_layout
from visalookup.formats.linking import policy_file
from visalookup.formats.list_groups import PassportNames, PassportWriter
from visalookup.formats.yaml_dialect import Flow, FlowMap, write_document

Written = dict[str, Any]


def write_data(data: DataSet, layout: Layout | None = None) -> dict[str, str]:
    """The text of every file, by its name relative to the data folder; without a layout each file is in full."""
    places = index_places(data.places, data.groups)
    rules: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in data.rules:
        rules[rule.regime_id].append(rule)
    contents = {regime_file(regime): regime_content(regime, rules[regime.id], places) for regime in data.regimes}
    return {
        PLACES_FILE: _places_text(data.places),
        GROUPS_FILE: _groups_text(data.groups),
        **lay_out(contents, layout or Layout()),
    }


def save_data(data: DataSet, folder: Path) -> list[str]:
    """Write the files of a data set that differ from those in `folder`, in its layout; return their names."""
    changed = []
    for name, text in write_data(data, read_layout(folder)).items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            changed.append(name)
    return changed


def regime_file(regime: Regime) -> str:
    """The name of the file a regime is kept in."""
    return policy_file(regime.policy_of) if regime.policy_of else f"regimes/{regime.id}.yaml"


def _places_text(places: Iterable[Place]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(PLACE_COLUMNS)
    for place in sorted(places, key=lambda each: each.code):
        authority = place.authority or Authority("", "")
        writer.writerow(
            [
                place.code,
                place.alpha2,
                place.icao,
                place.kind,
                place.citizens_of,
                place.name,
                place.article,
                ";".join(place.aliases),
                place.timezone,
                authority.name,
                authority.url,
            ]
        )
    return out.getvalue()


def _groups_text(groups: Iterable[Group]) -> str:
    return write_document(
        [
            _present(
                code=group.code,
                name=group.name,
                members=_members(group),
                note=group.note,
                source=payload_of(group.source),
                sources=_membership_sources(group),
            )
            for group in sorted(groups, key=lambda each: each.code)
        ]
    )


def _members(group: Group) -> Flow:
    dated = {membership.code: membership for membership in group.memberships}
    return Flow(_membership(dated[code]) if code in dated else code for code in group.members)


def _membership(membership: Membership) -> FlowMap:
    first, last = membership.period.first, membership.period.last
    days = {"from": first and first.isoformat(), "until": last and last.isoformat()}
    return FlowMap(_present(code=membership.code, **days, source=membership.source.key if membership.source else None))


def _membership_sources(group: Group) -> Written | None:
    cited = {membership.source.key: membership.source for membership in group.memberships if membership.source}
    return {key: payload_of(source) for key, source in sorted(cited.items())} or None


def regime_content(regime: Regime, rules: Iterable[Rule], places: Places) -> Written:
    """The content of the file of a regime, in full."""
    entries = collapse_rules(rules, places)
    passports = PassportWriter(entries, places)
    head = _present(title=regime.title, kind=str(regime.kind))
    common = _present(
        authority=payload_of(regime.authority) if regime.authority else None,
        verification=_verification(regime.verification),
        sources={key: payload_of(source) for key, source in sorted(regime.sources.items())},
    )
    if regime.policy_of:
        return {
            "destination": regime.policy_of,
            **head,
            "in_force": _in_force(regime.timeline.events[0]),
            **common,
            **_present(entry=_entry(regime, regime.entry) if regime.entry else None),
            **_policy_lists(regime, entries, passports),
            **_present(note=regime.note),
        }
    return {
        "id": regime.id,
        **head,
        "parties": Flow(regime.parties),
        **common,
        "timeline": _timeline(regime),
        "rules": [_rule(regime, entry, passports) for entry in entries],
        **_present(note=regime.note),
    }


def _policy_lists(regime: Regime, entries: list[RuleList], passports: PassportWriter) -> Written:
    """The default of a policy, and its lists."""
    default = _default(entries)
    lists = [
        {**_passports(passports.names(entry)), **_terms(regime, entry.terms, ORDINARY_ONLY)}
        for entry in entries
        if entry is not default
    ]
    return _present(
        default=_terms(regime, default.terms, EVERY_DOCUMENT) if default else None,
        lists=lists or None,
    )


def _entry(regime: Regime, entry: EntryFacts) -> Written:
    """The entry facts without what the file as a whole says already."""
    written = payload_of(entry)
    return {
        name: [_fact(regime, each) for each in stated] if isinstance(stated, (list, tuple)) else _fact(regime, stated)
        for name, stated in written.items()
    }


def _fact(regime: Regime, written: Written) -> Written:
    usual = payload_of(regime.verification) if regime.verification else None
    granted = [name for name in written if name not in _LAST]
    kept = (name for name in (*granted, *_LAST) if name in written)
    return _in_flow({name: written[name] for name in kept if not (name == "verification" and written[name] == usual)})


def _default(entries: list[RuleList]) -> RuleList | None:
    """What holds for everybody: of the entries that name all, with all documents if it can be, the strictest."""
    everybody = [
        entry
        for entry in entries
        if entry.passports == (ALL_GROUP,) and not (entry.exceptions or entry.terms.narrows or entry.terms.overriding)
    ]
    unbounded = [entry for entry in everybody if entry.terms.documents.is_every]
    return next(reversed(unbounded or everybody), None)


def _rule(regime: Regime, entry: RuleList, passports: PassportWriter) -> Written:
    terms = _terms(regime, entry.terms, ORDINARY_ONLY)
    return {**_passports(passports.names(entry)), "destinations": Flow(entry.destinations), **terms}


def _passports(names: PassportNames) -> Written:
    return {
        "passports": Flow(names.passports),
        **({"except": Flow(names.exceptions)} if names.exceptions else {}),
    }


_LAST = ("source", "verification", "note")
"""The members that stand below what terms grant."""


def _terms(regime: Regime, terms: Terms, usual: DocumentScope) -> Written:
    """Terms without what the file as a whole says already, and without `usual` documents."""
    written = payload_of(terms)
    written["documents"] = None if terms.documents == usual else documents_payload(terms.documents)
    if terms.verification == regime.verification:
        written["verification"] = None
    granted = [name for name in written if name not in _LAST]
    return _in_flow({name: written[name] for name in (*granted, *_LAST) if written.get(name) is not None})


def _in_flow(written: Written) -> Written:
    """The same, with short lists and mappings on one line."""
    return {name: _on_one_line(value) if name in _ONE_LINE else value for name, value in written.items()}


_ONE_LINE = frozenset({"stay", "total", "verification", "documents", "purposes", "validity", "fee"})


def _on_one_line(value: Any) -> Flow | FlowMap:
    return FlowMap(_in_flow(value)) if isinstance(value, dict) else Flow(value)


def _timeline(regime: Regime) -> list[Written]:
    """Status events and milestones together, in order of time."""
    entries: list[StatusEvent | Milestone] = [*regime.timeline.events, *regime.timeline.milestones]
    return [_timeline_entry(each) for each in sorted(entries, key=_entry_day)]


def _entry_day(entry: StatusEvent | Milestone) -> str:
    """Sorting is stable, so events keep their order; an instant sorts after its day."""
    effective = entry.effective
    if effective.day is not None:
        return effective.day.isoformat()
    return str(effective)


def _timeline_entry(entry: StatusEvent | Milestone) -> Written:
    if isinstance(entry, Milestone):
        return _present(
            milestone=entry.name,
            party=entry.party,
            **_effective(entry.effective),
            source=entry.source_key,
            note=entry.note,
        )
    transition = entry.transition
    return _present(
        status=str(entry.status),
        **_effective(entry.effective),
        source=entry.source_key,
        transition=_present(until=transition.until.isoformat(), text=transition.text) if transition else None,
        note=entry.note,
    )


def _in_force(event: StatusEvent) -> Written:
    return _present(**_effective(event.effective), source=event.source_key, note=event.note)


def _effective(effective: EffectiveDate) -> Written:
    return {"on": str(effective), "attested": effective.attested or None}


def _verification(verification: Verification | None) -> FlowMap | None:
    return FlowMap(payload_of(verification)) if verification else None


def _present(**values: Any) -> Written:
    """The values that are there."""
    return {name: value for name, value in values.items() if value is not None}

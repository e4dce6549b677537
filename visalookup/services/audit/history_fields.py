"""Records of the ledger in plain words, field by field, as the history shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from visalookup.domain.documents import DocumentScope
from visalookup.domain.entry_facts import EntryFacts
from visalookup.domain.entry_phrases import passport_phrase
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.regimes import RegimeKind, Terms
from visalookup.domain.requirements import Requirement, Stay
from visalookup.domain.sources import Verification
from visalookup.domain.wording.answers import describe_stay, kind_label, status_label
from visalookup.domain.wording.requirements import requirement_label
from visalookup.storage.entry_facts import entry_of
from visalookup.storage.models import (
    GroupVersion,
    PlaceVersion,
    RegimeVersion,
    RuleVersion,
    SourceVersion,
    TimelineEntryVersion,
    Version,
)
from visalookup.storage.terms import Columns

TermsByDigest = Mapping[str, Terms]
Words = Callable[[Columns], str]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field in words before and after; empty where it said nothing."""

    label: str
    before: str
    after: str


def changed_fields(
    table: type[Version], before: Columns | None, after: Columns | None, terms: TermsByDigest
) -> tuple[FieldChange, ...]:
    """The fields that differ between two contents of a record; None is a record that does not stand."""
    was, became = record_in_words(table, before, terms), record_in_words(table, after, terms)
    labels = dict.fromkeys([*was, *became])
    return tuple(
        FieldChange(label, was.get(label, ""), became.get(label, ""))
        for label in labels
        if was.get(label, "") != became.get(label, "")
    )


def record_in_words(table: type[Version], columns: Columns | None, terms: TermsByDigest) -> dict[str, str]:
    """What a record says, by label; nothing for one that does not stand."""
    if columns is None:
        return {}
    said = {label: words(columns) for label, words in _FIELDS[table].items()}
    if table is RuleVersion:
        return _terms_in_words(terms[columns["terms_digest"]]) | said
    return said


_ORDER_LAST = ("verification", "source_key", "note")
_LABELS = {"overriding": "Wins over others", "source_key": "Source"}
"""What the history calls a field of terms where its name is no word for it."""


def _terms_in_words(terms: Terms) -> dict[str, str]:
    names = [field.name for field in fields(Terms)]
    ordered = [*(name for name in names if name not in _ORDER_LAST), *_ORDER_LAST]
    return {_LABELS.get(name, name.replace("_", " ").capitalize()): _in_words(terms, name) for name in ordered}


def _in_words(terms: Terms, name: str) -> str:
    value = getattr(terms, name)
    if value is None:
        return "not stated" if name == "stay" else ""
    return _WORDS.get(type(value), str)(value)


def _plain(name: str) -> Words:
    return lambda columns: "" if columns[name] is None else str(columns[name])


def _list(name: str) -> Words:
    return lambda columns: ", ".join(columns[name])


def _spaced(values: list[Any]) -> str:
    return ", ".join(str(each).replace("_", " ") for each in values)


def _authority(columns: Columns) -> str:
    return " ".join(each for each in (columns["authority_name"], columns["authority_url"]) if each)


def _status(columns: Columns) -> str:
    return status_label(columns["status"]) if columns["status"] else ""


def _milestone(columns: Columns) -> str:
    return (columns["milestone"] or "").replace("_", " ").capitalize()


def _effective(columns: Columns) -> str:
    effective = EffectiveDate(
        columns["effective_on"], columns["effective_at"], columns["precision"], columns["attested"]
    )
    return f"by {effective}" if effective.attested else str(effective)


def _transition(columns: Columns) -> str:
    until = columns["transition_until"]
    return f"until {until}: {columns['transition_text']}" if until else ""


def _entry(columns: Columns) -> str:
    entry = columns["entry"]
    return "; ".join(_facts_in_words(entry_of(entry))) if entry else ""


def _facts_in_words(facts: EntryFacts) -> Iterator[str]:
    if facts.passport:
        yield f"a passport must {passport_phrase(facts.passport)}"
    yield from (condition.text for condition in facts.conditions)
    yield from (f"{requirement_label(way.requirement)}: {way.url}" for way in facts.how_to_apply)


def _level(columns: Columns) -> str:
    level = columns["verification_level"]
    return _verified(Verification(level, columns["verified_on"])) if level else ""


def _verified(verification: Verification) -> str:
    return f"{verification.level}{f', {verification.verified_on}' if verification.verified_on else ''}"


def _members(columns: Columns) -> str:
    return ", ".join(each if isinstance(each, str) else _dated_member(each) for each in columns["members"])


def _dated_member(member: Mapping[str, Any]) -> str:
    days = [f"{name} {member[name]}" for name in ("from", "until") if name in member]
    return f"{member['code']} ({' '.join(days)})"


def _source_of_group(columns: Columns) -> str:
    source = columns["source"]
    return f"{source['publisher']}: {source['title']} {source['url']}"


_WORDS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "yes" if value else "",
    Requirement: requirement_label,
    Stay: lambda stay: describe_stay(stay) or "not stated",
    DocumentScope: lambda documents: "all" if documents.is_every else _spaced(sorted(documents)),
    Verification: _verified,
    frozenset: lambda values: _spaced(sorted(values)),
    tuple: lambda conditions: " ".join(condition.text for condition in conditions),
}
"""The words for a value of terms, by its type; any other value is its own text."""

_FIELDS: dict[type[Version], dict[str, Words]] = {
    PlaceVersion: {
        "Kind": _plain("kind"),
        "Name": _plain("name"),
        "Two letters": _plain("alpha2"),
        "ICAO code": _plain("icao"),
        "Citizens of": _plain("citizens_of"),
        "Article": _plain("article"),
        "Also called": _list("aliases"),
        "Time zone": _plain("timezone"),
        "Authority": _authority,
    },
    GroupVersion: {
        "Name": _plain("name"),
        "Members": _members,
        "Source": _source_of_group,
        "Note": _plain("note"),
    },
    RegimeVersion: {
        "Kind": lambda columns: kind_label(RegimeKind(columns["kind"])),
        "Title": _plain("title"),
        "Parties": _list("parties"),
        "Policy of": _plain("policy_of"),
        "Authority": _authority,
        "Verification": _level,
        "Note": _plain("note"),
        "Entry facts": _entry,
    },
    SourceVersion: {
        "Kind": _plain("kind"),
        "Publisher": _plain("publisher"),
        "Title": _plain("title"),
        "Address": _plain("url"),
        "Published on": _plain("published_on"),
        "Read on": _plain("accessed_on"),
        "State of": _plain("state_on"),
    },
    TimelineEntryVersion: {
        "Status": _status,
        "Milestone": _milestone,
        "Party": _plain("party"),
        "Takes effect": _effective,
        "Transition": _transition,
        "Source": _plain("source_key"),
        "Note": _plain("note"),
    },
    RuleVersion: {
        "Passport by way of": _plain("passport_group"),
        "Destination by way of": _plain("destination_group"),
    },
}
"""What the history calls each field of a record, and its words."""

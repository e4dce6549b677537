"""The impact of a change in words: who asks, what was answered, what will be, and from when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from visalookup.domain.answer_aspects import Aspect
from visalookup.domain.changes.impact import AnswerChange, ChangeKind
from visalookup.domain.changes.impact_groups import ImpactGroup
from visalookup.domain.conditions import Condition
from visalookup.domain.date_phrases import describe_instant
from visalookup.domain.documents import ALL_DOCUMENT_TYPES, DocumentType
from visalookup.domain.lookup import Verdict
from visalookup.domain.moments import day_bounds
from visalookup.domain.places import Place, PlaceKind
from visalookup.domain.wording.answers import describe_stay
from visalookup.domain.wording.requirements import requirement_label

_NAMED = 3
"""More places than these are counted and given by their codes."""

_ASPECTS = {
    Aspect.PENDING: "what is announced",
    Aspect.ENDED: "what has ended",
    Aspect.ALSO_APPLIES: "what else applies",
    Aspect.BASIS: "the regime it rests on",
    Aspect.IN_FORCE_FROM: "the date since which it applies",
    Aspect.SOURCES: "the sources",
    Aspect.VERIFICATION: "the verification",
    Aspect.NOTE: "the note",
}


def change_sentence(group: ImpactGroup, now: datetime) -> str:
    """Who is answered otherwise, how and when: "Kazakhstan to Israel: unknown becomes visa-free at once."."""
    change = group.change
    who = f"{_who(group)}{_documents(change.documents)}"
    when = describe_period(change, now)
    if change.kind is ChangeKind.ANSWER:
        said = f"{describe_verdict_change(change)} {when}.{_conditions(change)}"
    else:
        aspects = listed([_ASPECTS[aspect] for aspect in Aspect if aspect in change.aspects])
        verb = "change" if len(change.aspects) > 1 or Aspect.SOURCES in change.aspects else "changes"
        said = f"the answer stays {describe_verdict(change.after)}; {aspects} {verb} {when}."
    return f"{who[0].upper()}{who[1:]}: {said}"


def describe_verdict(verdict: Verdict) -> str:
    """What is asked of the traveller in a few words: "visa-free, up to 90 days in any 180"."""
    if verdict.best is None:
        return "unknown"
    terms = verdict.best.rule.terms
    label = requirement_label(terms.requirement)
    stay = describe_stay(terms.stay)
    return f"{label[0].lower()}{label[1:]}{f', {stay}' if stay else ''}"


def describe_verdict_change(change: AnswerChange) -> str:
    """The verdict before and after: "visa required becomes visa-free, up to 90 days,"."""
    before, after = (_closed(describe_verdict(verdict)) for verdict in (change.before, change.after))
    return f"{before} becomes {after}"


def describe_period(change: AnswerChange, now: datetime) -> str:
    """When a change holds, by the clock of the destination: "from 1 March 2027", "at once until ..."."""
    place = change.destination
    since = describe_instant(change.since, place)
    until = f" until {describe_instant(change.until, place)}" if change.until else ""
    if change.is_past(now):
        return f"from {since}{until} (past days only)"
    if change.since > now:
        return f"from {since}{until}"
    back = f", and for past days from {since}" if change.since < _today(place, now) else ""
    return f"at once{until}{back}"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence: "one, two and three"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _today(place: Place, now: datetime) -> datetime:
    start, _ = day_bounds(now.astimezone(place.zone).date(), place.zone)
    return start


def _closed(described: str) -> str:
    """With a comma after it where it has one within."""
    return f"{described}," if "," in described else described


def _who(group: ImpactGroup) -> str:
    passports, destinations = _places(group.passports, "passports"), _places(group.destinations, "destinations")
    return f"{passports} to {destinations}{' other than their own' if group.is_mutual else ''}"


def _places(places: Sequence[Place], noun: str) -> str:
    if len(places) > _NAMED:
        return f"{len(places)} {noun} ({', '.join(place.code for place in places)})"
    return listed([_name(place) for place in places])


def _name(place: Place) -> str:
    return f"“{place.name}” ({place.code})" if place.kind is PlaceKind.DOCUMENT else place.in_sentence


def _documents(documents: frozenset[DocumentType]) -> str:
    """Nothing for ordinary passports, which people mean."""
    if documents == {DocumentType.ORDINARY}:
        return ""
    missing = ALL_DOCUMENT_TYPES - documents
    if not missing:
        return " (every document type)"
    if len(missing) < len(documents):
        return f" (every document type but {_types(missing)})"
    return f" ({_types(documents)})"


def _types(documents: Iterable[DocumentType]) -> str:
    held = set(documents)
    return listed(
        [_TYPE_NAMES.get(document, document.replace("_", " ")) for document in DocumentType if document in held]
    )


_TYPE_NAMES = {
    DocumentType.REFUGEE_1951: "refugee (1951)",
    DocumentType.STATELESS_1954: "stateless (1954)",
    DocumentType.NATIONAL_ID_CARD: "national identity card",
}


def _conditions(change: AnswerChange) -> str:
    before, after = (
        verdict.best.rule.terms.conditions if verdict.best else () for verdict in (change.before, change.after)
    )
    if before == after:
        return ""
    return f" Conditions before: {_texts(before)}. Conditions after: {_texts(after)}."


def _texts(conditions: Sequence[Condition]) -> str:
    return " ".join(condition.text for condition in conditions).rstrip(".") or "none"

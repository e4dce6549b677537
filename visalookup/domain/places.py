"""Places: who issues a travel document or can be entered (ISO 3166-1; ICAO Doc 9303 part 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from visalookup.domain.documents import NON_CITIZEN_DOCUMENTS, DocumentType
from visalookup.domain.sources import Source


class PlaceKind(StrEnum):
    """What a place is."""

    STATE = "state"
    TERRITORY = "territory"
    """A territory with entry rules or passports of its own."""
    DOCUMENT = "document"
    """A travel document that is not a citizen's passport (ICAO Doc 9303 part 3, section 5)."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Whom to ask about a destination's rules."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place under its alpha-3 (or ICAO) code.

    `citizens_of` is the state whose passport the people of a territory hold, where it issues none of its own.
    `timezone` is the zone of the seat of government: dates of law start at midnight there.
    """

    code: str
    kind: PlaceKind
    name: str
    alpha2: str | None = None
    icao: str | None = None
    citizens_of: str | None = None
    article: str | None = None
    aliases: tuple[str, ...] = ()
    timezone: str | None = None
    authority: Authority | None = None

    @property
    def in_sentence(self) -> str:
        """The name as it stands inside a sentence: "the United Kingdom"."""
        return f"{self.article} {self.name}" if self.article else self.name

    @property
    def can_be_entered(self) -> bool:
        """Whether one can travel to it."""
        return self.kind is not PlaceKind.DOCUMENT

    @property
    def issues_documents(self) -> bool:
        """Whether travel documents under its code exist."""
        return self.citizens_of is None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which its dates of law start; UTC for what is not a place on the map."""
        return _zone(self.timezone or "UTC")


@cache
def _zone(name: str) -> ZoneInfo:
    """The standard library caches only a few zones, and reads the others from disk each time."""
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Group:
    """A bloc of places, with its legal basis in `note` and `source`."""

    code: str
    name: str
    members: tuple[str, ...]
    source: Source
    note: str | None = None


ALL_GROUP = "ALL"
"""The built-in group of every place that issues a travel document."""


@dataclass(frozen=True, slots=True)
class Places:
    """All places and groups by code."""

    by_code: Mapping[str, Place]
    groups: Mapping[str, Group] = field(default_factory=dict)

    def members(self, code: str) -> tuple[str, ...]:
        """The place codes that a place or group code stands for; empty if it is neither."""
        if code == ALL_GROUP:
            return tuple(place.code for place in self.passports)
        if code in self.by_code:
            return (code,)
        return self.groups[code].members if code in self.groups else ()

    @property
    def passports(self) -> list[Place]:
        """Every place that issues a travel document, and every document that is no citizen's, by code."""
        return sorted((place for place in self.by_code.values() if place.issues_documents), key=_by_code)

    @property
    def destinations(self) -> list[Place]:
        """Every place that can be entered, by code."""
        return sorted((place for place in self.by_code.values() if place.can_be_entered), key=_by_code)

    @property
    def nations(self) -> list[Place]:
        """Every place that can be entered and has passports of its own, by code: the states and a few more."""
        return [place for place in self.passports if place.can_be_entered]


def _by_code(place: Place) -> str:
    return place.code


def index_places(places: Iterable[Place], groups: Iterable[Group] = ()) -> Places:
    """Index places and groups by their codes."""
    return Places({place.code: place for place in places}, {group.code: group for group in groups})


def is_own_country(passport: Place, destination: Place, document: DocumentType) -> bool:
    """Whether the document makes its holder a citizen of the destination.

    "No one shall be arbitrarily deprived of the right to enter his own country" (International Covenant on
    Civil and Political Rights, article 12(4)). A refugee's or alien's document is not a citizen's.
    """
    citizen = document not in NON_CITIZEN_DOCUMENTS and passport.kind is not PlaceKind.DOCUMENT
    return citizen and passport.code == destination.code

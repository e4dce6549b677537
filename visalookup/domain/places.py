"""Places: who issues a travel document or can be entered (ISO 3166-1; ICAO Doc 9303 part 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from visalookup.domain.documents import NON_CITIZEN_DOCUMENTS, DocumentType
from visalookup.domain.periods import ALWAYS, Period
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
class Membership:
    """The days on which a place is a member of a group, and the source of that where the group's own is another."""

    code: str
    period: Period
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A bloc of places, with its legal basis in `note` and `source`.

    `members` are all that are or have been. `memberships` are the dated ones: a member without one is taken to have
    been a member for as long as any rule here goes back.
    """

    code: str
    name: str
    members: tuple[str, ...]
    source: Source
    note: str | None = None
    memberships: tuple[Membership, ...] = ()


ALL_GROUP = "ALL"
"""The built-in group of every place that issues a travel document."""


@dataclass(frozen=True, slots=True)
class Places:
    """All places and groups by code."""

    by_code: Mapping[str, Place]
    groups: Mapping[str, Group] = field(default_factory=dict)
    dated_members: Mapping[tuple[str | None, str], Period] = field(init=False)
    """The days of membership by group and member, where a beginning or an end is known."""

    def __post_init__(self) -> None:
        """Index the members that have dates: the rulebook asks for it with every rule."""
        dated = [(group.code, joined) for group in self.groups.values() for joined in group.memberships]
        object.__setattr__(self, "dated_members", {(group, joined.code): joined.period for group, joined in dated})

    def members(self, code: str) -> tuple[str, ...]:
        """The place codes that a place or group code stands for, former members included; empty if it is neither."""
        if code == ALL_GROUP:
            return tuple(place.code for place in self.passports)
        if code in self.by_code:
            return (code,)
        return self.groups[code].members if code in self.groups else ()

    def membership(self, group: str | None, code: str) -> Period:
        """The days on which a member is one: all, where nothing is known of its beginning or end."""
        return self.dated_members.get((group, code), ALWAYS)

    def has_left(self, group: str | None, code: str) -> bool:
        """Whether a member left, or is known to leave: a list may then name it apart, for the time after."""
        return self.membership(group, code).last is not None

    def is_member(self, group: str, code: str, day: date) -> bool:
        """Whether a place is a member of a group on a day."""
        return code in self.members(group) and day in self.membership(group, code)

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

"""Conditions: what a rule asks beyond the passport, by kind and with arguments that can be judged."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from visalookup.domain.errors import InvalidValue, quoted


class ConditionKind(StrEnum):
    """What a condition is about."""

    BIOMETRIC_PASSPORT = "biometric_passport"
    REGISTRATION = "registration"
    ARRIVAL_BY_AIR = "arrival_by_air"
    """By air only: `arrival_by` with this one means of transport, from before that had arguments."""
    ENTRY_POINTS = "entry_points"
    INSURANCE = "insurance"
    FUNDS = "funds"
    DOCUMENT_ISSUED_FROM = "document_issued_from"
    """The passport was issued `since` a day, or before the day after `until`."""
    OTHER = "other"
    HOLDS_VISA = "holds_visa"
    """One of the visas (or permits, where those will do too) in `holds`."""
    HOLDS_RESIDENCE = "holds_residence"
    """One of the residence permits or long-stay visas in `holds`."""
    ORGANISED_GROUP = "organised_group"
    ZONE_ONLY = "zone_only"
    """It holds in a part of the destination only."""
    AGE = "age"
    BOOKED_BEFORE = "booked_before"
    ORIGIN = "origin"
    """The origin, birth or place of departure of the traveller."""
    FAMILY_MEMBER = "family_member"
    """A family member of a citizen, as one of the cards in `holds` shows where there is one."""
    INVITATION = "invitation"
    ARRIVAL_BY = "arrival_by"
    """Arrival by one of the means of transport `by`."""
    NOT_ALSO_NATIONAL_OF = "not_also_national_of"
    """No nationality of one of the places `of` besides that of the passport."""
    NOT_TRAVELLED_TO = "not_travelled_to"
    """No stay in one of the places `of`, `since` a day where there is one."""
    TRANSIT_TO = "transit_to"
    """Onward travel to one of the places `of`; to any other place where none is named."""
    PURPOSE = "purpose"
    """Travel for one of `purposes`."""
    STATUS_HELD = "status_held"
    """One of the statuses in `holds`, such as that of an Overseas Citizen of India."""
    ONWARD_TICKET = "onward_ticket"
    PASSPORT_VALIDITY = "passport_validity"
    """Valid for `months` or `days`, counted from `beyond`."""
    PASSPORT_AGE = "passport_age"
    """Issued no more than `months` before entry."""
    BLANK_PAGES = "blank_pages"
    PASSPORT_KIND = "passport_kind"
    """A kind or mark of the passport: its series, an entry, the authority that issued it."""
    CITIZENSHIP = "citizenship"
    """How citizenship was acquired, or a right of abode that the passport shows."""
    ACCOMMODATION = "accommodation"
    APPROVAL = "approval"
    """An approval given before travel, such as an ESTA."""
    FEE = "fee"
    HEALTH = "health"
    """A vaccination certificate or another proof of health."""
    CONDUCT = "conduct"
    """No criminal record, no earlier breach of the rules of entry."""
    PASSPORT_STAMPS = "passport_stamps"
    """No visa or stamp of one of the places `of` in the passport."""
    LONGER_STAY = "longer_stay"
    """What is asked for a stay longer than a short one."""
    EXEMPTION = "exemption"
    """Whom a restriction leaves out."""
    DESTINATION_HOST = "destination_host"
    """A hotel, agency or other host at the destination applies or answers for the traveller."""

    @property
    def narrows(self) -> bool:
        """Whether only some travellers meet it, so that a rule with it is the headline only once it is met."""
        return self in _NARROWING


_NARROWING = frozenset(
    {
        ConditionKind.HOLDS_VISA,
        ConditionKind.HOLDS_RESIDENCE,
        ConditionKind.ORGANISED_GROUP,
        ConditionKind.ZONE_ONLY,
        ConditionKind.AGE,
        ConditionKind.BOOKED_BEFORE,
        ConditionKind.ORIGIN,
        ConditionKind.FAMILY_MEMBER,
        ConditionKind.INVITATION,
        ConditionKind.STATUS_HELD,
        ConditionKind.TRANSIT_TO,
    }
)


class TravelMode(StrEnum):
    """By what means the traveller arrives."""

    AIR = "air"
    SEA = "sea"
    LAND = "land"
    """By road or on foot."""
    RAIL = "rail"


class VisitPurpose(StrEnum):
    """Why the traveller comes, where a rule is for some purposes only."""

    TOURISM = "tourism"
    BUSINESS = "business"
    FAMILY = "family"
    MEDICAL = "medical"
    OFFICIAL = "official"


class HoldingKind(StrEnum):
    """What a traveller may hold besides the passport."""

    VISA = "visa"
    USED_VISA = "used_visa"
    """A visa that its holder has entered with before."""
    RESIDENCE = "residence"
    """A residence permit or a long-stay visa."""
    FAMILY_CARD = "family_card"
    """The card of a family member of a Union citizen (Directive 2004/38/EC, articles 10 and 20)."""
    STATUS = "status"
    """A status such as that of an Overseas Citizen of India."""


@dataclass(frozen=True, slots=True, order=True)
class Holding:
    """A visa, permit, card or status, and the code of the place or group whose authority issued it."""

    issuer: str
    kind: HoldingKind

    @classmethod
    def parse(cls, text: str) -> Holding:
        """Read `USA:visa`; raise InvalidValue for anything else."""
        issuer, separator, kind = text.strip().partition(":")
        kind = kind.strip().lower()
        if not (issuer.strip() and separator) or kind not in list(HoldingKind):
            kinds = ", ".join(HoldingKind)
            raise InvalidValue(f"{quoted(text)} is no holding; write the issuer and one of {kinds}, as in USA:visa.")
        return cls(issuer.strip(), HoldingKind(kind))

    def __str__(self) -> str:
        """As questions and files write it."""
        return f"{self.issuer}:{self.kind}"


class CountedFrom(StrEnum):
    """From which day the validity of a passport is counted."""

    ENTRY = "entry"
    DEPARTURE = "departure"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing a rule asks for; `text` is a short sentence for the traveller.

    The other fields are arguments, by which a condition can be judged; which of them a kind has is in `_ARGUMENTS`.
    `holds` are alternatives, one of which is enough; `of` are codes of places and groups.
    Raise InvalidValue for an argument that the kind does not have, or lacks.
    """

    kind: ConditionKind
    text: str
    holds: tuple[Holding, ...] = ()
    of: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    by: tuple[TravelMode, ...] = ()
    purposes: tuple[VisitPurpose, ...] = ()
    months: int | None = None
    days: int | None = None
    beyond: CountedFrom | None = None

    def __post_init__(self) -> None:
        """Refuse an argument that says nothing of this kind."""
        allowed = _ARGUMENTS.get(self.kind, frozenset())
        given = [name for name in ARGUMENTS if getattr(self, name)]
        if wrong := [name for name in given if name not in allowed]:
            has = f"it has {', '.join(sorted(allowed))}" if allowed else "it has none"
            raise InvalidValue(f"A condition {self.kind} has no argument {wrong[0]}: {has}.")
        if missing := _NEEDED.get(self.kind, frozenset()) - set(given):
            raise InvalidValue(f"A condition {self.kind} needs the argument {min(missing)}.")

    def __lt__(self, other: Condition) -> bool:
        """By kind and text, and at last by everything that distinguishes them."""
        return (self.kind, self.text, repr(self)) < (other.kind, other.text, repr(other))

    @property
    def codes(self) -> tuple[str, ...]:
        """The places and groups that it names."""
        return (*self.of, *(holding.issuer for holding in self.holds))

    @property
    def narrows(self) -> bool:
        """Whether only some travellers meet it: by its kind, or since a passport issued no later than a day is rare."""
        return self.kind.narrows or (self.kind is ConditionKind.DOCUMENT_ISSUED_FROM and self.until is not None)

    @property
    def arguments(self) -> dict[str, object]:
        """The arguments that it states, by name."""
        return {name: value for name in ARGUMENTS if (value := getattr(self, name))}


ARGUMENTS = tuple(field.name for field in fields(Condition) if field.name not in ("kind", "text"))
"""Every argument that a condition of some kind has."""

_OF = frozenset({"of"})
_HOLDS = frozenset({"holds"})
_ARGUMENTS = {
    ConditionKind.ARRIVAL_BY: frozenset({"by"}),
    ConditionKind.BOOKED_BEFORE: frozenset({"until"}),
    ConditionKind.DOCUMENT_ISSUED_FROM: frozenset({"since", "until"}),
    ConditionKind.FAMILY_MEMBER: _HOLDS,
    ConditionKind.HOLDS_RESIDENCE: _HOLDS,
    ConditionKind.HOLDS_VISA: _HOLDS,
    ConditionKind.NOT_ALSO_NATIONAL_OF: _OF,
    ConditionKind.NOT_TRAVELLED_TO: frozenset({"of", "since"}),
    ConditionKind.ORIGIN: _OF,
    ConditionKind.PASSPORT_AGE: frozenset({"months"}),
    ConditionKind.PASSPORT_STAMPS: _OF,
    ConditionKind.PASSPORT_VALIDITY: frozenset({"months", "days", "beyond"}),
    ConditionKind.PURPOSE: frozenset({"purposes"}),
    ConditionKind.STATUS_HELD: _HOLDS,
    ConditionKind.TRANSIT_TO: _OF,
}
_NEEDED = {
    ConditionKind.ARRIVAL_BY: frozenset({"by"}),
    ConditionKind.NOT_ALSO_NATIONAL_OF: _OF,
    ConditionKind.PURPOSE: frozenset({"purposes"}),
    ConditionKind.STATUS_HELD: _HOLDS,
}

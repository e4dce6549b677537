"""Small parts from which a test tells its story: places, steps, regimes with their rules, and a question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from visalookup.domain.conditions import Condition, ConditionKind, Holding, HoldingKind, TravelMode, VisitPurpose
from visalookup.domain.documents import DocumentScope, DocumentType
from visalookup.domain.inactive_rules import InactiveRule
from visalookup.domain.lifecycle import Milestone, Status, StatusEvent, Transition, build_timeline
from visalookup.domain.lookup import Answer, Question, look_up, look_up_all
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.places import Group, Place, PlaceKind, Places, index_places
from visalookup.domain.regimes import Regime, RegimeKind, Rule, Terms
from visalookup.domain.requirements import Requirement, Stay
from visalookup.domain.rulebook import Edition, Rulebook, build_rulebook
from visalookup.domain.sources import Source, SourceKind, Verification, VerificationLevel

READ_ON = date(2026, 11, 23)
EDITION = Edition(revision=417, recorded_at=datetime(2026, 11, 23, 9, tzinfo=UTC))


def state(code: str, name: str, alpha2: str, timezone: str, **more: Any) -> Place:
    return Place(code, PlaceKind.STATE, name, alpha2=alpha2, timezone=timezone, **more)


ISRAEL = state("ISR", "Israel", "IL", "Asia/Jerusalem")
KAZAKHSTAN = state("KAZ", "Kazakhstan", "KZ", "Asia/Almaty", aliases=("Republic of Kazakhstan", "Kazakstan"))
AZERBAIJAN = state("AZE", "Azerbaijan", "AZ", "Asia/Baku")
MOROCCO = state("MAR", "Morocco", "MA", "Africa/Casablanca")
GERMANY = state("DEU", "Germany", "DE", "Europe/Berlin", icao="D")
FRANCE = state("FRA", "France", "FR", "Europe/Paris")
IRELAND = state("IRL", "Ireland", "IE", "Europe/Dublin")
DENMARK = state("DNK", "Denmark", "DK", "Europe/Copenhagen")
CANADA = state("CAN", "Canada", "CA", "America/Toronto")
JAPAN = state("JPN", "Japan", "JP", "Asia/Tokyo")
MEXICO = state("MEX", "Mexico", "MX", "America/Mexico_City")
UNITED_STATES = state(
    "USA",
    "United States",
    "US",
    "America/New_York",
    article="the",
    aliases=("America", "United States of America"),
)
UNITED_KINGDOM = state("GBR", "United Kingdom", "GB", "Europe/London", article="the", aliases=("UK", "Britain"))
IVORY_COAST = state("CIV", "Côte d'Ivoire", "CI", "Africa/Abidjan", aliases=("Ivory Coast",))
GREENLAND = Place("GRL", PlaceKind.TERRITORY, "Greenland", alpha2="GL", citizens_of="DNK", timezone="America/Nuuk")
REFUGEE_DOCUMENT = Place("XXB", PlaceKind.DOCUMENT, "Refugee (1951 Convention)")

WORLD = (
    *(ISRAEL, KAZAKHSTAN, GERMANY, FRANCE, IRELAND, DENMARK, CANADA, JAPAN, MEXICO),
    *(UNITED_STATES, UNITED_KINGDOM, IVORY_COAST, AZERBAIJAN, MOROCCO, GREENLAND, REFUGEE_DOCUMENT),
)


def source(key: str = "gazette", **changes: Any) -> Source:
    plain = Source(
        key=key,
        kind=SourceKind.OFFICIAL,
        publisher="Official Gazette",
        title="Notice on entry",
        url="https://gazette.example/notice",
        accessed_on=READ_ON,
    )
    return replace(plain, **changes)


def group(code: str, *members: str) -> Group:
    return Group(code, f"The {code} bloc", members, source("group"))


BLOCS = (
    group("EUROPE", "DEU", "FRA", "IRL"),
    group("NORTH", "CAN", "MEX", "USA"),
    group("G4", "CAN", "DEU", "FRA", "JPN"),
)
PLACES: Places = index_places(WORLD, BLOCS)


def terms(requirement: str = "visa_free", **changes: Any) -> Terms:
    plain = Terms(Requirement(requirement), "gazette", Verification(VerificationLevel.OFFICIAL, READ_ON))
    if "documents" in changes:
        changes["documents"] = DocumentScope.of(changes["documents"])
    return replace(plain, **changes)


_NEEDED: dict[str, dict[str, Any]] = {
    "arrival_by": {"by": (TravelMode.SEA,)},
    "not_also_national_of": {"of": ("IRN",)},
    "purpose": {"purposes": (VisitPurpose.TOURISM,)},
    "status_held": {"holds": (Holding("IND", HoldingKind.STATUS),)},
}
"""Arguments without which a condition of the kind cannot be."""


def condition(kind: str, text: str = "You meet this condition.", **arguments: Any) -> Condition:
    return Condition(ConditionKind(kind), text, **(arguments or _NEEDED.get(kind, {})))


def days(number: int, within_days: int | None = None) -> Stay:
    return Stay(days=number, within_days=within_days)


def step(
    status: str,
    on: str,
    *,
    attested: bool = False,
    transition: Transition | None = None,
    key: str | None = None,
) -> StatusEvent:
    effective = EffectiveDate.parse(on, attested=attested)
    return StatusEvent(key or f"{status} {on}", Status(status), effective, "gazette", transition=transition)


def milestone(name: str, on: str) -> Milestone:
    return Milestone(f"{name} {on}", name, EffectiveDate.parse(on), "gazette")


def regime(id_: str, *steps: str | StatusEvent, **changes: Any) -> Regime:
    """A regime with its steps, each written as "signed 2024-05" or built with `step`."""
    events = (each if isinstance(each, StatusEvent) else step(*each.split()) for each in steps)
    plain = Regime(
        id=id_,
        kind=RegimeKind.BILATERAL_AGREEMENT,
        title=f"The instrument {id_}",
        parties=("ISR", "KAZ"),
        timeline=build_timeline(events),
        sources={"gazette": source()},
    )
    return replace(plain, **changes)


@dataclass(frozen=True, slots=True)
class Grant:
    """A regime and the rules it gives."""

    regime: Regime
    rules: tuple[Rule, ...]

    @property
    def id(self) -> str:
        return self.regime.id

    def also(self, passport: str, destination: str) -> Grant:
        """The same terms for one more pair, as a mutual waiver has them."""
        more = replace(self.rules[0], key=f"{passport}-{destination}", passport=passport, destination=destination)
        return replace(self, rules=(*self.rules, more))


def grant(
    requirement: str,
    *steps: str | StatusEvent,
    passport: str = "KAZ",
    destination: str = "ISR",
    id_: str | None = None,
    kind: RegimeKind = RegimeKind.BILATERAL_AGREEMENT,
    **changes: Any,
) -> Grant:
    """A regime that gives one pair these terms; in force for long unless steps are given."""
    made = regime(id_ or requirement.replace("_", "-"), *(steps or ("in_force 2000-01-01",)), kind=kind)
    return Grant(
        made, (Rule(f"{passport}-{destination}", made.id, passport, destination, terms(requirement, **changes)),)
    )


def rulebook(*grants: Grant) -> Rulebook:
    rules = (rule for each in grants for rule in each.rules)
    return build_rulebook(EDITION, PLACES, (each.regime for each in grants), rules)


def moment(text: str) -> date | datetime:
    """A day, or an instant with its offset."""
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def question(passport: str = "KAZ", destination: str = "ISR", on: str = "2026-11-23", **more: Any) -> Question:
    return Question(PLACES.by_code[passport], PLACES.by_code[destination], moment(on), **more)


def ask(
    *grants: Grant,
    passport: str = "KAZ",
    destination: str = "ISR",
    on: str = "2026-11-23",
    document: DocumentType = DocumentType.ORDINARY,
    stay_days: int | None = None,
) -> Answer:
    """The answer to a question from a rulebook that holds exactly these grants."""
    asked = question(passport, destination, on, document=document, stay_days=stay_days)
    return look_up(rulebook(*grants), asked)


def ask_all(*grants: Grant, passports: Iterable[str], destination: str = "ISR") -> list[Answer]:
    return look_up_all(rulebook(*grants), [question(each, destination) for each in passports])


def ids(noted: Iterable[InactiveRule]) -> list[str]:
    return [each.regime.id for each in noted]

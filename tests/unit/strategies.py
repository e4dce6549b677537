"""How hypothesis makes the records of the field, and how long it may search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import TypeVar

from hypothesis import assume, settings
from hypothesis import strategies as st

from tests.builders import BLOCS, PLACES, Grant, condition, regime, step, terms
from visalookup.domain.conditions import Condition
from visalookup.domain.documents import EVERY_DOCUMENT
from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.regimes import Rule, Terms
from visalookup.domain.requirements import Requirement, Stay, StayTotal
from visalookup.formats.expansion import RuleList, expand_codes

quick = settings(max_examples=50, deadline=None, derandomize=True, database=None)
"""A short search, the same on every run."""

thorough = settings(quick, max_examples=120)

ALLOWED: dict[str | None, set[str]] = {
    None: {"memorandum_of_intent", "signed", "in_force"},
    "memorandum_of_intent": {"signed", "withdrawn"},
    "signed": {"provisionally_applied", "in_force", "withdrawn"},
    "provisionally_applied": {"in_force", "suspended", "terminated"},
    "in_force": {"suspended", "terminated"},
    "suspended": {"in_force", "terminated"},
    "terminated": set(),
    "withdrawn": set(),
}
"""The table of the design, written out once more."""

FIRST_DAY = date(2026, 3, 20)
"""The window of days holds the change of the clocks in most zones of the north."""

Value = TypeVar("Value")


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def sets_of(values: Sequence[Value], *, least: int = 0, most: int | None = None) -> st.SearchStrategy[list[Value]]:
    """Some of the values, in their own order."""
    return _sets_of(tuple(values), least, most)


# Hypothesis checks a strategy before its first use, which takes longer than to draw from it: so it is made once.
@cache
def _sets_of(values: tuple[Value, ...], least: int, most: int | None) -> st.SearchStrategy[list[Value]]:
    chosen = st.lists(st.sampled_from(range(len(values))), min_size=least, max_size=most, unique=True)
    return chosen.map(lambda indices: [values[index] for index in sorted(indices)])


HOURS = sets_of([(number, hour) for number in range(14) for hour in (0, 6, 15, 21)], least=1, most=5)
NEXT_STATUS = {status: st.sampled_from(sorted(allowed)) for status, allowed in ALLOWED.items() if allowed}


@st.composite
def steps(draw: st.DrawFn) -> list[StatusEvent]:
    """A lifecycle as it may run: allowed steps one after another, on days or at instants, several on one day."""
    taken: list[StatusEvent] = []
    status: str | None = None
    for number, hour in draw(HOURS):
        if status not in NEXT_STATUS:
            break
        status = draw(NEXT_STATUS[status])
        on = day(number).isoformat()
        taken.append(step(status, on if hour == 0 else f"{on}T{hour:02}:00:00+00:00"))
    return taken


REQUIREMENTS = st.sampled_from([str(requirement) for requirement in Requirement])

STAYS: st.SearchStrategy[Stay | None] = st.sampled_from(
    [
        None,
        Stay(days=30),
        Stay(days=90, within_days=180),
        Stay(months=1),
        Stay(unlimited=True),
        Stay(days=30, total=StayTotal(20, calendar_year=True)),
    ]
)

CONDITIONS: st.SearchStrategy[tuple[Condition, ...]] = st.sampled_from(
    [(), (condition("registration"),), (condition("holds_visa"),)]
)

ONE_IN_TEN = st.integers(0, 9).map(lambda number: number == 0)


@st.composite
def terms_made(draw: st.DrawFn) -> Terms:
    return terms(
        draw(REQUIREMENTS),
        stay=draw(STAYS),
        conditions=draw(CONDITIONS),
        overriding=draw(ONE_IN_TEN),
    )


LIFECYCLE = steps()
UP_TO_FOUR = st.integers(1, 4)
ONE_OR_TWO_TERMS = st.lists(terms_made(), min_size=1, max_size=2)


@st.composite
def grants(draw: st.DrawFn, destination: str = "ISR") -> list[Grant]:
    """Up to four regimes that each give Kazakhstan something, or two things, at one destination."""
    return [
        Grant(
            regime(f"regime-{number}", *draw(LIFECYCLE)),
            tuple(
                Rule(f"rule-{index}", f"regime-{number}", "KAZ", destination, given)
                for index, given in enumerate(draw(ONE_OR_TWO_TERMS))
            ),
        )
        for number in range(draw(UP_TO_FOUR))
    ]


def days_asked() -> st.SearchStrategy[date]:
    return st.integers(-1, 15).map(day)


def instants_of(start: datetime, end: datetime) -> st.SearchStrategy[datetime]:
    """Instants from `start` until before `end`."""
    length = (end - start) // timedelta(microseconds=1)
    return st.integers(0, length - 1).map(lambda number: start + timedelta(microseconds=number))


def stays_planned() -> st.SearchStrategy[int | None]:
    return st.none() | st.sampled_from([1, 20, 21, 30, 31, 90, 91, 365])


TERMS = [
    terms("visa_free", stay=Stay(days=90, within_days=180)),
    terms("visa_free", documents=EVERY_DOCUMENT),
    terms("e_visa", conditions=(condition("holds_visa"),), note="Doubtful."),
    terms("visa_required", overriding=True),
]

GROUPS = ["ALL", *(bloc.code for bloc in BLOCS)]
ISSUERS = PLACES.members("ALL")
ENTERED = [place.code for place in PLACES.by_code.values() if place.can_be_entered]
DESTINATIONS = st.sampled_from([[code] for code in GROUPS[1:]]) | sets_of(ENTERED, least=1, most=3)


@st.composite
def entry(draw: st.DrawFn, granted: Terms) -> RuleList:
    """A list that is as short as it can be, so that there is one way to write it.

    Nobody is reached twice, nobody is named where they are at home, and each exception takes somebody out.
    """
    groups = draw(sets_of(GROUPS, most=2))
    named = draw(sets_of(ISSUERS, least=0 if groups else 1, most=3))
    destinations = draw(DESTINATIONS)
    entered = {member for code in destinations for member in PLACES.members(code)}
    members = sorted({member for code in groups for member in PLACES.members(code)} - entered)
    exceptions = draw(sets_of(members, most=1)) if members else []
    reached = Counter(each.code for each in expand_codes([*groups, *named], exceptions, PLACES))
    assume(max(reached.values()) == 1 and entered.isdisjoint(named))
    return RuleList(granted, (*sorted(groups), *sorted(named)), tuple(sorted(destinations)), tuple(exceptions))


ENTRIES = {granted: entry(granted) for granted in TERMS}


@st.composite
def one_entry_for_each_terms(draw: st.DrawFn) -> list[RuleList]:
    return [draw(ENTRIES[granted]) for granted in draw(sets_of(TERMS, least=1))]


@st.composite
def lists_on_the_same_terms(draw: st.DrawFn) -> list[RuleList]:
    """Lists for one destination that grant the same, with groups that overlap and exceptions from them."""
    lists = []
    for code in draw(sets_of(GROUPS[1:], least=1)):
        exceptions = draw(sets_of(PLACES.members(code), most=2))
        lists.append(RuleList(TERMS[0], (code,), ("ISR",), tuple(exceptions)))
    named = draw(sets_of(ISSUERS, most=2))
    return [*lists, RuleList(TERMS[0], tuple(named), ("ISR",))] if named else lists

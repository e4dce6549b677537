"""At every moment exactly one answer: dated lists and memberships against an oracle that goes through all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import EDITION, WORLD, grant, source, terms
from tests.unit.strategies import day, quick
from visalookup.domain.lookup import Question, look_up, moments_of_change, outcome
from visalookup.domain.periods import Period
from visalookup.domain.places import Group, Membership, Places, index_places
from visalookup.domain.regimes import Rule, Terms
from visalookup.domain.requirements import Requirement, Stay
from visalookup.domain.rulebook import Rulebook, amended, build_rulebook

ZONE = next(place for place in WORLD if place.code == "ISR").zone
DAYS = st.none() | st.integers(0, 12).map(day)
OFFERS = [("visa_free", 90), ("visa_free", 30), ("eta", 30), ("visa_required", None), ("no_admission", None)]


@st.composite
def periods(draw: st.DrawFn) -> Period:
    first, last = draw(DAYS), draw(DAYS)
    return Period(last, first) if first and last and first > last else Period(first, last)


@st.composite
def dated_terms(draw: st.DrawFn) -> Terms:
    requirement, days = draw(st.sampled_from(OFFERS))
    period = draw(periods())
    stay = Stay(days=days) if days else None
    return terms(requirement, stay=stay, applies_from=period.first, applies_until=period.last)


@st.composite
def worlds(draw: st.DrawFn) -> Rulebook:
    """Up to five dated lists for Kazakhstan at Israel, each reached directly or through groups that both joined."""
    groups = [bloc("GUESTS", "KAZ", draw(periods())), bloc("HOSTS", "ISR", draw(periods()))]
    made = grant("visa_free", "in_force 2026-03-22", "suspended 2026-03-28", "in_force 2026-03-30", id_="policy")
    rules = [
        Rule(
            f"rule-{number}",
            "policy",
            "KAZ",
            "ISR",
            given_terms,
            draw(st.sampled_from([None, "GUESTS"])),
            draw(st.sampled_from([None, "HOSTS"])),
        )
        for number, given_terms in enumerate(draw(st.lists(dated_terms(), min_size=1, max_size=5)))
    ]
    return build_rulebook(EDITION, index_places(WORLD, groups), [made.regime], rules)


def bloc(code: str, member: str, period: Period) -> Group:
    return Group(code, code, ("FRA", member), source("group"), None, (Membership(member, period),))


def oracle(rulebook: Rulebook, moment: datetime) -> Terms | None:
    """The terms that answer at a moment, found by going through everything day by day."""
    today = moment.astimezone(ZONE).date()
    in_force = date(2026, 3, 22) <= today < date(2026, 3, 28) or today >= date(2026, 3, 30)
    rules = rulebook.by_regime["policy"] if in_force else ()
    holding = [rule.terms for rule in rules if _holds(rule, today, rulebook.places)]
    refusing = [held for held in holding if held.requirement is Requirement.NO_ADMISSION]
    return min(refusing or holding, key=lambda held: held.preference, default=None)


def _holds(rule: Rule, today: date, places: Places) -> bool:
    spans = [(rule.terms.applies_from, rule.terms.applies_until)]
    for code in (rule.passport_group, rule.destination_group):
        spans += [
            (joined.period.first, joined.period.last) for joined in (places.groups[code].memberships if code else ())
        ]
    return all((first is None or first <= today) and (last is None or today <= last) for first, last in spans)


def question(rulebook: Rulebook, on: date | datetime) -> Question:
    return Question(rulebook.places.by_code["KAZ"], rulebook.places.by_code["ISR"], on)


INSTANTS = st.integers(-24, 15 * 24 * 4).map(
    lambda quarter: datetime.combine(day(0), time(), ZONE).astimezone(UTC) + timedelta(minutes=15 * quarter)
)


def given_by(terms: Terms | None) -> object:
    return terms and (terms.requirement, terms.stay)


@quick
@given(worlds(), INSTANTS)
def test_at_every_instant_the_answer_is_that_of_the_oracle(rulebook: Rulebook, moment: datetime) -> None:
    best = look_up(rulebook, question(rulebook, moment)).verdict.best
    assert given_by(best.rule.terms if best else None) == given_by(oracle(rulebook, moment))


@quick
@given(worlds(), st.integers(-1, 15).map(day))
def test_a_day_has_one_answer_for_its_dates_change_at_midnight_only(rulebook: Rulebook, on: date) -> None:
    answer = look_up(rulebook, question(rulebook, on))
    noon = datetime.combine(on, time(12), ZONE)
    best = answer.verdict.best
    assert answer.during_day == ()
    assert given_by(best.rule.terms if best else None) == given_by(oracle(rulebook, noon))


@quick
@given(worlds(), INSTANTS)
def test_the_next_change_is_the_first_moment_at_which_the_oracle_answers_otherwise(
    rulebook: Rulebook, moment: datetime
) -> None:
    asked = question(rulebook, moment)
    now = given_by(oracle(rulebook, moment))
    later = sorted(change for change in moments_of_change(rulebook, asked) if change > moment)
    expected = next((change for change in later if given_by(oracle(rulebook, change)) != now), None)
    found = look_up(rulebook, asked).next_change
    assert (found.moment if found else None) == expected


@quick
@given(worlds(), INSTANTS)
def test_between_two_moments_of_change_nothing_changes(rulebook: Rulebook, moment: datetime) -> None:
    asked = question(rulebook, moment)
    before = max((change for change in moments_of_change(rulebook, asked) if change <= moment), default=None)
    if before is not None:
        at_start = look_up(rulebook, replace(asked, on=before)).verdict
        assert outcome(at_start) == outcome(look_up(rulebook, asked).verdict)


@quick
@given(worlds(), INSTANTS)
def test_what_is_pending_has_not_begun_and_what_has_ended_is_over(rulebook: Rulebook, moment: datetime) -> None:
    answer = look_up(rulebook, question(rulebook, moment))
    today = moment.astimezone(ZONE).date()
    assert all(noted.starts_on > today for noted in answer.pending if noted.starts_on)
    assert all(noted.ended_on < today for noted in answer.ended if noted.ended_on)


@quick
@given(worlds(), worlds())
def test_new_places_change_what_a_rulebook_amended_answers(one: Rulebook, other: Rulebook) -> None:
    assert amended(one, EDITION, {}, other.places) == build_rulebook(
        EDITION, other.places, one.regimes.values(), one.by_regime["policy"]
    )

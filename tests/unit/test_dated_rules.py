"""Lists and memberships with dates: a rule holds no longer than its list does, and only between members."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.builders import BLOCS, EDITION, WORLD, Grant, ask, condition, days, grant, ids, moment, source
from visalookup.domain.conditions import Condition
from visalookup.domain.errors import InvalidValue
from visalookup.domain.lookup import Answer, Question, look_up, moments_of_change
from visalookup.domain.moments import PartialDate, format_instant
from visalookup.domain.periods import Period
from visalookup.domain.places import Group, Membership, index_places
from visalookup.domain.rulebook import Rulebook, build_rulebook
from visalookup.domain.wording.answers import ended_sentence, pending_sentence

FEBRUARY = date(2027, 2, 1)
STANDING = grant("visa_required", id_="standing")


def thirty_then_sixty() -> Grant:
    """30 days now, 60 from 1 February 2027: two lists of one policy."""
    now = grant("visa_free", id_="policy", stay=days(30), applies_until=date(2027, 1, 31))
    later = grant("visa_free", id_="policy", stay=days(60), applies_from=FEBRUARY)
    return Grant(now.regime, (*now.rules, replace(later.rules[0], key="later")))


def stay_of(answer: Answer) -> int | None:
    best = answer.verdict.best
    return best.rule.terms.stay.days if best and best.rule.terms.stay else None


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2027-01-31", 30), ("2027-02-01", 60), ("2027-01-31T21:59:59+00:00", 30), ("2027-01-31T22:00:00+00:00", 60)],
)
def test_a_list_holds_from_its_first_day_to_its_last_by_the_clock_of_the_destination(on: str, expected: int) -> None:
    assert stay_of(ask(thirty_then_sixty(), on=on)) == expected


def test_the_longer_stay_to_come_is_the_next_change_and_is_announced() -> None:
    answer = ask(thirty_then_sixty(), on="2026-12-01")
    assert answer.next_change is not None
    assert format_instant(answer.next_change.moment) == "2027-01-31T22:00:00Z"
    assert [noted.starts_on for noted in answer.pending] == [FEBRUARY]
    assert pending_sentence(answer.pending[0], answer.question.destination) == (
        "Visa-free travel for a stay of up to 60 days is decided and takes effect on 1 February 2027."
        " Until then it does not apply."
    )


def test_once_the_better_list_holds_the_lesser_one_before_it_is_no_news() -> None:
    answer = ask(thirty_then_sixty(), on="2027-02-01")
    assert answer.pending == answer.ended == ()


def test_what_held_until_a_day_within_an_agreement_that_goes_on_is_shown_as_ended() -> None:
    waiver = grant("visa_free", id_="facilitation", applies_until=date(2022, 2, 24))
    assert ask(STANDING, waiver, on="2022-02-24").verdict.requirement == "visa_free"
    answer = ask(STANDING, waiver, on="2022-02-25")
    assert answer.verdict.requirement == "visa_required"
    assert ids(answer.ended) == ["facilitation"]
    assert ended_sentence(answer.ended[0], answer.question.destination) == (
        "Visa-free travel under “The instrument facilitation” held until 24 February 2022."
    )
    assert answer.ended[0].source == waiver.regime.sources["gazette"]


def test_what_begins_later_than_its_agreement_is_announced_for_its_own_day() -> None:
    waiver = grant("visa_free", "signed 2026-01-27", "in_force 2026-12-01", id_="waiver", applies_from=FEBRUARY)
    answer = ask(STANDING, waiver, on="2026-11-23")
    assert [noted.starts_on for noted in answer.pending] == [FEBRUARY]
    assert "takes effect on 1 February 2027" in pending_sentence(answer.pending[0], answer.question.destination)
    assert ask(STANDING, waiver, on="2027-01-31").verdict.requirement == "visa_required"


def test_what_the_end_of_the_agreement_cut_short_ended_with_it() -> None:
    waiver = grant("visa_free", "in_force 2020-01-01", "terminated 2025-01-01", applies_until=date(2026, 6, 30))
    answer = ask(STANDING, waiver, on="2026-11-23")
    assert [(noted.ended_on, noted.event and noted.event.status) for noted in answer.ended] == [(None, "terminated")]


def test_what_had_ended_before_its_agreement_did_ended_on_its_own_day() -> None:
    waiver = grant("visa_free", "in_force 2020-01-01", "terminated 2025-01-01", applies_until=date(2022, 2, 24))
    answer = ask(STANDING, waiver, on="2026-11-23")
    assert [noted.ended_on for noted in answer.ended] == [date(2022, 2, 24)]


def test_what_would_begin_after_its_agreement_has_ended_never_does() -> None:
    waiver = grant("visa_free", "in_force 2020-01-01", "terminated 2026-12-31", applies_from=FEBRUARY)
    answer = ask(STANDING, waiver, on="2026-11-23")
    assert answer.pending == answer.ended == ()
    assert answer.next_change is None


def test_a_list_cannot_end_before_it_begins() -> None:
    with pytest.raises(InvalidValue, match="cannot end on 2026-01-31"):
        grant("visa_free", applies_from=FEBRUARY, applies_until=date(2026, 1, 31))


@pytest.mark.parametrize(
    ("requirement", "conditions"), [("visa_required", ()), ("visa_free", (condition("holds_visa"),))]
)
def test_dates_announce_nothing_that_could_read_as_free_until_then_or_for_everybody(
    requirement: str, conditions: tuple[Condition, ...]
) -> None:
    coming = grant(requirement, id_="coming", applies_from=FEBRUARY, conditions=conditions)
    assert ask(coming, on="2026-11-23").pending == ()


# Membership


def area(*steps: str, **members: Period | None) -> Rulebook:
    """A policy of an area that spares Kazakhstan the visa, where these are the members."""
    dated = tuple(Membership(code, period) for code, period in members.items() if period)
    bloc = Group("AREA", "The area", tuple(members), source("group"), None, dated)
    waiver = grant("visa_free", *steps, id_="area-policy", destination="FRA")
    rules = [replace(waiver.rules[0], key=code, destination=code, destination_group="AREA") for code in sorted(members)]
    return build_rulebook(EDITION, index_places(WORLD, (*BLOCS, bloc)), [waiver.regime], rules)


JOINED = date(2023, 1, 1)


def enter(rulebook: Rulebook, destination: str, on: str) -> Answer:
    places = rulebook.places.by_code
    return look_up(rulebook, Question(places["KAZ"], places[destination], moment(on)))


def test_the_rule_of_an_area_holds_at_a_member_from_the_day_it_joined() -> None:
    book = area(FRA=None, IRL=Period(JOINED))
    assert [enter(book, "IRL", on).verdict.requirement for on in ("2022-12-31", "2023-01-01")] == [None, "visa_free"]
    assert enter(book, "FRA", "2022-12-31").verdict.requirement == "visa_free"


def test_joining_is_a_change_already_known() -> None:
    answer = enter(area(FRA=None, IRL=Period(JOINED)), "IRL", "2022-06-01")
    assert answer.next_change is not None
    assert format_instant(answer.next_change.moment) == "2023-01-01T00:00:00Z"
    assert [noted.starts_on for noted in answer.pending] == [JOINED]
    assert "2023-01-01T00:00:00Z" in {
        format_instant(change) for change in moments_of_change(area(FRA=None, IRL=Period(JOINED)), answer.question)
    }


@pytest.mark.parametrize("on", ["2022-12-31", "2026-11-23"])
def test_what_was_signed_before_a_member_joined_is_announced_there_too(on: str) -> None:
    book = area("signed 2021-05", FRA=None, IRL=Period(JOINED))
    assert ids(enter(book, "IRL", on).pending) == ["area-policy"]


def test_what_ended_before_a_member_joined_never_was_its_rule() -> None:
    book = area("in_force 2015-01-01", "suspended 2022-09-12", FRA=None, IRL=Period(JOINED))
    assert enter(book, "IRL", "2026-11-23").ended == ()
    assert ids(enter(book, "FRA", "2026-11-23").ended) == ["area-policy"]


def test_the_rule_of_an_area_no_longer_holds_at_a_member_that_left() -> None:
    book = area(FRA=None, IRL=Period(None, date(2024, 6, 30)))
    answers = [enter(book, "IRL", on) for on in ("2024-06-30", "2024-07-01")]
    assert [answer.verdict.requirement for answer in answers] == ["visa_free", None]
    assert [noted.ended_on for noted in answers[1].ended] == [date(2024, 6, 30)]


# What was read later than the day asked about


def policy(applies_from: date | None = None) -> Grant:
    made = grant("visa_free", id_="policy", stay=days(60), applies_from=applies_from)
    return replace(made, regime=replace(made.regime, policy_of="ISR"))


def level(answer: Answer) -> tuple[str, bool]:
    assert answer.verification is not None
    return answer.verification.level, answer.covers_day


def test_a_standing_policy_read_in_2026_is_no_official_answer_about_2022() -> None:
    assert level(ask(policy(), on="2026-11-23")) == ("official", True)
    assert level(ask(policy(), on="2022-06-01")) == ("unverified", False)


def test_a_list_that_says_since_when_it_holds_is() -> None:
    assert level(ask(policy(applies_from=date(2021, 5, 1)), on="2022-06-01")) == ("official", True)


@pytest.mark.parametrize(("published", "expected"), [("2021-05", True), ("2022", False), ("2022-06-01", True)])
def test_a_text_of_that_day_or_earlier_is(published: str, *, expected: bool) -> None:
    text = source(published_on=PartialDate.parse(published))
    made = policy()
    dated = replace(made, regime=replace(made.regime, sources={"gazette": text}))
    assert level(ask(dated, on="2022-06-01"))[1] is expected


def test_a_dated_instrument_holds_since_its_entry_into_force_however_late_it_was_read() -> None:
    assert level(ask(grant("visa_free", "in_force 2010-01-01"), on="2022-06-01")) == ("official", True)

"""What a lookup lists beside the answer, in which order, and what of the future it tells."""

from __future__ import annotations

from datetime import date

import pytest

from tests.builders import EDITION, Grant, ask, condition, days, grant, ids, question, rulebook, step
from visalookup.domain.documents import DocumentType
from visalookup.domain.lifecycle import Transition
from visalookup.domain.lookup import ActiveRule, Basis, judge, look_up, moments_of_change
from visalookup.domain.moments import format_instant

STANDING = grant("visa_required", id_="standing")
RESIDENTS = grant("visa_free", id_="residents", conditions=(condition("holds_residence"),))
VISA_HOLDERS = grant("e_visa", id_="visa-holders", conditions=(condition("holds_visa"),))


def names(rules: tuple[ActiveRule, ...]) -> list[str]:
    return [each.regime.id for each in rules]


def test_a_citizen_is_answered_from_the_edition_asked() -> None:
    answer = ask(passport="ISR")
    assert (answer.edition, answer.question) == (EDITION, question("ISR"))


@pytest.mark.parametrize("exceptions", [(RESIDENTS, VISA_HOLDERS), (VISA_HOLDERS, RESIDENTS)])
def test_exceptions_from_a_restriction_stand_beside_it_the_best_first(exceptions: tuple[Grant, Grant]) -> None:
    verdict = ask(grant("no_admission"), grant("eta"), *exceptions).verdict
    assert (verdict.basis, verdict.requirement) == (Basis.RULE, "no_admission")
    assert names(verdict.also_applies) == ["residents", "visa-holders"]
    assert verdict.too_short == ()


def test_a_restriction_too_short_for_the_visit_leaves_its_exceptions_and_no_headline() -> None:
    short = grant("visa_required", id_="short", stay=days(5), overriding=True)
    verdict = ask(short, VISA_HOLDERS, RESIDENTS, grant("visa_free"), stay_days=6).verdict
    assert (verdict.basis, verdict.best) == (Basis.NOTHING_KNOWN, None)
    assert names(verdict.also_applies) == ["residents", "visa-holders"]
    assert names(verdict.too_short) == ["short"]


def test_a_restriction_covers_a_visit_of_its_whole_stay() -> None:
    short = grant("visa_required", id_="short", stay=days(5), overriding=True)
    assert ask(short, stay_days=5).verdict.requirement == "visa_required"


def test_every_better_rule_that_is_too_short_is_listed_and_no_lesser_one() -> None:
    grants = [
        grant("e_visa", id_="lesser-and-short", stay=days(10)),
        grant("visa_on_arrival", id_="answers", stay=days(60)),
        grant("eta", id_="second", stay=days(30)),
        grant("visa_free", id_="first", stay=days(30)),
    ]
    verdict = ask(*grants, stay_days=45).verdict
    assert (verdict.requirement, verdict.basis) == ("visa_on_arrival", Basis.RULE)
    assert names(verdict.too_short) == ["first", "second"]


def test_where_nothing_is_long_enough_all_are_too_short_and_the_answer_is_unknown() -> None:
    verdict = ask(grant("eta", stay=days(20)), grant("visa_free", stay=days(30)), stay_days=45).verdict
    assert (verdict.basis, verdict.best) == (Basis.NOTHING_KNOWN, None)
    assert names(verdict.too_short) == ["visa-free", "eta"]


def test_a_rule_is_never_listed_beside_itself() -> None:
    verdict = ask(STANDING, RESIDENTS, grant("visa_free"), VISA_HOLDERS).verdict
    assert names(verdict.also_applies) == ["residents", "visa-holders"]


def test_of_equal_rules_the_first_by_the_id_of_its_regime_answers() -> None:
    for order in (("a", "b"), ("b", "a")):
        verdict = ask(*(grant("visa_free", id_=each) for each in order)).verdict
        assert verdict.best is not None
        assert (verdict.best.regime.id, names(verdict.also_applies)) == ("a", ["b"])


def test_judging_alone_gives_the_verdict_of_the_answer() -> None:
    book = rulebook(STANDING, RESIDENTS, grant("visa_free", "in_force 2026-11-23T12:00:00+00:00"))
    for asked in (question(), question("ISR"), question("FRA"), question(document=DocumentType.DIPLOMATIC)):
        assert judge(book, asked) == look_up(book, asked).verdict


class TestTheNextChange:
    ATTESTED = grant("visa_free", step("in_force", "2027-03-01", attested=True), id_="attested")

    def test_what_is_attested_from_a_later_day_is_no_change_of_law(self) -> None:
        assert ask(STANDING, self.ATTESTED).next_change is None

    def test_a_change_before_that_day_is_told(self) -> None:
        ends = grant("eta", "in_force 2020-01-01", "terminated 2027-01-01")
        change = ask(STANDING, ends, self.ATTESTED).next_change
        assert change is not None
        assert format_instant(change.moment) == "2026-12-31T22:00:00Z"

    def test_what_was_attested_on_a_day_gone_by_does_not_hide_what_comes(self) -> None:
        known = grant("eta", step("in_force", "2020-01-01", attested=True), step("terminated", "2027-01-01"))
        change = ask(known).next_change
        assert change is not None
        assert change.verdict.answer == "unknown"

    def test_a_day_that_has_begun_in_utc_and_not_yet_at_the_destination_lies_ahead(self) -> None:
        coming = grant("visa_free", "in_force 2027-03-01", destination="USA")
        change = ask(coming, destination="USA", on="2027-03-01T00:30:00+00:00").next_change
        assert change is not None
        assert format_instant(change.moment) == "2027-03-01T05:00:00Z"


class TestWhatIsPendingOrEnded:
    def test_of_announcements_of_one_day_the_first_by_id_comes_first(self) -> None:
        announced = [grant("visa_free", "signed 2026-05-01", id_=each) for each in ("b", "a")]
        assert ids(ask(*announced).pending) == ["a", "b"]

    def test_what_lies_wholly_ahead_is_ordered_by_its_next_step(self) -> None:
        ahead = grant("visa_free", "in_force 2027-05-01", id_="ahead")
        signed = grant("visa_free", "signed 2026-05-01", "in_force 2028-01-01", id_="signed")
        assert ids(ask(signed, ahead).pending) == ["ahead", "signed"]

    def test_the_latest_step_counts_by_the_clock_of_the_destination(self) -> None:
        day = grant("visa_free", "signed 2026-05-02", id_="by-day", destination="JPN")
        instant = grant("visa_free", "signed 2026-05-01T20:00:00+00:00", id_="by-instant", destination="JPN")
        assert ids(ask(day, instant, destination="JPN").pending) == ["by-instant", "by-day"]

    def test_nothing_runs_after_a_step_without_a_transition_or_before_the_first(self) -> None:
        ahead = grant("visa_free", "in_force 2027-05-01")
        assert [each.transition_runs for each in ask(ahead).pending] == [False]

    def test_a_transition_runs_beside_what_has_ended(self) -> None:
        grace = Transition(date(2026, 12, 1), "Tickets bought before are honoured.")
        ended = grant("visa_free", "in_force 2020-01-01", step("terminated", "2026-11-01", transition=grace))
        assert [each.transition_runs for each in ask(ended).ended] == [True]

    def test_of_steps_ahead_the_one_with_effect_is_waited_for(self) -> None:
        coming = grant("visa_free", "memorandum_of_intent 2026", "signed 2027-01-01", "in_force 2027-03-01")
        [pending] = ask(coming).pending
        assert pending.upcoming == coming.regime.timeline.events[2]

    def test_where_none_has_effect_it_is_the_next(self) -> None:
        coming = grant("visa_free", "memorandum_of_intent 2026-01-01", "signed 2027-01-01")
        [pending] = ask(coming).pending
        assert pending.upcoming == coming.regime.timeline.events[1]

    def test_where_none_is_known_it_is_none(self) -> None:
        [pending] = ask(grant("visa_free", "signed 2026-01-01")).pending
        assert pending.upcoming is None

    def test_what_ended_is_ended_though_it_may_begin_again(self) -> None:
        back = grant("visa_free", "in_force 2020-01-01", "suspended 2026-01-01", "in_force 2027-01-01")
        answer = ask(back)
        assert (ids(answer.pending), ids(answer.ended)) == ([], ["visa-free"])


def test_every_step_that_could_bear_on_a_question_is_a_moment_of_change() -> None:
    waiver = grant("visa_free", "signed 2026-01-27", "in_force 2027-03-01")
    other = grant("visa_free", "in_force 2026-05-05", passport="FRA", id_="other")
    moments = moments_of_change(rulebook(waiver, other), question())
    assert sorted(map(format_instant, moments)) == ["2026-01-26T22:00:00Z", "2027-02-28T22:00:00Z"]


def test_a_source_cited_by_the_rule_and_by_the_step_is_named_once() -> None:
    answer = ask(STANDING)
    assert [each.key for each in answer.sources] == ["gazette"]
    assert answer.verification == STANDING.rules[0].terms.verification
    assert (ask().sources, ask().verification) == ((), None)

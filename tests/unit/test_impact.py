"""Which answers a change alters: for whom, from when, and what merely looks different."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import Grant, condition, days, grant, question, rulebook, source, step
from tests.unit import real_data
from tests.unit.strategies import grants, instants_of, quick
from visalookup.domain.answer_aspects import Aspect, differing_aspects
from visalookup.domain.changes.impact import AnswerChange, ChangeKind, answer_changes
from visalookup.domain.documents import ALL_DOCUMENT_TYPES, EVERY_DOCUMENT, DocumentType
from visalookup.domain.lifecycle import Transition
from visalookup.domain.lookup import Question, Verdict, judge, look_up, outcome
from visalookup.domain.moments import format_instant
from visalookup.domain.regimes import Rule, WholeRegime
from visalookup.domain.requirements import Stay
from visalookup.domain.rulebook import amended
from visalookup.domain.sources import Verification, VerificationLevel

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

STANDING = grant("visa_required", id_="standing").also("ISR", "KAZ")


def waiver(*steps: str, **terms: Any) -> Grant:
    """Kazakhstan and Israel spare each other's citizens the visa, as far as these steps go."""
    return grant("visa_free", *steps, id_="waiver", **{"stay": days(90), **terms}).also("ISR", "KAZ")


def changes(before: list[Grant], after: list[Grant]) -> list[AnswerChange]:
    ids = {each.id for each in (*before, *after)}
    return list(answer_changes(rulebook(*before), rulebook(*after), ids, NOW))


def moving(before: Grant | None, after: Grant | None) -> list[AnswerChange]:
    """What changes when the waiver goes from one state to another, beside the standing rules."""
    return changes([STANDING, *filter(None, [before])], [STANDING, *filter(None, [after])])


Line = tuple[str, str, str, str, str | None]


def line(change: AnswerChange) -> Line:
    pair = f"{change.passport.code} {change.destination.code}"
    requirements = [str(each.requirement) for each in (change.before, change.after)]
    until = format_instant(change.until) if change.until else None
    return (pair, requirements[0], requirements[1], format_instant(change.since), until)


def answers(found: list[AnswerChange]) -> list[Line]:
    """The changes, all of which must alter an answer."""
    assert {each.kind for each in found} <= {ChangeKind.ANSWER}
    return [line(each) for each in found]


def shown(found: list[AnswerChange]) -> list[tuple[str, set[Aspect]]]:
    """The changes, all of which must leave the answer and begin at once."""
    assert {each.kind for each in found} <= {ChangeKind.SHOWN}
    assert all(outcome(each.before) == outcome(each.after) for each in found)
    return [(f"{each.passport.code} {each.destination.code}", set(each.aspects)) for each in found]


MEMORANDUM = "memorandum_of_intent 2026-01-27"
SIGNED = "signed 2026-11-01"
IN_FORCE = "in_force 2027-03-01"


def test_a_memorandum_changes_no_answer_but_what_is_announced() -> None:
    found = moving(None, waiver(MEMORANDUM))
    assert shown(found) == [("ISR KAZ", {Aspect.PENDING}), ("KAZ ISR", {Aspect.PENDING})]
    assert [each.since for each in found] == [NOW, NOW]
    assert [each.until for each in found] == [None, None]
    assert found[0].after.requirement == "visa_required"


def test_what_is_signed_changes_no_answer_but_what_is_announced() -> None:
    found = moving(waiver(MEMORANDUM), waiver(MEMORANDUM, SIGNED))
    assert shown(found) == [("ISR KAZ", {Aspect.PENDING}), ("KAZ ISR", {Aspect.PENDING})]


def test_what_comes_into_force_changes_one_answer_in_each_direction_from_midnight_there() -> None:
    found = moving(waiver(MEMORANDUM, SIGNED), waiver(MEMORANDUM, SIGNED, IN_FORCE))
    assert answers(found) == [
        ("ISR KAZ", "visa_required", "visa_free", "2027-02-28T19:00:00Z", None),
        ("KAZ ISR", "visa_required", "visa_free", "2027-02-28T22:00:00Z", None),
    ]


def test_a_withdrawal_of_what_never_was_in_force_changes_what_is_announced() -> None:
    found = moving(waiver(MEMORANDUM), waiver(MEMORANDUM, "withdrawn 2026-11-20"))
    assert [aspects for _, aspects in shown(found)] == [{Aspect.PENDING, Aspect.ENDED}] * 2


def test_a_suspension_takes_the_answer_back_until_it_is_lifted() -> None:
    running = waiver("in_force 2020-01-01")
    found = moving(running, waiver("in_force 2020-01-01", "suspended 2026-12-01", "in_force 2027-01-01"))
    assert answers(found)[1] == (
        "KAZ ISR",
        "visa_free",
        "visa_required",
        "2026-11-30T22:00:00Z",
        "2026-12-31T22:00:00Z",
    )
    assert len(found) == 2


def test_a_correction_of_a_past_date_alters_past_days_alone() -> None:
    """Morocco and Azerbaijan: filed as in force from the day of signing, 112 days too early."""
    pair: dict[str, Any] = {"passport": "MAR", "destination": "AZE"}
    standing = grant("visa_required", id_="standing", **pair)
    wrong = grant("visa_free", "in_force 2024-05-08", **pair)
    right = grant("visa_free", "signed 2024-05-08", "in_force 2024-08-28", **pair)
    found, today = changes([standing, wrong], [standing, right])
    assert line(found) == ("MAR AZE", "visa_free", "visa_required", "2024-05-07T20:00:00Z", "2024-08-27T20:00:00Z")
    assert found.until is not None
    assert found.until - found.since == timedelta(days=112)
    assert found.is_past(NOW)
    assert not found.is_past(found.until - timedelta(seconds=1))
    assert shown([today]) == [("MAR AZE", {Aspect.IN_FORCE_FROM})]


def test_what_holds_for_good_is_never_past() -> None:
    [change, _] = moving(None, waiver("in_force 2020-01-01"))
    assert not change.is_past(datetime(2200, 1, 1, tzinfo=UTC))


def test_steps_between_which_the_same_changes_are_one_stretch_of_time() -> None:
    """While provisionally applied and while in force the same is answered; both were missing."""
    known = waiver("signed 2026-01-01")
    found = moving(known, waiver("signed 2026-01-01", "provisionally_applied 2026-12-01", "in_force 2027-02-01"))
    assert [each.until for each in found] == [None, None]


def test_a_country_nothing_was_known_of_is_answered() -> None:
    policy = grant("e_visa", "in_force 2023-01-01", id_="policy")
    [found] = changes([], [policy])
    assert line(found) == ("KAZ ISR", "None", "e_visa", "2022-12-31T22:00:00Z", None)
    assert answers(changes([policy], [])) == [("KAZ ISR", "e_visa", "None", "2022-12-31T22:00:00Z", None)]


def test_a_longer_stay_and_another_condition_alter_the_answer() -> None:
    running = waiver("in_force 2020-01-01")
    assert len(answers(moving(running, waiver("in_force 2020-01-01", stay=days(90, 180))))) == 2
    conditions = (condition("registration"),)
    assert len(answers(moving(running, waiver("in_force 2020-01-01", conditions=conditions)))) == 2


def test_a_visa_asked_for_anyway_alters_nothing_that_anybody_sees() -> None:
    other = grant("visa_required", id_="second-law").also("ISR", "KAZ")
    free = grant("visa_free", id_="free").also("ISR", "KAZ")
    assert changes([STANDING, free], [STANDING, free, other]) == []


def test_nothing_changed_is_no_change() -> None:
    assert moving(waiver(MEMORANDUM, SIGNED, IN_FORCE), waiver(MEMORANDUM, SIGNED, IN_FORCE)) == []


def test_a_note_on_the_timeline_changes_no_answer_and_nothing_shown_with_it() -> None:
    plain = waiver(MEMORANDUM)
    [event] = plain.regime.timeline.events
    timeline = replace(plain.regime.timeline, events=(replace(event, note="Signed in Astana."),))
    assert moving(plain, replace(plain, regime=replace(plain.regime, timeline=timeline))) == []


def test_a_rule_read_again_changes_only_its_verification() -> None:
    read = Verification(VerificationLevel.OFFICIAL, date(2026, 11, 24))
    found = moving(waiver("in_force 2020-01-01"), waiver("in_force 2020-01-01", verification=read))
    assert shown(found) == [("ISR KAZ", {Aspect.VERIFICATION}), ("KAZ ISR", {Aspect.VERIFICATION})]


def test_a_source_corrected_changes_only_the_sources() -> None:
    running = waiver("in_force 2020-01-01")
    moved = replace(running.regime, sources={"gazette": source(url="https://gazette.example/moved")})
    assert [aspects for _, aspects in shown(moving(running, replace(running, regime=moved)))] == [
        {Aspect.SOURCES},
        {Aspect.SOURCES},
    ]


def test_what_only_some_travellers_may_use_is_shown_beside_the_answer() -> None:
    some = grant("visa_free", id_="some", conditions=(condition("holds_visa"),))
    assert shown(changes([STANDING], [STANDING, some])) == [("KAZ ISR", {Aspect.ALSO_APPLIES})]


def test_the_regime_that_answers_may_change_with_nothing_else() -> None:
    old, new = grant("visa_free", id_="old", stay=days(30)), grant("visa_free", id_="new", stay=days(30))
    assert shown(changes([old], [new])) == [("KAZ ISR", {Aspect.BASIS})]


def test_what_is_shown_only_from_a_later_day_is_reported_from_then() -> None:
    """The end of a waiver is told by its source from the day it ends."""
    ends = "in_force 2020-01-01", "terminated 2027-01-01"
    plain = waiver(*ends)
    [first, last] = plain.regime.timeline.events
    cited = replace(last, source_key="other")
    sources = {**plain.regime.sources, "other": source("other", title="Denunciation")}
    timeline = replace(plain.regime.timeline, events=(first, cited))
    found = moving(plain, replace(plain, regime=replace(plain.regime, timeline=timeline, sources=sources)))
    assert [format_instant(each.since) for each in found] == ["2026-12-31T19:00:00Z", "2026-12-31T22:00:00Z"]
    assert {aspect for _, aspects in shown(found) for aspect in aspects} == {Aspect.ENDED}


def test_a_transition_is_shown_while_it_runs() -> None:
    """Both say that the waiver ended; one that tickets bought before were honoured until some day ahead."""
    until = Transition(date(2026, 12, 31), "Tickets bought before 1 November are honoured.")
    ended = grant("visa_free", "in_force 2020-01-01", step("terminated", "2026-11-01"), id_="waiver")
    honoured = step("terminated", "2026-11-01", transition=until)
    [found] = changes([ended], [grant("visa_free", "in_force 2020-01-01", honoured, id_="waiver")])
    assert found.aspects == {Aspect.ENDED}


class TestDocuments:
    def test_that_fare_alike_are_one_change(self) -> None:
        [found] = changes([], [grant("visa_free", documents=EVERY_DOCUMENT)])
        assert found.documents == ALL_DOCUMENT_TYPES

    def test_that_fare_otherwise_are_changes_of_their_own(self) -> None:
        diplomats = grant("visa_free", id_="diplomats", documents=frozenset({DocumentType.DIPLOMATIC}))
        policy = grant("visa_required", id_="policy", documents=EVERY_DOCUMENT)
        [found] = changes([diplomats], [diplomats, policy])
        assert found.documents == ALL_DOCUMENT_TYPES - {DocumentType.DIPLOMATIC}
        first, second = changes([], [diplomats, policy])
        assert {str(each.after.requirement): len(each.documents) for each in (first, second)} == {
            "visa_free": 1,
            "visa_required": 9,
        }

    def test_that_no_rule_of_the_regime_names_are_left_alone(self) -> None:
        crew = frozenset({DocumentType.SERVICE, DocumentType.OFFICIAL})
        [found] = changes([STANDING], [STANDING, grant("visa_free", id_="crew", documents=crew)])
        assert found.documents == crew

    def test_that_a_rule_no_longer_names_are_looked_at(self) -> None:
        both = frozenset({DocumentType.ORDINARY, DocumentType.DIPLOMATIC})
        [found] = changes([grant("visa_free", documents=both)], [grant("visa_free")])
        assert found.documents == {DocumentType.DIPLOMATIC}
        assert found.after.requirement is None

    def test_of_refugees_are_of_one_type_only(self) -> None:
        everybody = grant("visa_required", passport="XXB", documents=EVERY_DOCUMENT)
        [found] = changes([], [everybody])
        assert found.documents == {DocumentType.ORDINARY}


def test_pairs_that_the_change_does_not_touch_are_not_looked_at() -> None:
    """A policy of many rules of which one changes: the others are as they were."""
    policy = grant("visa_required", id_="policy").also("MAR", "ISR").also("JPN", "ISR")
    eased = replace(policy.rules[2], terms=replace(policy.rules[2].terms, stay=Stay(days=5)))
    [found] = changes([policy], [replace(policy, rules=(*policy.rules[:2], eased))])
    assert found.passport.code == "JPN"


def at(moment: datetime) -> Question:
    return replace(question(), on=moment)


START = datetime(2026, 3, 15, tzinfo=UTC)


@quick
@given(grants(), grants(), instants_of(START, START + timedelta(days=25)))
def test_answers_differ_at_an_instant_if_and_only_if_a_change_covers_it(
    before: list[Grant], after: list[Grant], instant: datetime
) -> None:
    found = [each for each in changes(before, after) if each.kind is ChangeKind.ANSWER]
    covering = [each for each in found if each.since <= instant and (each.until is None or instant < each.until)]
    verdicts = [judge(rulebook(*each), at(instant)) for each in (before, after)]
    if outcome(verdicts[0]) == outcome(verdicts[1]):
        assert covering == []
    else:
        [change] = covering
        told: list[Verdict] = [change.before, change.after]
        assert [outcome(each) for each in told] == [outcome(each) for each in verdicts]


@quick
@given(grants(), grants())
def test_changes_of_one_answer_neither_overlap_nor_adjoin_without_a_difference(
    before: list[Grant], after: list[Grant]
) -> None:
    found = [each for each in changes(before, after) if each.kind is ChangeKind.ANSWER]
    for one, following in pairwise(found):
        assert one.until is not None
        assert one.until <= following.since
        if one.until == following.since:
            pairs = [(outcome(each.before), outcome(each.after)) for each in (one, following)]
            assert pairs[0] != pairs[1]


@quick
@given(grants(), grants(), st.integers(-2, 16))
def test_where_the_answer_stays_all_that_looks_different_is_found(
    before: list[Grant], after: list[Grant], number: int
) -> None:
    now = START + timedelta(days=number)
    ids = {each.id for each in (*before, *after)}
    books = rulebook(*before), rulebook(*after)
    found = answer_changes(*books, ids, now)
    lasting = [each for each in found if each.kind is ChangeKind.ANSWER and not each.is_past(now)]
    try_respond = [each.aspects for each in found if each.kind is ChangeKind.SHOWN and each.since == now]
    aspects = differing_aspects(*(look_up(book, at(now)) for book in books))
    assert lasting or try_respond == [aspects] * bool(aspects)


def for_a_day(rule: Rule) -> Rule:
    return replace(rule, terms=replace(rule.terms, stay=Stay(days=1)))


def test_the_whole_policy_of_a_destination_is_judged_within_a_second() -> None:
    book = real_data.rulebook()
    rules = book.by_regime["isr-visa-policy"]
    assert len(rules) > 200
    policy = WholeRegime(book.regimes["isr-visa-policy"], tuple(map(for_a_day, rules)))
    after = amended(book, book.edition, {"isr-visa-policy": policy})
    started = time.process_time()
    found = answer_changes(book, after, ["isr-visa-policy"], NOW)
    assert time.process_time() - started < 1.0
    assert len(found) > 200
    assert {each.destination.code for each in found} == {"ISR"}

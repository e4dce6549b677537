"""What staff may do to a regime: add a step, correct one, change its rules, confirm them against their source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.builders import milestone, regime, source, step, terms
from visalookup.domain.changes.amendments import (
    check_cited,
    check_has_lifecycle,
    confirmed,
    entry_key,
    free_source_key,
    level_borne_out,
    rule_of,
    with_corrected_entry,
    with_entry,
    with_rule,
    with_source,
    without_rule,
    without_uncited_sources,
)
from visalookup.domain.errors import InvalidValue, StepRefused
from visalookup.domain.lifecycle import build_timeline
from visalookup.domain.moments import PartialDate
from visalookup.domain.regimes import Regime, Rule, WholeRegime
from visalookup.domain.sources import Source, SourceKind, Verification, VerificationLevel

READ_AGAIN = date(2026, 12, 1)


def statuses(amended: Regime) -> list[str]:
    return [f"{each.status} {each.effective}" for each in amended.timeline.events]


def milestones(amended: Regime) -> list[str]:
    return [each.key for each in amended.timeline.milestones]


SIGNED = regime("waiver", "signed 2026-01-27")


class TestKeysOfEntries:
    def test_the_first_of_a_name_is_number_one(self) -> None:
        assert entry_key(SIGNED, step("in_force", "2026-03-01")) == "in_force-1"
        assert entry_key(SIGNED, milestone("ratified", "2026-02-01")) == "ratified-1"

    def test_the_next_number_that_is_free_is_taken(self) -> None:
        known = regime("waiver", step("signed", "2026-01-01", key="signed-1"))
        assert entry_key(known, step("signed", "2026-02-01")) == "signed-2"

    def test_the_key_of_an_entry_that_was_removed_is_not_given_again(self) -> None:
        known = regime("waiver", step("signed", "2026-01-01", key="signed-1"))
        assert entry_key(known, step("signed", "2026-02-01"), {"signed-2", "signed-4"}) == "signed-3"
        assert entry_key(known, step("signed", "2026-02-01"), ["signed-2"]) == "signed-3"


class TestOneMoreStep:
    def test_it_is_put_at_the_end_and_milestones_are_kept(self) -> None:
        before = replace(SIGNED, timeline=build_timeline(SIGNED.timeline.events, [milestone("ratified", "2026-02")]))
        after = with_entry(before, step("in_force", "2026-03-01"))
        assert statuses(after) == ["signed 2026-01-27", "in_force 2026-03-01"]
        assert milestones(after) == ["ratified 2026-02"]

    def test_it_may_fall_on_the_day_of_the_last_one(self) -> None:
        assert statuses(with_entry(SIGNED, step("in_force", "2026-01-27")))[-1] == "in_force 2026-01-27"

    def test_a_month_that_the_last_step_falls_in_may_be_meant(self) -> None:
        known = regime("waiver", "memorandum_of_intent 2026-01-27")
        assert len(with_entry(known, step("signed", "2026-01")).timeline.events) == 2

    def test_a_new_regime_takes_its_first(self) -> None:
        assert statuses(with_entry(regime("waiver"), step("signed", "2026-01-27"))) == ["signed 2026-01-27"]

    def test_one_before_the_last_step_is_refused_with_what_to_do(self) -> None:
        known = regime("waiver", "signed 2025-01-01", "in_force 2026-01-27")
        with pytest.raises(StepRefused) as refusal:
            with_entry(known, step("provisionally_applied", "2025-06-01"))
        assert str(refusal.value) == (
            "provisionally applied on 2025-06-01 comes before the last step, in force on 2026-01-27."
            " Give a later date; or say that the step was missed, and it is put in its place."
        )

    @pytest.mark.parametrize(("last", "earlier"), [("2026-01-01", "2025-12-31"), ("2026-01-01", "2025-12")])
    def test_the_day_or_month_right_before_the_last_step_is_before_it(self, last: str, earlier: str) -> None:
        with pytest.raises(StepRefused, match="comes before the last step"):
            with_entry(regime("waiver", f"signed {last}"), step("memorandum_of_intent", earlier))

    @pytest.mark.parametrize("last", ["2026-01-27T00:00:00+00:00", "2026-01-27"])
    def test_the_very_instant_at_which_the_last_step_begins_is_not_before_it(self, last: str) -> None:
        after = with_entry(regime("waiver", step("signed", last)), step("in_force", "2026-01-27T00:00:00+00:00"))
        assert [each.status for each in after.timeline.events] == ["signed", "in_force"]

    def test_one_that_was_missed_is_put_in_its_place(self) -> None:
        known = regime("waiver", "signed 2025-01-01", "in_force 2026-01-27")
        after = with_entry(known, step("provisionally_applied", "2025-06-01"), missed=True)
        assert statuses(after)[1] == "provisionally_applied 2025-06-01"

    @pytest.mark.parametrize("missed", [True, False])
    def test_one_that_the_lifecycle_does_not_allow_is_refused(self, missed: bool) -> None:
        with pytest.raises(StepRefused):
            with_entry(SIGNED, step("terminated", "2026-03-01"), missed=missed)

    def test_a_milestone_joins_those_that_are_known_and_leaves_the_steps_alone(self) -> None:
        once = with_entry(SIGNED, milestone("ratified", "2026-03-01"))
        twice = with_entry(once, milestone("notified", "2025-02-01"))
        assert milestones(twice) == ["notified 2025-02-01", "ratified 2026-03-01"]
        assert statuses(twice) == statuses(SIGNED)

    def test_a_standing_policy_takes_no_step(self) -> None:
        policy = regime("isr-visa-policy", "in_force 2000-01-01", policy_of="ISR")
        with pytest.raises(InvalidValue) as refusal:
            with_entry(policy, step("suspended", "2026-03-01"))
        assert str(refusal.value) == (
            "isr-visa-policy is a standing policy, which has no lifecycle of its own: change its rules, or write"
            " a regime for what has dates."
        )
        check_has_lifecycle(SIGNED)


class TestACorrectedEntry:
    KNOWN = replace(
        regime("waiver", "signed 2026-01-27", "in_force 2026-03-01"),
        timeline=build_timeline(
            [step("signed", "2026-01-27", key="signed-1"), step("in_force", "2026-03-01", key="in_force-1")],
            [milestone("ratified", "2026-02-01"), milestone("notified", "2026-02-02")],
        ),
    )

    def test_a_step_stands_as_it_should_have_been_recorded(self) -> None:
        after = with_corrected_entry(self.KNOWN, "in_force-1", step("in_force", "2026-04-01", key="in_force-1"))
        assert statuses(after) == ["signed 2026-01-27", "in_force 2026-04-01"]
        assert milestones(after) == milestones(self.KNOWN)

    def test_a_milestone_stands_as_it_should_have_been_recorded(self) -> None:
        after = with_corrected_entry(self.KNOWN, "ratified 2026-02-01", milestone("ratified", "2026-02-03"))
        assert milestones(after) == ["notified 2026-02-02", "ratified 2026-02-03"]
        assert statuses(after) == statuses(self.KNOWN)

    def test_a_step_or_milestone_is_removed_alone(self) -> None:
        assert statuses(with_corrected_entry(self.KNOWN, "in_force-1", None)) == ["signed 2026-01-27"]
        assert milestones(with_corrected_entry(self.KNOWN, "notified 2026-02-02", None)) == ["ratified 2026-02-01"]

    def test_an_entry_that_is_not_there_is_refused(self) -> None:
        with pytest.raises(InvalidValue) as refusal:
            with_corrected_entry(self.KNOWN, "signed-9", None)
        assert str(refusal.value) == "waiver has no entry 'signed-9' on its timeline; its page lists them."

    def test_the_last_step_is_not_removed(self) -> None:
        with pytest.raises(InvalidValue) as refusal:
            with_corrected_entry(SIGNED, "signed 2026-01-27", None)
        assert str(refusal.value) == "waiver would be left without any step; a regime has one at least."

    def test_what_the_lifecycle_would_not_allow_is_refused(self) -> None:
        with pytest.raises(StepRefused):
            with_corrected_entry(self.KNOWN, "in_force-1", step("terminated", "2026-04-01"))


class TestSourcesOfARegime:
    def test_one_more_stands_beside_the_others(self) -> None:
        treaty = source("treaty")
        assert with_source(SIGNED, treaty).sources == {"gazette": source(), "treaty": treaty}

    def test_the_same_one_again_changes_nothing(self) -> None:
        assert with_source(SIGNED, source()) == SIGNED

    def test_another_one_under_a_key_in_use_is_refused(self) -> None:
        with pytest.raises(InvalidValue) as refusal:
            with_source(SIGNED, source(title="Another notice"))
        assert str(refusal.value) == "waiver has a source 'gazette' already; give another key."

    def test_what_is_cited_must_be_one_of_them(self) -> None:
        both = with_source(SIGNED, source("treaty"))
        check_cited(both, "treaty")
        with pytest.raises(InvalidValue) as refusal:
            check_cited(both, "decree")
        assert str(refusal.value) == "waiver has no source 'decree'; it has gazette, treaty, or give a new one."

    def test_a_key_in_use_gets_the_next_free_number(self) -> None:
        assert free_source_key(None, "gazette") == "gazette"
        assert free_source_key(SIGNED, "treaty") == "treaty"
        second = with_source(SIGNED, source("gazette-2"))
        assert free_source_key(SIGNED, "gazette") == "gazette-2"
        assert free_source_key(second, "gazette") == "gazette-3"

    def test_what_nothing_cites_is_left_out(self) -> None:
        entry = replace(milestone("ratified", "2026-02-01"), source_key="notes")
        keys = ("gazette", "notes", "treaty", "leftover")
        known = replace(
            regime("waiver"),
            timeline=build_timeline([step("signed", "2026-01-27")], [entry]),
            sources={key: source(key) for key in keys},
        )
        whole = WholeRegime(known, (rule("KAZ-ISR", source_key="treaty"),))
        assert list(without_uncited_sources(whole).regime.sources) == ["gazette", "notes", "treaty"]
        assert without_uncited_sources(whole).rules == whole.rules

    @pytest.mark.parametrize(
        ("kind", "level"), [("official", "official"), ("secondary", "secondary"), ("press", "secondary")]
    )
    def test_only_an_official_text_bears_out_an_official_verification(self, kind: str, level: str) -> None:
        assert level_borne_out(source(kind=SourceKind(kind))) == level


def rule(key: str, **changes: Any) -> Rule:
    passport, destination = key.split("-")
    return Rule(key, "waiver", passport, destination, terms(**changes))


def whole(*rules: Rule, sources: Iterable[Source] = (source(),)) -> WholeRegime:
    return WholeRegime(replace(SIGNED, sources={each.key: each for each in sources}), rules)


class TestRulesOfARegime:
    BOTH = whole(rule("KAZ-ISR"), rule("ISR-KAZ"))

    def test_a_rule_stands_in_place_of_the_one_of_its_key(self) -> None:
        stricter = rule("KAZ-ISR", note="Stricter.")
        assert with_rule(self.BOTH, stricter).rules == (rule("ISR-KAZ"), stricter)

    def test_a_rule_of_a_new_key_stands_beside_the_others(self) -> None:
        assert with_rule(self.BOTH, rule("FRA-ISR")).rules == (*self.BOTH.rules, rule("FRA-ISR"))

    def test_a_rule_is_removed_by_its_key(self) -> None:
        assert without_rule(self.BOTH, "KAZ-ISR").rules == (rule("ISR-KAZ"),)

    def test_a_rule_is_found_by_its_key(self) -> None:
        assert rule_of(self.BOTH, "ISR-KAZ") == rule("ISR-KAZ")

    def test_a_rule_that_is_not_there_is_refused(self) -> None:
        with pytest.raises(InvalidValue) as refusal:
            without_rule(self.BOTH, "FRA-ISR")
        assert str(refusal.value) == "waiver has no rule 'FRA-ISR'; its page lists them."


def cited(amended: WholeRegime) -> dict[str, tuple[str, Verification]]:
    return {each.key: (each.terms.source_key, each.terms.verification) for each in amended.rules}


OFFICIAL_NOW = Verification(VerificationLevel.OFFICIAL, READ_AGAIN)
BEFORE = terms().verification


class TestRulesThatWereCheckedAgain:
    def test_all_of_them_where_none_is_named(self) -> None:
        after = confirmed(whole(rule("KAZ-ISR"), rule("ISR-KAZ")), [], READ_AGAIN)
        assert cited(after) == dict.fromkeys(("KAZ-ISR", "ISR-KAZ"), ("gazette", OFFICIAL_NOW))
        assert after.regime.sources == {"gazette": source(accessed_on=READ_AGAIN)}

    def test_those_that_are_named_and_no_others(self) -> None:
        after = confirmed(whole(rule("KAZ-ISR"), rule("ISR-KAZ")), ["ISR-KAZ"], READ_AGAIN)
        assert cited(after) == {"KAZ-ISR": ("gazette", BEFORE), "ISR-KAZ": ("gazette", OFFICIAL_NOW)}

    def test_one_that_is_not_there_is_refused(self) -> None:
        with pytest.raises(InvalidValue):
            confirmed(whole(rule("KAZ-ISR")), ["FRA-ISR"], READ_AGAIN)

    def test_the_level_is_what_the_source_bears_out(self) -> None:
        press = source(kind=SourceKind.PRESS)
        after = confirmed(whole(rule("KAZ-ISR"), sources=[press]), [], READ_AGAIN)
        assert after.rules[0].terms.verification == Verification(VerificationLevel.SECONDARY, READ_AGAIN)

    def test_against_another_source_which_joins_those_of_the_regime(self) -> None:
        treaty = source("treaty", state_on=PartialDate.parse("2020"))
        after = confirmed(whole(rule("KAZ-ISR"), rule("ISR-KAZ")), ["KAZ-ISR"], READ_AGAIN, treaty)
        assert cited(after) == {"KAZ-ISR": ("treaty", OFFICIAL_NOW), "ISR-KAZ": ("gazette", BEFORE)}
        assert after.regime.sources == {"gazette": source(), "treaty": source("treaty", accessed_on=READ_AGAIN)}

    def test_an_old_state_of_its_own_source_is_replaced_by_that_of_the_day(self) -> None:
        """Nothing else rests on the archived copy, so the text read now takes its place."""
        archived = source("treaty", state_on=PartialDate.parse("2020"))
        after = confirmed(whole(rule("KAZ-ISR", source_key="treaty"), sources=[source(), archived]), [], READ_AGAIN)
        assert after.regime.sources["treaty"] == source("treaty", accessed_on=READ_AGAIN)

    def test_where_other_rules_rest_on_the_old_state_the_new_one_stands_beside_it(self) -> None:
        archived = source("treaty", state_on=PartialDate.parse("2020"))
        rules = rule("KAZ-ISR", source_key="treaty"), rule("ISR-KAZ", source_key="treaty")
        after = confirmed(whole(*rules, sources=[source(), archived]), ["KAZ-ISR"], READ_AGAIN)
        assert cited(after) == {"KAZ-ISR": ("treaty-2026", OFFICIAL_NOW), "ISR-KAZ": ("treaty", BEFORE)}
        assert after.regime.sources["treaty"] == archived
        assert after.regime.sources["treaty-2026"] == source("treaty-2026", accessed_on=READ_AGAIN)

    def test_where_a_step_rests_on_the_old_state_the_new_one_stands_beside_it(self) -> None:
        archived = source(state_on=PartialDate.parse("2020"))
        after = confirmed(whole(rule("KAZ-ISR"), sources=[archived]), [], READ_AGAIN)
        assert cited(after) == {"KAZ-ISR": ("gazette-2026", OFFICIAL_NOW)}
        assert after.regime.sources["gazette"] == archived

    def test_a_text_of_the_day_that_others_rest_on_is_simply_fresher(self) -> None:
        after = confirmed(whole(rule("KAZ-ISR"), rule("ISR-KAZ")), ["KAZ-ISR"], READ_AGAIN)
        assert list(after.regime.sources) == ["gazette"]

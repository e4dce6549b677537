"""Slips that a careful reader would find: dates out of order, stays that make no sense, contradictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.builders import PLACES, READ_ON, condition, days, grant, regime, source, step, terms
from visalookup.domain.datasets.plausibility import (
    contradictions,
    findings_in_source,
    findings_in_terms,
    lint_findings,
    missing_sides,
)
from visalookup.domain.documents import DocumentType
from visalookup.domain.moments import PartialDate
from visalookup.domain.regimes import RegimeKind, Rule, Terms, WholeRegime
from visalookup.domain.requirements import Purpose, Stay
from visalookup.domain.sources import SourceKind, Verification, VerificationLevel

THE_DAY = PartialDate.parse("2026-11-23")
THE_DAY_AFTER = PartialDate.parse("2026-11-24")


def rule(requirement: str, *, passport: str = "KAZ", group: str | None = None, **changes: Any) -> Rule:
    return Rule(f"{requirement}-{passport}", "waiver", passport, "ISR", terms(requirement, **changes), group)


def clashes(*rules: Rule) -> list[tuple[str, str]]:
    return [(worse.key, slip) for worse, slip in contradictions(rules, PLACES)]


class TestDatesOfASource:
    def test_it_may_be_read_on_the_day_it_was_published_in_the_state_of_that_day(self) -> None:
        assert list(findings_in_source(source(published_on=THE_DAY, state_on=THE_DAY))) == []

    def test_it_cannot_be_read_before_it_was_published(self) -> None:
        assert list(findings_in_source(source(published_on=THE_DAY_AFTER))) == [
            "It cannot have been read on 2026-11-23, before it was published."
        ]

    def test_it_cannot_show_a_state_that_was_still_to_come(self) -> None:
        assert list(findings_in_source(source(state_on=THE_DAY_AFTER))) == [
            "It cannot show the state of 2026-11-24 when it was read on 2026-11-23."
        ]

    def test_what_nobody_has_read_is_not_judged(self) -> None:
        assert list(findings_in_source(source(accessed_on=None, published_on=THE_DAY_AFTER))) == []

    def test_a_source_without_further_dates_is_plausible(self) -> None:
        assert list(findings_in_source(source())) == []


class TestStaysAndVerifications:
    @pytest.mark.parametrize("requirement", ["freedom_of_movement", "visa_free", "eta", "visa_on_arrival", "e_visa"])
    def test_what_lets_people_in_says_for_how_long(self, requirement: str) -> None:
        missing = f"{requirement} needs a stay; where no source states one, say so in the note."
        assert list(findings_in_terms(terms(requirement), source())) == [missing]
        assert list(findings_in_terms(terms(requirement, stay=days(30)), source())) == []
        assert list(findings_in_terms(terms(requirement, note="No stay is stated."), source())) == []

    @pytest.mark.parametrize("requirement", ["visa_required", "no_admission"])
    def test_what_lets_nobody_in_need_not(self, requirement: str) -> None:
        assert list(findings_in_terms(terms(requirement), source())) == []

    def test_who_is_not_admitted_has_no_stay(self) -> None:
        found = findings_in_terms(terms("no_admission", stay=days(30)), source())
        assert list(found) == ["Who is not admitted has no stay."]

    def test_a_document_that_is_not_accepted_has_no_stay_and_says_what_to_use_instead(self) -> None:
        assert list(findings_in_terms(terms("document_not_accepted", use_instead="a passport"), source())) == []
        assert list(findings_in_terms(terms("document_not_accepted", stay=days(30)), source())) == [
            "Who is not admitted has no stay.",
            "Where a document is not accepted, use_instead says what to travel with.",
        ]

    def test_what_to_use_instead_is_for_documents_that_are_not_accepted(self) -> None:
        assert list(findings_in_terms(terms("visa_required", use_instead="a passport"), source())) == [
            "use_instead is for a document that is not accepted, not for visa_required."
        ]

    def test_a_visa_may_be_for_a_stay(self) -> None:
        assert list(findings_in_terms(terms("visa_required", stay=days(30)), source())) == []

    def test_a_verification_needs_a_source_that_was_read(self) -> None:
        assert list(findings_in_terms(terms("visa_required"), source(accessed_on=None))) == [
            "The verification is official, but the source has no accessed_on: nobody has read it."
        ]

    def test_an_official_verification_needs_an_official_text(self) -> None:
        assert list(findings_in_terms(terms("visa_required"), source(kind=SourceKind.PRESS))) == [
            "The verification is official, but the source is press."
        ]

    def test_a_secondary_verification_may_rest_on_any_text(self) -> None:
        secondary = terms("visa_required", verification=Verification(VerificationLevel.SECONDARY, READ_ON))
        assert list(findings_in_terms(secondary, source())) == []
        assert list(findings_in_terms(secondary, source(kind=SourceKind.PRESS))) == []

    def test_it_may_be_of_the_day_the_source_was_published_and_not_before(self) -> None:
        assert list(findings_in_terms(terms("visa_required"), source(published_on=THE_DAY))) == []
        assert list(findings_in_terms(terms("visa_required"), source(published_on=THE_DAY_AFTER))) == [
            "It cannot have been verified on 2026-11-23, before its source was published."
        ]

    def test_what_was_never_verified_is_not_judged(self) -> None:
        unverified = terms("visa_required", verification=Verification(VerificationLevel.UNVERIFIED))
        assert list(findings_in_terms(unverified, source(accessed_on=None, published_on=THE_DAY_AFTER))) == []


class TestContradictions:
    def test_a_visa_and_no_visa_for_the_same_stay_contradict_each_other(self) -> None:
        assert clashes(rule("visa_required", stay=days(30)), rule("visa_free", stay=days(30))) == [
            ("visa_required-KAZ", "KAZ is listed twice for ISR, as visa_free and visa_required.")
        ]

    def test_a_visa_for_a_longer_stay_than_goes_without_one_does_not(self) -> None:
        assert clashes(rule("visa_free", stay=days(30)), rule("e_visa", stay=days(31))) == []

    def test_a_visa_that_states_no_stay_contradicts_one_that_is_not_needed(self) -> None:
        assert len(clashes(rule("visa_free", stay=days(30)), rule("e_visa"))) == 1
        assert len(clashes(rule("visa_free"), rule("e_visa"))) == 1
        assert clashes(rule("visa_free"), rule("e_visa", stay=days(1))) == []

    def test_the_same_requirement_twice_or_a_visa_online_or_on_arrival_go_together(self) -> None:
        assert clashes(rule("visa_free", stay=days(30)), rule("visa_free", stay=days(30), note="Twice.")) == []
        assert clashes(rule("e_visa", stay=days(30)), rule("visa_on_arrival", stay=days(30))) == []

    def test_an_authorisation_and_a_visa_do_not_go_together(self) -> None:
        assert len(clashes(rule("eta", stay=days(30)), rule("e_visa", stay=days(30)))) == 1

    def test_other_documents_or_other_purposes_do(self) -> None:
        diplomats = frozenset({DocumentType.DIPLOMATIC})
        free = rule("visa_free", stay=days(30))
        assert clashes(free, rule("e_visa", documents=diplomats)) == []
        business = frozenset({Purpose.VISIT, Purpose.BUSINESS})
        assert len(clashes(free, rule("e_visa", purposes=business))) == 1
        narrow = frozenset({Purpose.BUSINESS})
        assert clashes(free, rule("e_visa", purposes=narrow)) == []

    def test_exceptions_restrictions_and_lists_for_everybody_do(self) -> None:
        free = rule("visa_free", stay=days(30))
        assert clashes(free, rule("e_visa", conditions=(condition("holds_visa"),))) == []
        assert clashes(free, rule("visa_required", overriding=True)) == []
        assert clashes(free, rule("no_admission")) == []
        assert clashes(free, rule("visa_required", group="ALL")) == []
        assert len(clashes(free, rule("visa_required", group="EUROPE"))) == 1

    def test_other_passports_do(self) -> None:
        assert clashes(rule("visa_free", stay=days(30)), rule("visa_required", passport="FRA")) == []

    def test_each_pair_of_three_is_a_contradiction_whatever_their_order(self) -> None:
        three = [rule(each, stay=days(30)) for each in ("visa_required", "visa_free", "eta")]
        slips = [
            ("eta-KAZ", "KAZ is listed twice for ISR, as visa_free and eta."),
            ("visa_required-KAZ", "KAZ is listed twice for ISR, as visa_free and visa_required."),
            ("visa_required-KAZ", "KAZ is listed twice for ISR, as eta and visa_required."),
        ]
        assert clashes(*three) == slips
        assert clashes(*reversed(three)) == slips


MUTUAL = grant("visa_free").also("ISR", "KAZ")
ONE_WAY = (
    "An agreement binds both sides, but no rule says what {} passports get at {};"
    " where that is right, say why in the note of the file."
)


class TestBothSidesOfAnAgreement:
    def test_both_directions_are_there_or_none(self) -> None:
        assert list(missing_sides(MUTUAL.regime, MUTUAL.rules, PLACES)) == []
        assert list(missing_sides(MUTUAL.regime, [], PLACES)) == []

    def test_the_direction_that_is_missing_is_named(self) -> None:
        there, back = MUTUAL.rules
        assert list(missing_sides(MUTUAL.regime, [there], PLACES)) == [ONE_WAY.format("ISR", "KAZ")]
        assert list(missing_sides(MUTUAL.regime, [back], PLACES)) == [ONE_WAY.format("KAZ", "ISR")]

    def test_rules_for_others_make_neither(self) -> None:
        others = [replace(MUTUAL.rules[0], passport="FRA"), replace(MUTUAL.rules[0], destination="FRA")]
        assert len(list(missing_sides(MUTUAL.regime, others, PLACES))) == 2

    def test_a_note_says_why_one_is_missing(self) -> None:
        noted = replace(MUTUAL.regime, note="Israel has suspended it.")
        assert list(missing_sides(noted, MUTUAL.rules[:1], PLACES)) == []

    @pytest.mark.parametrize("kind", [each for each in RegimeKind if each is not RegimeKind.BILATERAL_AGREEMENT])
    def test_what_is_no_agreement_of_two_binds_nobody_to_the_like(self, kind: RegimeKind) -> None:
        assert list(missing_sides(replace(MUTUAL.regime, kind=kind), MUTUAL.rules[:1], PLACES)) == []

    @pytest.mark.parametrize("parties", [("KAZ",), ("KAZ", "ISR", "FRA")])
    def test_nor_does_one_of_one_or_three(self, parties: tuple[str, ...]) -> None:
        assert list(missing_sides(replace(MUTUAL.regime, parties=parties), MUTUAL.rules[:1], PLACES)) == []

    def test_a_bloc_is_a_party_through_any_of_its_members(self) -> None:
        of_bloc = replace(MUTUAL.regime, parties=("KAZ", "EUROPE"))
        rules = [replace(MUTUAL.rules[0], destination="FRA"), replace(MUTUAL.rules[1], passport="DEU")]
        assert list(missing_sides(of_bloc, rules, PLACES)) == []
        assert list(missing_sides(of_bloc, rules[:1], PLACES)) == [ONE_WAY.format("EUROPE", "KAZ")]


def test_every_slip_of_a_regime_is_found_and_that_of_terms_shared_by_many_rules_once() -> None:
    late, fine = source("late", published_on=THE_DAY_AFTER), source()
    without_stay: Terms = terms("visa_free")
    made = regime("waiver", step("in_force", "2000-01-01"), sources={"gazette": fine, "late": late})
    rules = (
        Rule("a", "waiver", "KAZ", "ISR", without_stay),
        Rule("b", "waiver", "FRA", "ISR", without_stay),
        Rule("c", "waiver", "KAZ", "ISR", terms("visa_required")),
    )
    assert list(lint_findings(WholeRegime(made, rules), PLACES)) == [
        "Source late: It cannot have been read on 2026-11-23, before it was published.",
        "visa_free needs a stay; where no source states one, say so in the note.",
        "KAZ is listed twice for ISR, as visa_free and visa_required.",
        ONE_WAY.format("ISR", "KAZ"),
    ]


def test_a_stay_of_months_is_held_against_one_of_days() -> None:
    assert clashes(rule("visa_free", stay=days(30)), rule("e_visa", stay=Stay(months=2))) == []
    assert len(clashes(rule("visa_free", stay=days(60)), rule("e_visa", stay=Stay(months=2)))) == 1


def test_a_source_read_a_day_later_is_plausible() -> None:
    assert list(findings_in_source(source(accessed_on=date(2026, 11, 24), published_on=THE_DAY_AFTER))) == []

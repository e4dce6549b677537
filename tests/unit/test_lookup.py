"""Which rule answers: restrictions, favour, stays, conditions, citizens, and what is known but not law."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.builders import Grant, ask, ask_all, condition, days, grant, ids, source, step
from visalookup.domain.documents import ALL_DOCUMENT_TYPES, EVERY_DOCUMENT, DocumentType
from visalookup.domain.lookup import Answer, Basis
from visalookup.domain.own_country import RIGHT_TO_ENTER, RIGHT_TO_ENTER_VERIFIED
from visalookup.domain.requirements import Purpose, Requirement, Stay
from visalookup.domain.sources import SourceKind

STANDING = grant("visa_required", id_="standing")


def requirement(answer: Answer) -> Requirement | None:
    return answer.verdict.requirement


def also(answer: Answer) -> list[str]:
    return [each.regime.id for each in answer.verdict.also_applies]


def too_short(answer: Answer) -> list[str]:
    return [each.regime.id for each in answer.verdict.too_short]


BEST_TO_WORST = ["freedom_of_movement", "visa_free", "eta", "visa_on_arrival", "e_visa", "visa_required"]


@pytest.mark.parametrize(("better", "worse"), list(pairwise(BEST_TO_WORST)))
def test_the_most_favourable_rule_wins(better: str, worse: str) -> None:
    assert requirement(ask(grant(worse), grant(better))) == better


def test_the_longer_stay_comes_first_among_equals() -> None:
    month = grant("visa_free", id_="month", stay=days(30))
    answer = ask(month, grant("visa_free", id_="quarter", stay=days(90)))
    assert answer.verdict.best is not None
    assert answer.verdict.best.regime.id == "quarter"
    assert also(answer) == ["month"]


def test_the_others_are_listed_as_also_applying() -> None:
    answer = ask(grant("e_visa"), grant("visa_free"), grant("eta"))
    assert requirement(answer) == "visa_free"
    assert also(answer) == ["eta", "e-visa"]


def test_that_one_may_apply_for_a_visa_goes_without_saying() -> None:
    assert also(ask(STANDING, grant("visa_free"))) == []


def test_that_some_travellers_need_a_visa_is_told() -> None:
    been_there = grant("visa_required", id_="been-there", conditions=(condition("origin"),))
    assert also(ask(grant("visa_free"), been_there)) == ["been-there"]


def test_no_admission_wins_over_every_favour() -> None:
    answer = ask(grant("freedom_of_movement"), grant("visa_free"), grant("no_admission"))
    assert answer.verdict.answer == "not_admitted"
    assert also(answer) == []


def test_a_rule_marked_as_overriding_wins_over_a_more_favourable_one() -> None:
    answer = ask(grant("visa_free"), grant("visa_required", overriding=True))
    assert requirement(answer) == "visa_required"


def test_the_strictest_of_several_restrictions_wins() -> None:
    assert requirement(ask(grant("e_visa", overriding=True), grant("no_admission"))) == "no_admission"


def test_an_exception_to_a_restriction_is_shown_beside_it() -> None:
    resident = grant("visa_required", id_="residents", conditions=(condition("holds_residence"),))
    answer = ask(grant("no_admission"), resident, grant("visa_free"))
    assert requirement(answer) == "no_admission"
    assert also(answer) == ["residents"]


def test_a_restriction_that_only_some_meet_is_not_the_headline() -> None:
    visitors = grant("no_admission", conditions=(condition("origin", "You were in an affected area."),))
    answer = ask(grant("visa_free"), visitors)
    assert requirement(answer) == "visa_free"
    assert also(answer) == ["no-admission"]


@pytest.mark.parametrize("requirement_", ["visa_free", "e_visa"])
def test_a_restriction_too_short_for_the_visit_is_told(requirement_: str) -> None:
    answer = ask(STANDING, grant(requirement_, id_="restriction", stay=days(30), overriding=True), stay_days=60)
    assert too_short(answer) == ["restriction"]


def test_without_a_rule_the_answer_is_unknown() -> None:
    answer = ask()
    assert (answer.verdict.basis, answer.verdict.answer) == (Basis.NOTHING_KNOWN, "unknown")
    assert answer.verdict.best is None


def test_a_rule_for_the_other_direction_says_nothing() -> None:
    assert ask(grant("visa_free", passport="ISR", destination="KAZ")).verdict.answer == "unknown"


def test_a_rule_for_diplomats_says_nothing_to_others() -> None:
    diplomats = grant("visa_free", documents=frozenset({DocumentType.DIPLOMATIC}))
    assert ask(diplomats).verdict.answer == "unknown"
    assert ask(diplomats, document=DocumentType.DIPLOMATIC).verdict.answer == "no"


def test_everybody_may_enter_their_own_country_by_a_source_that_was_read() -> None:
    answer = ask(passport="ISR")
    assert (answer.verdict.basis, answer.verdict.answer) == (Basis.OWN_COUNTRY, "no")
    assert RIGHT_TO_ENTER.kind is SourceKind.OFFICIAL
    assert RIGHT_TO_ENTER_VERIFIED.verified_on is not None


@pytest.mark.parametrize("document", [DocumentType.REFUGEE_1951, DocumentType.STATELESS_1954, DocumentType.ALIEN])
def test_a_refugee_is_not_a_citizen_of_the_state_that_issued_the_document(document: DocumentType) -> None:
    assert ask(passport="ISR", document=document).verdict.answer == "unknown"


def test_a_travel_document_is_its_own_kind_so_the_document_type_is_not_asked() -> None:
    refugees = grant("visa_free", passport="XXB", documents=frozenset({DocumentType.REFUGEE_1951}))
    assert ask(refugees, passport="XXB").verdict.answer == "no"


def test_what_everybodys_diplomats_get_is_not_for_refugees() -> None:
    """A list for all nations names passports; what no citizen's document gets through it, is for all documents."""
    default = grant("visa_required", passport="XXB", id_="default", documents=EVERY_DOCUMENT)
    diplomats = grant("visa_free", passport="XXB", documents=frozenset({DocumentType.DIPLOMATIC}))
    through_all = [
        replace(each, rules=tuple(replace(rule, passport_group="ALL") for rule in each.rules))
        for each in (default, diplomats)
    ]
    assert requirement(ask(*through_all, passport="XXB")) == "visa_required"


@pytest.mark.parametrize("document", sorted(ALL_DOCUMENT_TYPES))
def test_a_rule_for_all_documents_answers_each(document: DocumentType) -> None:
    assert requirement(ask(grant("e_visa", documents=EVERY_DOCUMENT), document=document)) == "e_visa"


def test_several_passports_are_each_answered_the_best_first() -> None:
    grants = [
        grant("e_visa", passport="KAZ", id_="a"),
        grant("visa_free", passport="DEU", stay=days(30), id_="b"),
        grant("visa_free", passport="FRA", stay=days(90), id_="c"),
        grant("no_admission", passport="CAN", id_="d"),
        grant("visa_required", passport="USA", id_="e"),
    ]
    answers = ask_all(*grants, passports=["MEX", "CAN", "USA", "KAZ", "DEU", "FRA", "ISR"])
    assert [each.question.passport.code for each in answers] == ["ISR", "FRA", "DEU", "KAZ", "USA", "MEX", "CAN"]


def test_passports_that_fare_alike_stand_by_their_code() -> None:
    assert [each.question.passport.code for each in ask_all(passports=["MEX", "CAN"])] == ["CAN", "MEX"]


SHORT = grant("visa_free", stay=days(30))


def test_a_stay_within_the_rule_is_answered_by_it() -> None:
    answer = ask(STANDING, SHORT, stay_days=30)
    assert (requirement(answer), too_short(answer)) == ("visa_free", [])


def test_a_stay_longer_than_the_rule_grants_is_told_and_the_next_rule_answers() -> None:
    answer = ask(STANDING, SHORT, stay_days=31)
    assert (requirement(answer), too_short(answer)) == ("visa_required", ["visa-free"])


def test_a_stay_longer_than_anything_granted_is_told_and_unknown() -> None:
    answer = ask(SHORT, stay_days=31)
    assert (answer.verdict.answer, too_short(answer)) == ("unknown", ["visa-free"])


def test_a_longer_visit_may_be_better_served_by_a_lesser_rule() -> None:
    answer = ask(SHORT, grant("e_visa", stay=Stay(months=6)), stay_days=120)
    assert (requirement(answer), too_short(answer)) == ("e_visa", ["visa-free"])


NARROW: list[Grant] = [
    grant("visa_free", id_="narrow", conditions=(condition("holds_visa"),)),
    grant("freedom_of_movement", id_="narrow", conditions=(condition("family_member"),)),
    grant("visa_free", id_="narrow", purposes=frozenset({Purpose.TRANSIT})),
]


@pytest.mark.parametrize("narrow", NARROW)
def test_what_only_some_travellers_get_is_never_the_headline(narrow: Grant) -> None:
    answer = ask(STANDING, narrow)
    assert (requirement(answer), also(answer)) == ("visa_required", ["narrow"])


@pytest.mark.parametrize("narrow", NARROW)
def test_what_only_some_travellers_get_leaves_the_answer_unknown_but_is_listed(narrow: Grant) -> None:
    answer = ask(narrow)
    assert (answer.verdict.answer, also(answer)) == ("unknown", ["narrow"])


def test_a_condition_everybody_can_meet_leaves_a_rule_the_headline() -> None:
    assert requirement(ask(STANDING, grant("visa_free", conditions=(condition("registration"),)))) == "visa_free"


ANNOUNCED = [
    ("memorandum_of_intent 2026-01-27",),
    ("signed 2026-01-27",),
    ("memorandum_of_intent 2025", "signed 2026-02"),
]


@pytest.mark.parametrize("steps", ANNOUNCED)
def test_neither_a_memorandum_nor_a_signed_agreement_changes_an_answer(steps: tuple[str, ...]) -> None:
    answer = ask(STANDING, grant("visa_free", *steps, id_="announced"))
    assert requirement(answer) == "visa_required"
    assert also(answer) == []
    assert ids(answer.pending) == ["announced"]


def test_an_agreement_alone_leaves_the_answer_unknown_until_it_is_in_force() -> None:
    assert ask(grant("visa_free", "signed 2026-01-27")).verdict.answer == "unknown"


def test_a_provisionally_applied_agreement_answers() -> None:
    answer = ask(STANDING, grant("visa_free", "signed 2026-01-27", "provisionally_applied 2026-03-01"))
    assert (requirement(answer), answer.pending) == ("visa_free", ())


ENDED = [
    ("in_force 2020-01-01", "terminated 2025-01-01"),
    ("in_force 2020-01-01", "suspended 2025-01-01"),
    ("signed 2020", "withdrawn 2025"),
]


@pytest.mark.parametrize("steps", ENDED)
def test_what_has_ended_is_listed_as_ended_and_answers_nothing(steps: tuple[str, ...]) -> None:
    answer = ask(STANDING, grant("visa_free", *steps, id_="ended"))
    assert (requirement(answer), ids(answer.ended), ids(answer.pending)) == ("visa_required", ["ended"], [])


def test_the_latest_announcement_comes_first() -> None:
    announced = [grant("visa_free", f"signed 20{year}-05-01", id_=f"of-{year}") for year in (24, 26, 25)]
    assert ids(ask(*announced).pending) == ["of-26", "of-25", "of-24"]


def test_a_regime_is_announced_once_by_the_best_it_would_give() -> None:
    agreement = grant("e_visa", "signed 2026-01-27")
    better = grant("visa_free", "signed 2026-01-27", id_=agreement.id)
    both = Grant(agreement.regime, (*agreement.rules, *better.rules))
    assert [each.rule.terms.requirement for each in ask(both).pending] == ["visa_free"]


def test_an_answer_says_by_which_source_and_since_when() -> None:
    best = ask(grant("visa_free", "signed 2024-05", "in_force 2024-08-28")).verdict.best
    assert best is not None
    assert best.regime.sources[best.rule.terms.source_key] == source("gazette")
    assert (best.event.status, str(best.in_force_from)) == ("in_force", "2024-08-28")


@pytest.mark.parametrize(("attested", "sources"), [(False, ["gazette", "treaty-office"]), (True, ["gazette"])])
def test_an_answer_rests_on_its_rule_and_on_the_step_unless_that_is_merely_attested(
    attested: bool, sources: list[str]
) -> None:
    began = replace(step("in_force", "2024-08-28", attested=attested), source_key="treaty-office")
    waiver = grant("visa_free", began)
    both = {key: source(key) for key in ("gazette", "treaty-office")}
    answer = ask(replace(waiver, regime=replace(waiver.regime, sources=both)))
    assert [each.key for each in answer.sources] == sources


def test_an_answer_names_the_edition_it_was_given_from() -> None:
    assert ask().edition.revision == 417

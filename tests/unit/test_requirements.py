"""What is asked at the border: the order of requirements, stays, conditions, and the terms made of them."""

from __future__ import annotations

import math

import pytest

from tests.builders import condition, days, terms
from visalookup.domain.conditions import ConditionKind
from visalookup.domain.errors import InvalidValue
from visalookup.domain.requirements import AnswerKind, Purpose, Requirement, Stay, StayTotal, answer_kind

BEST_TO_WORST = [
    "freedom_of_movement",
    "visa_free",
    "eta",
    "visa_on_arrival",
    "e_visa",
    "visa_required",
    "document_not_accepted",
    "no_admission",
]


def test_requirements_stand_from_the_most_to_the_least_favourable() -> None:
    assert sorted(Requirement, key=lambda each: each.rank) == BEST_TO_WORST


@pytest.mark.parametrize(
    ("requirement", "answer"),
    [
        ("freedom_of_movement", "no"),
        ("visa_free", "no"),
        ("eta", "no"),
        ("visa_on_arrival", "yes"),
        ("e_visa", "yes"),
        ("visa_required", "yes"),
        ("document_not_accepted", "document_not_accepted"),
        ("no_admission", "not_admitted"),
    ],
)
def test_an_authorisation_is_no_visa_and_a_visa_online_or_on_arrival_is_one(requirement: str, answer: str) -> None:
    assert answer_kind(Requirement(requirement)) is AnswerKind(answer)


@pytest.mark.parametrize(
    ("stay", "longest"),
    [
        (Stay(days=30), 30),
        (Stay(days=90, within_days=180), 90),
        (Stay(months=6), 180),
        (Stay(unlimited=True), math.inf),
        (Stay(days=30, total=StayTotal(90, within_days=180)), 30),
        (Stay(days=30, total=StayTotal(20, calendar_year=True)), 20),
        (Stay(months=6, total=StayTotal(90, within_days=180)), 90),
    ],
)
def test_the_longest_visit_is_read_with_caution(stay: Stay, longest: float) -> None:
    assert stay.longest_visit == longest


def test_a_stay_covers_a_visit_up_to_its_last_day() -> None:
    assert days(30).covers(30)
    assert not days(30).covers(31)
    assert Stay(unlimited=True).covers(3650)


@pytest.mark.parametrize("measures", [{}, {"days": 30, "months": 1}, {"days": 30, "unlimited": True}])
def test_a_stay_has_one_measure(measures: dict[str, int]) -> None:
    with pytest.raises(InvalidValue, match="in days, in months or as unlimited: one of them"):
        Stay(**measures)  # type: ignore[arg-type]


def test_a_rolling_period_needs_days_that_fit_into_it() -> None:
    assert days(180, within_days=180).longest_visit == 180
    with pytest.raises(InvalidValue, match="cannot be shorter"):
        days(90, within_days=60)
    with pytest.raises(InvalidValue, match="within_days needs days"):
        Stay(months=3, within_days=180)


def test_a_total_counts_over_one_period() -> None:
    with pytest.raises(InvalidValue, match="either within_days or calendar_year"):
        StayTotal(90)
    with pytest.raises(InvalidValue, match="either within_days or calendar_year"):
        StayTotal(90, within_days=180, calendar_year=True)


MET_BY_EVERYBODY = [
    *("biometric_passport", "registration", "arrival_by_air", "entry_points", "insurance", "funds"),
    *("document_issued_from", "other", "arrival_by", "not_also_national_of", "not_travelled_to", "purpose"),
    *("onward_ticket", "passport_validity", "passport_age", "blank_pages", "passport_kind", "citizenship"),
    *("accommodation", "approval", "fee", "health", "conduct", "passport_stamps", "longer_stay", "exemption"),
    "destination_host",
]
MET_BY_SOME = [
    *("holds_visa", "holds_residence", "organised_group", "zone_only", "age", "booked_before", "origin"),
    *("family_member", "invitation", "status_held", "transit_to"),
]


def test_every_kind_of_condition_either_narrows_or_does_not() -> None:
    assert sorted([*MET_BY_EVERYBODY, *MET_BY_SOME]) == sorted(ConditionKind)


@pytest.mark.parametrize("kind", MET_BY_EVERYBODY)
def test_a_condition_everybody_can_meet_narrows_nothing(kind: str) -> None:
    assert not terms(conditions=(condition(kind),)).narrows


@pytest.mark.parametrize("kind", MET_BY_SOME)
def test_a_condition_only_some_meet_narrows_the_terms(kind: str) -> None:
    assert terms(conditions=(condition("funds"), condition(kind))).narrows


def test_terms_for_transit_or_business_alone_are_narrow() -> None:
    assert terms(purposes=frozenset({Purpose.TRANSIT})).narrows
    assert terms(purposes=frozenset({Purpose.BUSINESS})).narrows
    assert not terms(purposes=frozenset({Purpose.VISIT, Purpose.TRANSIT})).narrows


def test_no_admission_restricts_and_so_does_what_is_marked_as_overriding() -> None:
    assert terms("no_admission").restricts
    assert terms("document_not_accepted").restricts
    assert terms("e_visa", overriding=True).restricts
    assert not terms("visa_required").restricts


def test_a_stay_the_source_does_not_state_refuses_no_visit() -> None:
    assert terms(stay=None).covers(365)
    assert terms(stay=days(30)).covers(None)
    assert not terms(stay=days(30)).covers(31)


def test_terms_are_preferred_by_requirement_and_then_by_the_longer_stay() -> None:
    offered = [
        terms("e_visa", stay=Stay(unlimited=True)),
        terms("visa_free"),
        terms("visa_free", stay=days(30)),
        terms("visa_free", stay=days(90, within_days=180)),
        terms("freedom_of_movement"),
    ]
    assert sorted(offered, key=lambda each: each.preference) == offered[::-1]

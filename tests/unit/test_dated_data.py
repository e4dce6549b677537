"""What the data we ship answers about days gone by: the rule of that day, or that we do not know."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit import real_data
from visalookup.domain.documents import DocumentType
from visalookup.domain.lookup import Answer, Question, look_up
from visalookup.domain.trips.route import Route


def ask(passport: str, destination: str, on: str, document: str = "ordinary") -> Answer:
    rulebook = real_data.rulebook()
    places = rulebook.places.by_code
    day = date.fromisoformat(on)
    return look_up(rulebook, Question(places[passport], places[destination], day, DocumentType(document)))


def regime(answer: Answer) -> str | None:
    return answer.verdict.best.regime.id if answer.verdict.best else None


def stay(answer: Answer) -> int | None:
    best = answer.verdict.best
    return best.rule.terms.stay.days if best and best.rule.terms.stay else None


@pytest.mark.parametrize(
    ("destination", "before", "after"),
    [("HRV", "2022-12-31", "2023-01-01"), ("BGR", "2024-03-30", "2024-03-31"), ("ROU", "2024-03-30", "2024-03-31")],
)
@pytest.mark.parametrize("passport", ["USA", "IND"])
def test_the_rules_of_schengen_hold_at_a_state_from_the_day_it_joined(
    passport: str, destination: str, before: str, after: str
) -> None:
    assert regime(ask(passport, destination, before)) == "eu-visa-lists-before-schengen"
    assert regime(ask(passport, destination, after)) == "schengen-visa-policy"


def test_what_americans_met_in_croatia_in_2022_is_no_official_answer_for_it_was_read_in_a_text_of_2023() -> None:
    answer = ask("USA", "HRV", "2022-06-01")
    assert answer.verdict.requirement == "visa_free"
    assert answer.verification is not None
    assert (answer.verification.level, answer.covers_day) == ("unverified", False)


def test_indians_needed_a_visa_of_bulgaria_in_2023_or_one_of_schengen_that_was_used() -> None:
    answer = ask("IND", "BGR", "2023-06-01")
    assert answer.verdict.requirement == "visa_required"
    assert [(also.rule.terms.requirement, also.regime.id) for also in answer.verdict.also_applies] == [
        ("visa_free", "eu-visa-lists-before-schengen")
    ]


def test_nothing_is_known_of_a_state_before_it_joined_where_no_policy_of_its_own_is_held() -> None:
    assert ask("NGA", "HRV", "2010-06-01").verdict.best is None


def test_russian_diplomats_entered_france_without_a_visa_until_the_agreement_was_suspended_in_part() -> None:
    assert ask("RUS", "FRA", "2022-02-20", "diplomatic").verdict.requirement == "visa_free"
    after = ask("RUS", "FRA", "2022-03-01", "diplomatic")
    assert after.verdict.requirement == "visa_required"
    assert [noted.ended_on for noted in after.ended] == [date(2022, 2, 24)]


@pytest.mark.parametrize(
    ("on", "requirement", "also"),
    [
        ("2022-05-03", "visa_free", []),
        ("2022-06-01", "visa_required", ["visa_free"]),
        ("2023-02-04", "visa_required", []),
    ],
)
def test_vanuatu_kept_the_waiver_for_older_passports_when_it_was_suspended_in_part(
    on: str, requirement: str, also: list[str]
) -> None:
    answer = ask("VUT", "FRA", on)
    assert answer.verdict.requirement == requirement
    assert [active.rule.terms.requirement for active in answer.verdict.also_applies] == also


@pytest.mark.parametrize(
    ("passport", "destination", "on", "expected"),
    [
        ("MYS", "CHN", "2024-11-29", 15),
        ("MYS", "CHN", "2024-12-01", 30),
        ("DEU", "CHN", "2024-11-29", 15),
        ("DEU", "CHN", "2024-11-30", 30),
        ("KOR", "CHN", "2024-11-29", 15),
        ("IND", "THA", "2023-11-10", 30),
        ("TWN", "THA", "2023-11-10", 30),
        ("IND", "THA", "2024-05-11", 30),
        ("TWN", "THA", "2024-05-11", 30),
        ("IND", "THA", "2024-07-15", 60),
    ],
)
def test_a_stay_that_a_later_decision_changed(passport: str, destination: str, on: str, expected: int) -> None:
    answer = ask(passport, destination, on)
    assert (answer.verdict.requirement, stay(answer)) == ("visa_free", expected)


def test_before_its_exemption_began_india_was_not_exempt_in_thailand() -> None:
    assert ask("IND", "THA", "2023-11-09").verdict.requirement != "visa_free"


def test_what_is_answered_of_today_is_not_touched_by_the_dates_of_members() -> None:
    answer = ask("USA", "HRV", "2026-12-01")
    assert regime(answer) == "schengen-visa-policy"
    assert answer.covers_day


def test_days_in_croatia_before_it_joined_are_counted_apart_from_those_in_schengen() -> None:
    places = real_data.rulebook().places
    areas = [
        Route(places, ()).area_of(places.by_code["HRV"], date.fromisoformat(on)) for on in ("2022-12-31", "2023-01-01")
    ]
    assert areas == ["HRV", "SCHENGEN"]

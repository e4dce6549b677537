"""Which rule answers on which day: the traveller's date decides, by the clocks of the destination."""

from __future__ import annotations

from datetime import date

import pytest

from tests.builders import ask, days, grant, ids, step
from visalookup.domain.lifecycle import Transition
from visalookup.domain.lookup import Answer, Basis, VerdictAt
from visalookup.domain.moments import format_instant
from visalookup.domain.requirements import Requirement

STANDING = grant("visa_required", id_="standing")
COMING = grant("visa_free", "signed 2026-01-27", "in_force 2027-03-01", id_="coming")


def requirement(answer: Answer) -> Requirement | None:
    return answer.verdict.requirement


def told(*changes: VerdictAt | None) -> list[tuple[str, str]]:
    return [(format_instant(each.moment), str(each.verdict.requirement)) for each in changes if each]


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2024-05-31", "visa_required"), ("2024-08-27", "visa_required"), ("2024-08-28", "visa_free")],
)
def test_the_waiver_of_morocco_and_azerbaijan_began_112_days_after_it_was_signed(on: str, expected: str) -> None:
    waiver = grant("visa_free", "signed 2024-05", "in_force 2024-08-28", passport="MAR", destination="AZE")
    standing = grant("visa_required", passport="MAR", destination="AZE")
    assert requirement(ask(standing, waiver, passport="MAR", destination="AZE", on=on)) == expected


def test_signed_today_and_in_force_from_march_the_date_of_travel_decides() -> None:
    assert requirement(ask(STANDING, COMING, on="2027-02-28")) == "visa_required"
    assert requirement(ask(STANDING, COMING, on="2027-03-01")) == "visa_free"


def test_denounced_today_and_ending_in_ninety_days_the_date_of_travel_decides() -> None:
    leaving = grant("visa_free", "in_force 2020-01-01", "terminated 2027-02-21")
    assert requirement(ask(STANDING, leaving, on="2027-02-20")) == "visa_free"
    assert requirement(ask(STANDING, leaving, on="2027-02-21")) == "visa_required"


def test_a_suspended_waiver_answers_again_once_it_is_resumed() -> None:
    waiver = grant("visa_free", "in_force 2020-01-01", "suspended 2025-02-01", "in_force 2025-03-01")
    answers = [requirement(ask(STANDING, waiver, on=on)) for on in ("2025-01-31", "2025-02-01", "2025-03-01")]
    assert answers == ["visa_free", "visa_required", "visa_free"]


UNTIL_THREE = grant("visa_free", "in_force 2020-01-01", "terminated 2026-09-10T15:00:00+03:00", id_="until-three")
FROM_THREE = grant("visa_free", "signed 2026-01-27", "in_force 2026-09-10T15:00:00+03:00", id_="from-three")


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2026-09-10T11:59:59.999999+00:00", "visa_free"), ("2026-09-10T12:00:00+00:00", "visa_required")],
)
def test_an_instant_before_and_the_instant_of_a_step_differ(on: str, expected: str) -> None:
    assert requirement(ask(STANDING, UNTIL_THREE, on=on)) == expected


def test_a_day_on_which_a_waiver_ends_gives_the_strictest_and_lists_both() -> None:
    answer = ask(STANDING, UNTIL_THREE, on="2026-09-10")
    assert requirement(answer) == "visa_required"
    assert told(*answer.during_day) == [
        ("2026-09-09T21:00:00Z", "visa_free"),
        ("2026-09-10T12:00:00Z", "visa_required"),
    ]


def test_a_day_on_which_a_waiver_begins_gives_the_strictest_and_lists_both() -> None:
    answer = ask(STANDING, FROM_THREE, on="2026-09-10")
    assert requirement(answer) == "visa_required"
    assert [requirement_ for _, requirement_ in told(*answer.during_day)] == ["visa_required", "visa_free"]
    assert ids(answer.pending) == ["from-three"]


def test_a_day_that_begins_without_a_rule_is_unknown_though_one_comes_in_the_afternoon() -> None:
    answer = ask(FROM_THREE, on="2026-09-10")
    assert answer.verdict.basis is Basis.NOTHING_KNOWN
    assert [requirement_ for _, requirement_ in told(*answer.during_day)] == ["None", "visa_free"]


def test_a_day_with_no_admission_for_an_hour_is_a_day_of_no_admission() -> None:
    closed = grant("no_admission", "in_force 2026-09-10T08:00:00+03:00", "terminated 2026-09-10T09:00:00+03:00")
    answer = ask(STANDING, closed, on="2026-09-10")
    assert requirement(answer) == "no_admission"
    assert len(answer.during_day) == 3


def test_a_step_that_changes_no_answer_leaves_the_day_whole() -> None:
    relisted = grant("visa_required", "in_force 2026-09-10T15:00:00+03:00", id_="relisted")
    assert ask(STANDING, relisted, on="2026-09-10").during_day == ()


def test_a_shorter_stay_from_the_afternoon_on_is_a_change_of_that_day() -> None:
    quarter = grant("visa_free", "in_force 2020-01-01", "terminated 2026-09-10T15:00:00+03:00", stay=days(90))
    month = grant("visa_free", id_="month", stay=days(30))
    answer = ask(quarter, month, on="2026-09-10")
    assert answer.verdict.best is not None
    assert answer.verdict.best.regime.id == "month"
    assert len(answer.during_day) == 2


@pytest.mark.parametrize(("destination", "day"), [("ISR", "2026-09-10"), ("USA", "2026-09-09"), ("JPN", "2026-09-10")])
def test_a_step_at_an_instant_falls_on_the_day_the_destination_has_then(destination: str, day: str) -> None:
    night = "terminated 2026-09-09T23:30:00+00:00"
    ending = grant("visa_free", "in_force 2020-01-01", night, destination=destination)
    assert len(ask(ending, destination=destination, on=day).during_day) == 2


@pytest.mark.parametrize(
    ("instant", "in_japan", "in_kazakhstan"),
    [
        ("2026-02-28T14:59:59+00:00", "unknown", "unknown"),
        ("2026-02-28T15:00:00+00:00", "no", "unknown"),
        ("2026-02-28T18:59:59+00:00", "no", "unknown"),
        ("2026-02-28T19:00:00+00:00", "no", "no"),
    ],
)
def test_a_mutual_agreement_begins_at_midnight_on_each_side(instant: str, in_japan: str, in_kazakhstan: str) -> None:
    waiver = grant("visa_free", "in_force 2026-03-01", passport="KAZ", destination="JPN").also("JPN", "KAZ")
    assert ask(waiver, passport="KAZ", destination="JPN", on=instant).verdict.answer == in_japan
    assert ask(waiver, passport="JPN", destination="KAZ", on=instant).verdict.answer == in_kazakhstan


def test_the_next_change_already_known_is_told() -> None:
    answer = ask(STANDING, COMING)
    assert told(answer.next_change) == [("2027-02-28T22:00:00Z", "visa_free")]


def test_the_next_change_is_found_behind_steps_that_change_nothing() -> None:
    memorandum = grant("eta", "memorandum_of_intent 2026-12-01", "signed 2027-01-01", "in_force 2027-06-01")
    assert told(ask(STANDING, memorandum).next_change) == [("2027-05-31T21:00:00Z", "eta")]


def test_the_next_change_comes_after_the_last_of_the_day_asked_about() -> None:
    back = grant("visa_free", "signed 2026", "in_force 2026-09-10T15:00:00+03:00", "terminated 2026-12-01")
    assert told(ask(STANDING, back, on="2026-09-10").next_change) == [("2026-11-30T22:00:00Z", "visa_required")]


def test_the_next_change_may_be_an_instant_away() -> None:
    answer = ask(STANDING, UNTIL_THREE, on="2026-09-10T11:59:59.999999+00:00")
    assert told(answer.next_change) == [("2026-09-10T12:00:00Z", "visa_required")]


def test_where_nothing_is_known_to_change_there_is_no_next_change() -> None:
    assert ask(STANDING, grant("visa_free", "signed 2026-01-27")).next_change is None
    assert ask(STANDING, COMING, on="2027-03-01").next_change is None


WITHDRAWN_WITH_GRACE = grant(
    "visa_free",
    "in_force 2020-01-01",
    step(
        "terminated",
        "2026-09-10T15:00:00+03:00",
        transition=Transition(date(2026, 10, 8), "Tickets bought before 10 September are honoured."),
    ),
)


@pytest.mark.parametrize(
    ("on", "runs"),
    [
        ("2026-09-10", True),
        ("2026-10-08", True),
        ("2026-10-08T20:59:59+00:00", True),
        ("2026-10-08T21:00:00+00:00", False),
        ("2026-10-09", False),
    ],
)
def test_a_transition_runs_to_the_end_of_its_last_day(on: str, runs: bool) -> None:
    ended = ask(STANDING, WITHDRAWN_WITH_GRACE, on=on).ended
    assert [each.transition_runs for each in ended] == [runs]


def test_a_step_that_carries_no_transition_leaves_none_running() -> None:
    assert [each.transition_runs for each in ask(UNTIL_THREE, on="2026-09-11").ended] == [False]


def test_what_is_decided_and_lies_wholly_ahead_is_pending() -> None:
    decided = grant("visa_free", "in_force 2027-03-01", id_="decided")
    [noted] = ask(STANDING, decided).pending
    assert noted.event is None
    assert noted.upcoming == decided.regime.timeline.events[0]


def test_what_is_attested_from_a_later_day_is_not_pending() -> None:
    """Attested from 2025 means that it was so already: asked about 2024, we do not know."""
    policy = grant("visa_required", step("in_force", "2025-01-01", attested=True))
    answer = ask(policy, on="2024-06-01")
    assert (answer.verdict.answer, answer.pending, answer.ended) == ("unknown", (), ())


def test_a_pending_regime_tells_its_next_step() -> None:
    [noted] = ask(STANDING, COMING).pending
    assert noted.event is not None
    assert noted.upcoming is not None
    assert (noted.event.status, noted.upcoming.status) == ("signed", "in_force")


def test_before_it_began_and_after_it_ended_a_regime_is_told_apart() -> None:
    brief = grant("visa_free", "signed 2024-05", "in_force 2024-08-28", "terminated 2025-08-28", id_="brief")
    before, after = ask(brief, on="2024-06-01"), ask(brief, on="2025-08-28")
    assert (ids(before.pending), ids(before.ended)) == (["brief"], [])
    assert (ids(after.pending), ids(after.ended)) == ([], ["brief"])


def test_since_when_a_rule_holds_counts_from_its_last_break() -> None:
    waiver = grant("visa_free", "in_force 2020-01-01", "suspended 2025-02-01", "in_force 2025-03-01")
    best = ask(waiver).verdict.best
    assert best is not None
    assert str(best.in_force_from) == "2025-03-01"

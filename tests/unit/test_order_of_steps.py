"""A step that is added comes after the last one, unless it was missed."""

from __future__ import annotations

import pytest

from tests.builders import regime, step
from visalookup.domain.changes.amendments import with_entry
from visalookup.domain.errors import StepRefused

IN_FORCE = "in_force 2026-03-10"


@pytest.mark.parametrize("on", ["2026-03-09", "2026-03-08", "2025-03-10", "2026-03-09T23:59:59Z"])
def test_a_step_before_the_last_one_is_refused(on: str) -> None:
    with pytest.raises(StepRefused, match=r"comes before the last step, in force on 2026-03-10\. Give a later date"):
        with_entry(regime("pact", IN_FORCE), step("suspended", on))


@pytest.mark.parametrize("on", ["2026-03-10", "2026-03-10T00:00:00Z", "2026-03-11", "2026-03-10T15:00:00+01:00"])
def test_a_step_on_the_same_day_or_later_is_taken(on: str) -> None:
    assert str(with_entry(regime("pact", IN_FORCE), step("suspended", on)).timeline.events[-1].status) == "suspended"


def test_after_an_instant_the_same_instant_is_taken_and_the_day_before_is_refused() -> None:
    pact = regime("pact", "in_force 2026-03-10T00:00:00Z")
    assert len(with_entry(pact, step("suspended", "2026-03-10T00:00:00Z")).timeline.events) == 2
    with pytest.raises(StepRefused, match="comes before the last step"):
        with_entry(pact, step("suspended", "2026-03-09"))


@pytest.mark.parametrize(("last", "vague"), [("2026-01-27", "2026-01"), ("2026-01-27", "2026")])
def test_a_step_of_which_only_the_month_or_year_is_known_may_be_later_within_it(last: str, vague: str) -> None:
    intent = regime("pact", f"memorandum_of_intent {last}")
    assert len(with_entry(intent, step("signed", vague)).timeline.events) == 2


def test_a_step_of_which_only_the_month_before_is_known_is_refused() -> None:
    with pytest.raises(StepRefused, match="signed on 2025-12 comes before"):
        with_entry(regime("pact", "memorandum_of_intent 2026-01-01"), step("signed", "2025-12"))


def test_a_step_that_was_missed_is_put_in_its_place() -> None:
    pact = regime("pact", "signed 2026-01-01", IN_FORCE)
    steps = with_entry(pact, step("provisionally_applied", "2026-03-09"), missed=True).timeline.events
    assert [str(event.status) for event in steps] == ["signed", "provisionally_applied", "in_force"]

"""The lifecycle of a regime: which steps it may take, and where it stands at a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations, product

import pytest

from tests.builders import ISRAEL, JAPAN, milestone, regime, step
from tests.unit.strategies import ALLOWED
from visalookup.domain.errors import InvalidValue, StepRefused
from visalookup.domain.lifecycle import Status, StatusEvent, Timeline, build_timeline
from visalookup.domain.moments import EffectiveDate, parse_instant

WAYS: dict[str | None, tuple[str, ...]] = {
    None: (),
    "memorandum_of_intent": ("memorandum_of_intent",),
    "signed": ("signed",),
    "provisionally_applied": ("signed", "provisionally_applied"),
    "in_force": ("in_force",),
    "suspended": ("in_force", "suspended"),
    "terminated": ("in_force", "terminated"),
    "withdrawn": ("signed", "withdrawn"),
}
"""The shortest way to each status."""

EVERY_STEP = list(product(ALLOWED, Status))


def walk(*statuses: str) -> Timeline:
    return build_timeline(step(status, f"2024-0{month}-01") for month, status in enumerate(statuses, start=1))


def at(text: str) -> datetime:
    return parse_instant(text)


@pytest.mark.parametrize(("before", "after"), [each for each in EVERY_STEP if each[1] in ALLOWED[each[0]]])
def test_an_allowed_step_is_taken(before: str | None, after: Status) -> None:
    assert walk(*WAYS[before], after).events[-1].status is after


@pytest.mark.parametrize(("before", "after"), [each for each in EVERY_STEP if each[1] not in ALLOWED[each[0]]])
def test_any_other_step_is_refused_and_the_refusal_names_the_allowed_ones(before: str | None, after: Status) -> None:
    with pytest.raises(StepRefused) as refused:
        walk(*WAYS[before], after)
    message = str(refused.value)
    assert message.startswith(f"{after} on 2024-0{len(WAYS[before]) + 1}-01 is refused: ")
    assert all(status in message for status in ALLOWED[before])


@pytest.mark.parametrize("end", ["terminated", "withdrawn"])
def test_what_has_ended_takes_no_further_step(end: str) -> None:
    with pytest.raises(StepRefused, match=f"a regime in status {end} has ended and takes no further step"):
        walk(*WAYS[end], "in_force")


def test_a_new_regime_cannot_begin_with_its_end() -> None:
    with pytest.raises(StepRefused, match="a new regime may only become memorandum_of_intent, signed, in_force"):
        walk("terminated")


def test_a_memorandum_of_intent_never_comes_into_force_by_itself() -> None:
    with pytest.raises(StepRefused, match="in status memorandum_of_intent may only become signed, withdrawn"):
        walk("memorandum_of_intent", "in_force")


@pytest.mark.parametrize("status", Status)
def test_only_in_force_and_provisionally_applied_have_effect(status: Status) -> None:
    assert status.has_effect is (status in {"in_force", "provisionally_applied"})


@pytest.mark.parametrize("status", Status)
def test_only_what_is_announced_and_not_yet_law_is_pending(status: Status) -> None:
    assert status.is_pending is (status in {"memorandum_of_intent", "signed"})


def test_steps_recorded_in_any_order_stand_in_order_of_time() -> None:
    timeline = build_timeline(
        [step("in_force", "2024-08-28"), step("memorandum_of_intent", "2023"), step("signed", "2024-05")]
    )
    assert [event.status for event in timeline.events] == ["memorandum_of_intent", "signed", "in_force"]


def test_a_step_found_later_must_fit_between_those_known() -> None:
    known = [step("signed", "2024-05-01"), step("in_force", "2024-08-28")]
    with pytest.raises(StepRefused, match="a regime in status withdrawn has ended"):
        build_timeline([*known, step("withdrawn", "2024-06-01")])


@pytest.mark.parametrize(
    "statuses",
    [
        ("memorandum_of_intent", "signed", "in_force"),
        ("signed", "provisionally_applied", "in_force"),
        ("signed", "in_force", "suspended"),
    ],
)
def test_steps_of_one_day_go_along_the_spine(statuses: tuple[str, ...]) -> None:
    timeline = build_timeline(step(status, "2024-05-01") for status in reversed(statuses))
    assert tuple(event.status for event in timeline.events) == statuses


@pytest.mark.parametrize("signed", ["2024-05", "2024"])
def test_a_signing_known_only_vaguely_follows_the_memorandum_of_that_time(signed: str) -> None:
    """ "Signed in May 2024" does not say that it was signed on the first of May, before the memorandum."""
    timeline = build_timeline([step("memorandum_of_intent", "2024-05-14"), step("signed", signed)])
    assert [event.status for event in timeline.events] == ["memorandum_of_intent", "signed"]


@pytest.mark.parametrize(("signed", "memorandum"), [("2024-02", "2024-03-02"), ("2023", "2024-01-01")])
def test_a_vague_signing_ends_with_its_month_or_year(signed: str, memorandum: str) -> None:
    with pytest.raises(StepRefused):
        build_timeline([step("memorandum_of_intent", memorandum), step("signed", signed)])


def test_a_vague_signing_does_not_hide_that_the_memorandum_came_too_late() -> None:
    """ "Signed in 2024" leaves the day open; in force in March and a memorandum in December cannot be."""
    late = [step("memorandum_of_intent", "2024-12-01"), step("signed", "2024"), step("in_force", "2024-03-01")]
    for recorded in permutations(late):
        with pytest.raises(StepRefused):
            build_timeline(recorded)


@pytest.mark.parametrize(
    ("morning", "afternoon"),
    [
        ("suspended", "in_force"),
        ("in_force", "suspended"),
        ("in_force", "terminated"),
        ("suspended", "terminated"),
    ],
)
def test_a_day_begins_at_midnight_so_an_instant_of_that_day_follows_it(morning: str, afternoon: str) -> None:
    known = step("signed" if morning == "in_force" else "in_force", "2024-01-01")
    timeline = build_timeline([known, step(afternoon, "2024-05-01T15:00:00Z"), step(morning, "2024-05-01")])
    assert [event.status for event in timeline.events][1:] == [morning, afternoon]


@pytest.mark.parametrize("on", ["2024-05", "2024"])
@pytest.mark.parametrize("status", ["memorandum_of_intent", "signed", "withdrawn"])
def test_a_vague_date_will_do_where_no_answer_depends_on_the_day(status: str, on: str) -> None:
    assert not step(status, on).effective.is_exact


@pytest.mark.parametrize("on", ["2024-05", "2024"])
@pytest.mark.parametrize("status", ["provisionally_applied", "in_force", "suspended", "terminated"])
def test_a_vague_date_is_refused_where_an_answer_depends_on_the_day(status: str, on: str) -> None:
    with pytest.raises(InvalidValue, match=f"{status} changes an answer, so it needs a day .*, not {on}"):
        step(status, on)


def test_a_regime_may_be_attested_from_a_day_though_its_beginning_is_not_known() -> None:
    event = step("in_force", "2024-05-01", attested=True)
    assert event.effective.attested
    assert str(event.effective) == "2024-05-01"


def test_a_milestone_is_shown_in_order_of_time_and_is_no_step() -> None:
    ratified = [milestone("ratified", "2024-07"), milestone("notified", "2024-06-20")]
    timeline = build_timeline([step("signed", "2024-05")], ratified)
    assert [each.name for each in timeline.milestones] == ["notified", "ratified"]
    assert status_at(timeline, "2024-08-01T00:00:00Z") == "signed"


def status_at(timeline: Timeline, moment: str) -> Status | None:
    event = timeline.event_at(at(moment), ISRAEL.zone)
    return event.status if event else None


WAIVER = regime(
    "waiver",
    "signed 2024-05",
    "provisionally_applied 2024-06-01",
    "in_force 2024-08-28",
    "suspended 2025-02-01",
    "in_force 2025-03-01",
    "terminated 2026-09-10T15:00:00+01:00",
).timeline


@pytest.mark.parametrize(
    ("moment", "status", "since"),
    [
        ("2024-04-30T00:00:00Z", None, None),
        ("2024-05-31T20:59:59Z", "signed", None),
        ("2024-05-31T21:00:00Z", "provisionally_applied", "2024-06-01"),
        ("2024-12-01T00:00:00Z", "in_force", "2024-06-01"),
        ("2025-02-15T00:00:00Z", "suspended", None),
        ("2025-03-15T00:00:00Z", "in_force", "2025-03-01"),
        ("2026-09-10T13:59:59Z", "in_force", "2025-03-01"),
        ("2026-09-10T14:00:00Z", "terminated", None),
    ],
)
def test_a_regime_stands_at_its_last_step_and_is_in_force_since_its_last_break(
    moment: str, status: str | None, since: str | None
) -> None:
    assert status_at(WAIVER, moment) == status
    assert WAIVER.in_force_since(at(moment), ISRAEL.zone) == (EffectiveDate.parse(since) if since else None)


def test_the_same_day_begins_earlier_in_the_east() -> None:
    agreement = regime("mutual", "in_force 2024-08-28").timeline
    evening = datetime(2024, 8, 27, 18, tzinfo=UTC)
    assert agreement.event_at(evening, JAPAN.zone) is not None
    assert agreement.event_at(evening, ISRAEL.zone) is None


def test_what_lies_ahead_is_known_in_order_and_without_what_happens_now() -> None:
    ahead = WAIVER.upcoming(at("2025-01-31T22:00:00Z"), ISRAEL.zone)
    assert [event.status for event in ahead] == ["in_force", "terminated"]


def test_a_regime_without_steps_stands_nowhere() -> None:
    nothing: list[StatusEvent] = []
    assert status_at(build_timeline(nothing), "2026-01-01T00:00:00Z") is None

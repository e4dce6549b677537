"""Two clocks: when a rule holds in law (`on`), and when we knew it (`as_of`)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import DataFiles, ask, instant, load, new_event, record
from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import format_instant
from visalookup.domain.requirements import AnswerKind, Requirement
from visalookup.services.lookup.questions import BadQuestion
from visalookup.services.lookup.rulebook_store import NothingLoaded, RulebookStore

AGREEMENT = "regimes/mar-aze-2024.yaml"
FIRST_LOAD = instant("2026-06-01T09:00:00Z")
CORRECTION = instant("2026-06-10T12:00:00Z")
TODAY = instant("2026-06-20T08:00:00Z")


@pytest.fixture
def corrected(session: Session, files: DataFiles, clock: FixedClock) -> Session:
    """A ledger that first took the agreement to hold from the day of signing, and then knew better."""
    files.edit(AGREEMENT, "on: 2024-05,", "on: 2024-05-20,")
    files.edit(AGREEMENT, "on: 2024-08-28,", "on: 2024-05-20,")
    load(session, files, clock.move(FIRST_LOAD))
    files.edit(AGREEMENT, "status: in_force, on: 2024-05-20,", "status: in_force, on: 2024-08-28,")
    load(session, files, clock.move(CORRECTION), reason="In force only from 28 August 2024")
    return session


def known(session: Session, on: str, as_of: str | None = None) -> tuple[AnswerKind, int]:
    """The answer for Morocco to Azerbaijan, and the revision it rests on."""
    best = ask(session, "MAR AZE", TODAY, on=on, as_of=as_of).best
    return best.verdict.answer, best.edition.revision


def test_a_moment_before_the_correction_the_old_answer_is_still_given(corrected: Session) -> None:
    a_moment_before = format_instant(CORRECTION - timedelta(microseconds=1))
    assert known(corrected, "2024-06-15", a_moment_before) == (AnswerKind.NO, 1)


def test_from_the_correction_on_the_new_answer_is_given(corrected: Session) -> None:
    assert known(corrected, "2024-06-15", format_instant(CORRECTION)) == (AnswerKind.UNKNOWN, 2)
    assert known(corrected, "2024-06-15") == (AnswerKind.UNKNOWN, 2)


def test_what_the_correction_did_not_touch_is_answered_alike_before_and_after(corrected: Session) -> None:
    assert known(corrected, "2024-09-01", "2026-06-05T00:00:00Z") == (AnswerKind.NO, 1)
    assert known(corrected, "2024-09-01") == (AnswerKind.NO, 2)


def test_before_the_first_load_nothing_was_known(corrected: Session) -> None:
    a_moment_before = format_instant(FIRST_LOAD - timedelta(microseconds=1))
    for question in ("MAR AZE", "KAZ ISR", "JOR GBR"):
        best = ask(corrected, question, TODAY, on="2025-01-01", as_of=a_moment_before).best
        assert best.verdict.answer is AnswerKind.UNKNOWN
        assert (best.pending, best.ended, best.edition.revision) == ((), (), 0)


def test_an_answer_without_as_of_can_be_had_again_by_the_moment_it_names(corrected: Session) -> None:
    now = ask(corrected, "MAR AZE", TODAY, on="2024-06-15")
    again = ask(corrected, "MAR AZE", TODAY, on="2024-06-15", as_of=format_instant(now.as_of))
    assert again.answers == now.answers


def test_one_library_answers_from_many_moments_and_stays_current(corrected: Session, clock: FixedClock) -> None:
    """More moments than it keeps at hand, asked about twice and in disorder."""
    rulebook_store = RulebookStore()
    days = [clock.move(days=1) for _ in range(6)]
    for number, day in enumerate(days):
        step = new_event(
            "mar-aze-2024", (Status.SUSPENDED, Status.IN_FORCE)[number % 2], f"2026-0{number + 1}-01", "gazette"
        )
        record(corrected, step, day)
    for _ in range(2):
        for number in (3, 0, 5, 1, 4, 2):
            reply = ask(
                corrected, "MAR AZE", TODAY, rulebook_store, on="2026-12-01", as_of=format_instant(days[number])
            )
            suspended = number % 2 == 0
            assert reply.best.edition.revision == number + 3
            assert reply.best.verdict.answer is (AnswerKind.UNKNOWN if suspended else AnswerKind.NO)
    assert ask(corrected, "MAR AZE", TODAY, rulebook_store, on="2026-12-01").best.edition.revision == 8


def test_a_place_that_was_renamed_is_known_by_its_present_name(
    corrected: Session, files: DataFiles, clock: FixedClock
) -> None:
    """Rules are as they were known then; places are called what they are called now."""
    files.edit("places.csv", "Morocco,,,", "Maroc,,Morocco,")
    load(corrected, files, clock.move(days=1))
    earlier = ask(corrected, "Maroc AZE", TODAY, on="2024-06-15", as_of=format_instant(FIRST_LOAD))
    assert earlier.best.verdict.requirement is Requirement.VISA_FREE


def test_what_will_be_known_tomorrow_nobody_knows(corrected: Session) -> None:
    with pytest.raises(BadQuestion, match="is in the future; as_of asks what was known"):
        known(corrected, "2024-06-15", format_instant(TODAY + timedelta(seconds=1)))


def test_an_empty_ledger_says_that_nothing_was_loaded(session: Session) -> None:
    with pytest.raises(NothingLoaded, match="visalookup data load"):
        ask(session, "MAR AZE", TODAY)

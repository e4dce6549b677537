"""The feed of policy changes: each step of a regime once, in the order in which it became known."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import DataFiles, load, new_event, record
from visalookup.domain.lifecycle import Status
from visalookup.services.changes.list_changes import ChangePage, PolicyChange, list_changes, newest_changes
from visalookup.services.lookup.questions import BadQuestion
from visalookup.services.lookup.rulebook_store import RulebookStore

AGREEMENT = "regimes/mar-aze-2024.yaml"
STEPS_OF_THE_SMALL_WORLD = {
    ("jor-gbr-eta", Status.IN_FORCE),
    ("kaz-isr-2026", Status.MEMORANDUM_OF_INTENT),
    ("mar-aze-2024", Status.SIGNED),
    ("mar-aze-2024", Status.IN_FORCE),
}


def page(session: Session, since: int | None = None, limit: int | None = None) -> ChangePage:
    """One page, as a client asks for it: in text."""
    cursor, size = (None if each is None else str(each) for each in (since, limit))
    return list_changes(session, RulebookStore(), cursor, size)


def step(change: PolicyChange) -> tuple[str, Status]:
    return change.regime.id, change.step.status


def follow(session: Session, limit: int) -> list[PolicyChange]:
    """Everything, page by page, as a client that sends back the cursor it was given."""
    found: list[PolicyChange] = []
    cursor, more = 0, True
    while more:
        read = page(session, cursor, limit)
        found.extend(read.changes)
        cursor, more = read.cursor, read.more
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 500])
def test_every_step_comes_once_whatever_the_size_of_the_pages(ledger: Session, limit: int) -> None:
    found = follow(ledger, limit)
    assert found == list(page(ledger).changes)
    assert {step(change) for change in found} >= STEPS_OF_THE_SMALL_WORLD
    assert [change.step.cursor for change in found] == sorted({change.step.cursor for change in found})


def test_who_comes_back_with_a_cursor_gets_what_came_since_and_nothing_twice(
    ledger: Session, clock: FixedClock
) -> None:
    first = page(ledger)
    assert not first.more
    nothing = page(ledger, first.cursor)
    assert (nothing.changes, nothing.cursor, nothing.more) == ((), first.cursor, False)

    record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), clock.move(hours=1))
    record(ledger, new_event("mar-aze-2024", Status.TERMINATED, "2027-03-01"), clock.move(hours=1))
    since = page(ledger, first.cursor)
    assert [step(change) for change in since.changes] == [
        ("kaz-isr-2026", Status.SIGNED),
        ("mar-aze-2024", Status.TERMINATED),
    ]
    assert since.changes[-1].step.recorded_at == clock()
    assert page(ledger, since.cursor).changes == ()


def test_a_start_that_is_merely_attested_is_no_change_of_policy(ledger: Session) -> None:
    assert "isr-visa-policy" not in {change.regime.id for change in follow(ledger, 10)}


def test_reading_a_source_again_is_no_change_of_policy(ledger: Session, files: DataFiles, clock: FixedClock) -> None:
    """Another source, a later verification, a note: our own data changed, the world did not."""
    cursor = page(ledger).cursor
    files.edit(AGREEMENT, "verified_on: 2026-11-20", "verified_on: 2026-11-22")
    files.edit(AGREEMENT, "accessed_on: 2026-11-20", "accessed_on: 2026-11-22")
    files.edit(AGREEMENT, "on: 2024-05, source: press", "on: 2024-05, source: gazette, note: Read again")
    report = load(ledger, files, clock(), "Read again")
    assert "timeline entry mar-aze-2024 signed-1" in {str(change.record) for change in report.written}
    assert page(ledger, cursor).changes == ()


def test_a_milestone_is_no_change_of_policy(ledger: Session, files: DataFiles, clock: FixedClock) -> None:
    cursor = page(ledger).cursor
    files.edit(AGREEMENT, "on: 2024-06-20", "on: 2024-06-21")
    assert load(ledger, files, clock()).revision == 2
    assert page(ledger, cursor).changes == ()


def test_a_corrected_date_is_told_as_a_correction(ledger: Session, files: DataFiles, clock: FixedClock) -> None:
    cursor = page(ledger).cursor
    files.edit(AGREEMENT, "on: 2024-08-28", "on: 2024-08-29")
    load(ledger, files, clock())
    (correction,) = page(ledger, cursor).changes
    assert step(correction) == ("mar-aze-2024", Status.IN_FORCE)
    assert correction.step.correction
    assert not correction.step.retracted
    assert str(correction.step.effective) == "2024-08-29"


def test_a_step_that_never_was_is_told_as_retracted(ledger: Session, files: DataFiles, clock: FixedClock) -> None:
    cursor = page(ledger).cursor
    files.edit(AGREEMENT, "- {status: in_force, on: 2024-08-28, source: gazette}\n", "")
    load(ledger, files, clock())
    (retraction,) = page(ledger, cursor).changes
    assert step(retraction) == ("mar-aze-2024", Status.IN_FORCE)
    assert retraction.step.retracted
    assert retraction.event is None


def test_a_better_attested_start_is_no_change_of_policy_either(
    ledger: Session, files: DataFiles, clock: FixedClock
) -> None:
    cursor = page(ledger).cursor
    files.edit("destinations/ISR.yaml", "on: 2023-01-01", "on: 2022-01-01")
    load(ledger, files, clock())
    assert page(ledger, cursor).changes == ()


def test_a_regime_that_never_was_is_told_as_retracted(ledger: Session, files: DataFiles, clock: FixedClock) -> None:
    """Whoever was told of its step must learn that it was none."""
    cursor = page(ledger).cursor
    files.remove("regimes/jor-gbr-eta.yaml")
    load(ledger, files, clock())
    (retraction,) = page(ledger, cursor).changes
    assert retraction.step.retracted


@pytest.mark.parametrize("cursor", ["yesterday", "-1", "1.5", "9" * 20])
def test_a_cursor_that_never_was_one_is_refused(ledger: Session, cursor: str) -> None:
    with pytest.raises(BadQuestion, match="is not a cursor"):
        list_changes(ledger, RulebookStore(), cursor, None)


@pytest.mark.parametrize("limit", ["0", "501", "many"])
def test_a_page_has_a_sensible_size(ledger: Session, limit: str) -> None:
    with pytest.raises(BadQuestion, match="is not a number from 1 to 500"):
        list_changes(ledger, RulebookStore(), None, limit)


def test_the_newest_come_first_and_a_correction_is_news(ledger: Session, clock: FixedClock) -> None:
    record(ledger, new_event("mar-aze-2024", Status.TERMINATED, "2026-12-01"), clock.move(hours=1))
    newest = newest_changes(ledger, RulebookStore(), 2)
    assert step(newest[0]) == ("mar-aze-2024", Status.TERMINATED)
    assert newest == list(reversed(page(ledger).changes))[:2]

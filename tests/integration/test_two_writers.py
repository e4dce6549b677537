"""Two people write at once: one of them is told, nothing is lost, and revisions are numbered without gaps."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import KAZAKHSTAN_ISRAEL, DataFiles, ask, load, new_event, record
from visalookup.domain.lifecycle import Status
from visalookup.services.changes.add_event import NewEvent, Recorded, add_event
from visalookup.services.lookup.regimes import RegimeDetail, show_regime
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage.ledger import Conflict, latest_edition, lock_for_writing
from visalookup.storage.models import Revision

PACTS = [f"pact-{number:02}" for number in range(20)]


@pytest.fixture
def shared(own_engine: Engine, files: DataFiles, clock: FixedClock) -> Engine:
    """A database of our own, in which commits are real, with the small world and twenty more memoranda."""
    for pact in PACTS:
        files.write(f"regimes/{pact}.yaml", KAZAKHSTAN_ISRAEL.replace("kaz-isr-2026", pact))
    with Session(own_engine) as session:
        load(session, files, clock())
    return own_engine


def commit(engine: Engine, event: NewEvent, clock: FixedClock) -> Recorded:
    """Record a step on a connection of its own."""
    with Session(engine) as session:
        return record(session, event, clock())


def shown(engine: Engine, regime_id: str, clock: FixedClock) -> RegimeDetail:
    with Session(engine) as session:
        return show_regime(session, RulebookStore(), regime_id, clock())


def try_respond(*actions: Callable[[], Recorded]) -> list[Recorded | Conflict]:
    """What comes of actions that all begin at the same moment, each in a thread of its own."""
    start = Barrier(len(actions))

    def act(action: Callable[[], Recorded]) -> Recorded | Conflict:
        start.wait(timeout=30)
        try:
            return action()
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


def test_of_two_who_read_the_same_version_the_second_to_write_is_told(shared: Engine, clock: FixedClock) -> None:
    with Session(shared) as one, Session(shared) as other:
        seen_by_one = show_regime(one, RulebookStore(), "kaz-isr-2026", clock()).version
        seen_by_other = show_regime(other, RulebookStore(), "kaz-isr-2026", clock()).version
        record(one, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01", expected_version=seen_by_one), clock())
        late = new_event("kaz-isr-2026", Status.WITHDRAWN, "2026-12-02", expected_version=seen_by_other)
        with pytest.raises(Conflict, match="it was changed since you read it"):
            record(other, late, clock())

    after = shown(shared, "kaz-isr-2026", clock)
    assert [event.status for event in after.regime.timeline.events] == [
        Status.MEMORANDUM_OF_INTENT,
        Status.SIGNED,
    ]
    assert commit(shared, new_event("pact-00", Status.SIGNED, "2026-12-01"), clock).revision == 3


def test_of_two_who_write_at_the_same_moment_one_wins_and_the_other_is_told(shared: Engine, clock: FixedClock) -> None:
    seen = shown(shared, "kaz-isr-2026", clock).version
    steps = [
        new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01", expected_version=seen),
        new_event("kaz-isr-2026", Status.WITHDRAWN, "2026-12-02", expected_version=seen),
    ]
    outcomes = try_respond(*(lambda step=step: commit(shared, step, clock) for step in steps))

    (won,) = [step for step, outcome in zip(steps, outcomes, strict=True) if isinstance(outcome, Recorded)]
    (told,) = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert "is at version 2, not 1" in str(told)
    assert shown(shared, "kaz-isr-2026", clock).regime.timeline.events[-1].status is won.status


def test_twenty_who_write_to_different_regimes_all_land_in_revisions_without_gaps(
    shared: Engine, clock: FixedClock
) -> None:
    steps = [new_event(pact, Status.SIGNED, "2026-12-01") for pact in PACTS]
    outcomes = try_respond(*(lambda step=step: commit(shared, step, clock) for step in steps))

    landed = {each.revision: each.regime.id for each in outcomes if isinstance(each, Recorded)}
    assert sorted(landed) == list(range(2, 22))
    assert sorted(landed.values()) == PACTS
    with Session(shared) as session:
        moments = list(session.scalars(select(Revision.recorded_at).order_by(Revision.number)))
        assert len(moments) == 21
        assert moments == sorted(set(moments))
    for pact in PACTS:
        assert shown(shared, pact, clock).regime.timeline.events[-1].status is Status.SIGNED


def test_readers_are_not_held_up_by_a_writer_and_see_the_change_once_it_is_committed(
    shared: Engine, clock: FixedClock
) -> None:
    def known() -> Status | None:
        with Session(shared) as reader:
            (pending, *_) = [
                each for each in ask(reader, "KAZ ISR", clock()).best.pending if each.regime.id == "kaz-isr-2026"
            ]
            return pending.event.status if pending.event else None

    with Session(shared) as writer:
        add_event(writer, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), "boris", clock())
        assert known() is Status.MEMORANDUM_OF_INTENT
        writer.commit()
    assert known() is Status.SIGNED


def test_a_writer_who_gives_up_leaves_no_gap_and_no_lock(shared: Engine, clock: FixedClock) -> None:
    with Session(shared) as writer:
        add_event(writer, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), "boris", clock())
        writer.rollback()
    with Session(shared) as next_writer:
        lock_for_writing(next_writer)
        edition = latest_edition(next_writer)
        assert edition is not None
        assert edition.revision == 1
    assert commit(shared, new_event("kaz-isr-2026", Status.WITHDRAWN, "2026-11-02"), clock).revision == 2

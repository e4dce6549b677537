"""Those who follow the feed while others write, and those who follow it for some places only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.conftest import MORNING, FixedClock, MakeDatabase, opened
from tests.integration.world import KAZAKHSTAN_ISRAEL, DataFiles, load, new_event, record
from visalookup.domain.lifecycle import Status
from visalookup.services.changes.list_changes import PairFilterForm, PolicyChange, list_changes, newest_changes
from visalookup.services.lookup.questions import BadQuestion
from visalookup.services.lookup.rulebook_store import RulebookStore

WRITERS, EACH = 4, 15
PACTS = [f"pact-{number}" for number in range(WRITERS)]
TURNS = (Status.SUSPENDED, Status.IN_FORCE)


@pytest.fixture
def shared(make_postgres: MakeDatabase, postgres_template: str, files: DataFiles) -> Iterator[Engine]:
    """A PostgreSQL database with an agreement in force for each writer."""
    in_force = KAZAKHSTAN_ISRAEL.replace("rules:", "- {status: signed, on: 2026-02-01, source: press}\nrules:")
    in_force = in_force.replace("rules:", "- {status: in_force, on: 2026-03-01, source: press}\nrules:")
    for pact in PACTS:
        files.write(f"regimes/{pact}.yaml", in_force.replace("kaz-isr-2026", pact))
    with opened(make_postgres(postgres_template)) as engine:
        with Session(engine) as session:
            load(session, files, MORNING)
        yield engine


def write(engine: Engine, pact: str, start: Barrier) -> None:
    """Suspend an agreement and take it up again, day after day."""
    start.wait(timeout=30)
    for number in range(EACH):
        day = f"2026-04-{number + 1:02}"
        with Session(engine) as session:
            record(session, new_event(pact, TURNS[number % 2], day, "press"), MORNING)


def follow(engine: Engine, start: Barrier, done: Event, whom: PairFilterForm) -> list[PolicyChange]:
    """What a client is told that asks again and again until the writers are done, and then to the end."""
    rulebook_store, cursor, told = RulebookStore(), "0", list[PolicyChange]()
    start.wait(timeout=30)
    while True:
        last_round = done.is_set()
        with Session(engine) as session:
            page = list_changes(session, rulebook_store, cursor, "3", whom)
        told += page.changes
        cursor = str(page.cursor)
        if last_round and not page.more:
            return told


@pytest.mark.parametrize("whom", [PairFilterForm(), PairFilterForm(("KAZ",), ("ISR",))])
def test_a_reader_misses_nothing_and_reads_nothing_twice_while_four_write(shared: Engine, whom: PairFilterForm) -> None:
    start, done = Barrier(WRITERS + 2), Event()
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(follow, shared, start, done, whom) for _ in range(2)]
        try:
            for writer in [pool.submit(write, shared, pact, start) for pact in PACTS]:
                writer.result()
        finally:
            done.set()
        told = [reader.result() for reader in readers]

    with Session(shared) as session:
        everything = list_changes(session, RulebookStore(), "0", "500", whom).changes
    for each in told:
        assert [change.step for change in each] == [change.step for change in everything]
        written = Counter(change.regime.id for change in each if change.step.revision > 1)
        assert written == dict.fromkeys(PACTS, EACH)
        assert all(change.event is not None for change in each), "each is told with its source"


def told(session: Session, *passports: str, to: tuple[str, ...] = ()) -> set[str]:
    page = list_changes(session, RulebookStore(), None, None, PairFilterForm(passports, to))
    newest = newest_changes(session, RulebookStore(), 100, PairFilterForm(passports, to))
    assert list(reversed(newest)) == list(page.changes), "the feed for readers says the same"
    return {change.regime.id for change in page.changes}


def test_who_follows_some_places_is_told_of_these_only(ledger: Session) -> None:
    assert told(ledger, "Morocco") == {"mar-aze-2024"}
    assert told(ledger, "MAR", to=("AZE",)) == {"mar-aze-2024"}
    assert told(ledger, "MAR", to=("ISR",)) == set()
    assert told(ledger, "MAR", "KZ") == {"mar-aze-2024", "kaz-isr-2026"}
    assert told(ledger, to=("UK", "ISR")) == {"jor-gbr-eta", "kaz-isr-2026"}
    assert told(ledger) == {"jor-gbr-eta", "kaz-isr-2026", "mar-aze-2024"}


def test_who_was_told_of_a_regime_is_told_when_it_turns_out_that_there_was_none(
    ledger: Session, files: DataFiles, clock: FixedClock
) -> None:
    cursor = str(list_changes(ledger, RulebookStore(), None, None).cursor)
    files.remove("regimes/jor-gbr-eta.yaml")
    load(ledger, files, clock.move(hours=1))
    (retraction,) = list_changes(ledger, RulebookStore(), cursor, None, PairFilterForm(("JOR",), ("GBR",))).changes
    assert retraction.step.retracted
    assert list_changes(ledger, RulebookStore(), cursor, None, PairFilterForm(("MAR",))).changes == ()


def test_a_rule_that_ended_before_a_step_makes_it_no_concern_of_its_holders(
    ledger: Session, files: DataFiles, clock: FixedClock
) -> None:
    for before, after in (("[JOR]", "[JOR, MAR]"), ("[JOR, MAR]", "[JOR]")):
        files.edit("regimes/jor-gbr-eta.yaml", f"passports: {before}", f"passports: {after}")
        load(ledger, files, clock.move(hours=1))
    cursor = str(list_changes(ledger, RulebookStore(), None, None).cursor)
    record(ledger, new_event("jor-gbr-eta", Status.TERMINATED, "2027-03-01"), clock.move(hours=1))
    assert list_changes(ledger, RulebookStore(), cursor, None, PairFilterForm(("MAR",), ("GBR",))).changes == ()
    assert len(list_changes(ledger, RulebookStore(), cursor, None, PairFilterForm(("JOR",), ("GBR",))).changes) == 1


def test_a_place_that_is_none_is_refused_with_what_may_have_been_meant(ledger: Session) -> None:
    with pytest.raises(BadQuestion, match=r"passport: .*destination: ") as refused:
        list_changes(ledger, RulebookStore(), None, None, PairFilterForm(("Marocko",), ("Isreal",)))
    assert [[each.code for each in fault.suggestions][:1] for fault in refused.value.faults] == [["MAR"], ["ISR"]]


def test_at_most_ten_places_are_followed_in_one_request(ledger: Session) -> None:
    with pytest.raises(BadQuestion, match="at most 10"):
        newest_changes(ledger, RulebookStore(), 5, PairFilterForm(("MAR",) * 11))

"""The library of rulebooks: renewed within a second of a new revision, and otherwise at rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import DataFiles, ask, load, new_event, record
from visalookup.domain.lifecycle import Status
from visalookup.domain.rulebook import Rulebook
from visalookup.services import library as library_module
from visalookup.services.library import SECONDS_BETWEEN_CHECKS, Library, NothingLoaded, newest_rulebook


@dataclass(slots=True)
class Stopwatch:
    """A monotonic clock that stands still until it is moved."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def library(stopwatch: Stopwatch) -> Library:
    return Library(stopwatch)


@contextmanager
def queries(session: Session) -> Iterator[list[str]]:
    """The SQL that is sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def status_of(session: Session, library: Library, clock: FixedClock) -> Status | None:
    (pending,) = ask(session, "KAZ ISR", clock(), library).best.pending
    return pending.event.status if pending.event else None


def test_a_new_revision_is_seen_by_everybody_within_a_second(
    ledger: Session, library: Library, stopwatch: Stopwatch, clock: FixedClock
) -> None:
    assert status_of(ledger, library, clock) is Status.MEMORANDUM_OF_INTENT
    record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), clock())
    stopwatch.seconds += 1.0
    assert status_of(ledger, library, clock) is Status.SIGNED


def test_between_two_checks_answers_come_from_memory_alone(
    ledger: Session, library: Library, stopwatch: Stopwatch, clock: FixedClock
) -> None:
    assert status_of(ledger, library, clock) is Status.MEMORANDUM_OF_INTENT
    record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), clock())
    stopwatch.seconds += SECONDS_BETWEEN_CHECKS * 0.99
    with queries(ledger) as sent:
        assert status_of(ledger, library, clock) is Status.MEMORANDUM_OF_INTENT
    assert sent == []


def test_while_nothing_changes_a_check_is_one_small_query(
    ledger: Session, library: Library, stopwatch: Stopwatch
) -> None:
    first = library.current(ledger)
    ledger.commit()
    stopwatch.seconds += 60.0
    with queries(ledger) as sent:
        assert library.current(ledger) is first
    assert [statement for statement in sent if "SAVEPOINT" not in statement] == sent[-1:]
    assert "FROM revision" in sent[-1]


def test_the_gazetteer_is_built_anew_only_when_places_change(
    ledger: Session, library: Library, stopwatch: Stopwatch, files: DataFiles, clock: FixedClock
) -> None:
    first = library.current(ledger)
    files.edit("regimes/jor-gbr-eta.yaml", "{months: 6}", "{days: 90}")
    load(ledger, files, clock())
    stopwatch.seconds += 1.0
    second = library.current(ledger)
    assert second.rulebook.edition.revision == 2
    assert second.gazetteer is first.gazetteer

    files.edit("places.csv", "Morocco,,,", "Morocco,,Sherifian Empire,")
    load(ledger, files, clock())
    stopwatch.seconds += 1.0
    assert library.current(ledger).gazetteer.find("Sherifian Empire").code == "MAR"


def test_a_library_that_found_nothing_looks_again_at_once(
    session: Session, library: Library, files: DataFiles, clock: FixedClock
) -> None:
    """Whoever starts the service before the data are loaded need not restart it."""
    with pytest.raises(NothingLoaded):
        library.current(session)
    load(session, files, clock())
    assert library.current(session).rulebook.edition.revision == 1


def test_an_earlier_edition_is_read_once(ledger: Session, library: Library, clock: FixedClock) -> None:
    before = clock()
    record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), clock.move(hours=1))
    first = library.as_of(ledger, before)
    with queries(ledger) as sent:
        assert library.as_of(ledger, before).rulebook is first.rulebook
    assert len(sent) == 1  # which edition it was
    assert first.rulebook.edition.revision == 1


@dataclass(slots=True)
class Renewal:
    """A library that holds revision 1 of the small world, asked again after something was written."""

    session: Session
    library: Library
    stopwatch: Stopwatch

    def rulebook(self) -> Rulebook:
        """What it holds a second later, which must be what is read anew."""
        self.stopwatch.seconds += 1.0
        found = self.library.current(self.session).rulebook
        anew = newest_rulebook(self.session)
        assert found == anew
        assert list(found.regimes) == list(anew.regimes)
        return found

    def queries(self) -> list[str]:
        """The queries that the renewal takes."""
        with queries(self.session) as sent:
            self.stopwatch.seconds += 1.0
            self.library.current(self.session)
        return sent


@pytest.fixture
def renewal(ledger: Session, library: Library, stopwatch: Stopwatch) -> Renewal:
    library.current(ledger)
    return Renewal(ledger, library, stopwatch)


def reads_all_rules(sent: list[str]) -> bool:
    return any("FROM rule_version" in each and "rule_version.regime_id IN" not in each for each in sent)


def test_a_step_renews_its_regime_and_leaves_the_others_unread(renewal: Renewal, clock: FixedClock) -> None:
    before = renewal.rulebook()
    record(renewal.session, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), clock())
    sent = renewal.queries()
    after = renewal.rulebook()
    assert len(sent) <= 10
    assert not any("FROM rule_version" in each and "regime_id IN" not in each for each in sent if "UNION" not in each)
    assert after.regimes["kaz-isr-2026"].timeline.events[-1].status is Status.SIGNED
    assert after.regimes["mar-aze-2024"] is before.regimes["mar-aze-2024"]

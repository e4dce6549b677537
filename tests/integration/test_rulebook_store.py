"""The library of rulebooks: renewed within a second of a new revision, and otherwise at rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import (
    FILES,
    KAZAKHSTAN_ISRAEL,
    NOTICE,
    DataFiles,
    ask,
    load,
    new_event,
    record,
)
from visalookup.domain.lifecycle import Status
from visalookup.domain.requirements import Stay
from visalookup.domain.rulebook import Rulebook
from visalookup.services.changes.add_event import add_event
from visalookup.services.lookup.rulebook_store import (
    MOST_REGIMES_RENEWED,
    SECONDS_BETWEEN_CHECKS,
    NothingLoaded,
    RulebookStore,
    newest_rulebook,
)


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
def rulebook_store(stopwatch: Stopwatch) -> RulebookStore:
    return RulebookStore(stopwatch)


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


def status_of(session: Session, rulebook_store: RulebookStore, clock: FixedClock) -> Status | None:
    (pending,) = ask(session, "KAZ ISR", clock(), rulebook_store).best.pending
    return pending.event.status if pending.event else None


def test_a_new_revision_is_seen_by_everybody_within_a_second(
    ledger: Session, rulebook_store: RulebookStore, stopwatch: Stopwatch, clock: FixedClock
) -> None:
    assert status_of(ledger, rulebook_store, clock) is Status.MEMORANDUM_OF_INTENT
    record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), clock())
    stopwatch.seconds += 1.0
    assert status_of(ledger, rulebook_store, clock) is Status.SIGNED


def test_between_two_checks_answers_come_from_memory_alone(
    ledger: Session, rulebook_store: RulebookStore, stopwatch: Stopwatch, clock: FixedClock
) -> None:
    assert status_of(ledger, rulebook_store, clock) is Status.MEMORANDUM_OF_INTENT
    record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), clock())
    stopwatch.seconds += SECONDS_BETWEEN_CHECKS * 0.99
    with queries(ledger) as sent:
        assert status_of(ledger, rulebook_store, clock) is Status.MEMORANDUM_OF_INTENT
    assert sent == []


def test_while_nothing_changes_a_check_is_one_small_query(
    ledger: Session, rulebook_store: RulebookStore, stopwatch: Stopwatch
) -> None:
    first = rulebook_store.current(ledger)
    ledger.commit()
    stopwatch.seconds += 60.0
    with queries(ledger) as sent:
        assert rulebook_store.current(ledger) is first
    assert [statement for statement in sent if "SAVEPOINT" not in statement] == sent[-1:]
    assert "FROM revision" in sent[-1]


def test_the_gazetteer_is_built_anew_only_when_places_change(
    ledger: Session, rulebook_store: RulebookStore, stopwatch: Stopwatch, files: DataFiles, clock: FixedClock
) -> None:
    first = rulebook_store.current(ledger)
    files.edit("regimes/jor-gbr-eta.yaml", "{months: 6}", "{days: 90}")
    load(ledger, files, clock())
    stopwatch.seconds += 1.0
    second = rulebook_store.current(ledger)
    assert second.rulebook.edition.revision == 2
    assert second.gazetteer is first.gazetteer

    files.edit("places.csv", "Morocco,,,", "Morocco,,Sherifian Empire,")
    load(ledger, files, clock())
    stopwatch.seconds += 1.0
    assert rulebook_store.current(ledger).gazetteer.find("Sherifian Empire").code == "MAR"


def test_a_library_that_found_nothing_looks_again_at_once(
    session: Session, rulebook_store: RulebookStore, files: DataFiles, clock: FixedClock
) -> None:
    """Whoever starts the service before the data are loaded need not restart it."""
    with pytest.raises(NothingLoaded):
        rulebook_store.current(session)
    load(session, files, clock())
    assert rulebook_store.current(session).rulebook.edition.revision == 1


def test_an_earlier_edition_is_read_once(ledger: Session, rulebook_store: RulebookStore, clock: FixedClock) -> None:
    before = clock()
    record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), clock.move(hours=1))
    first = rulebook_store.as_of(ledger, before)
    with queries(ledger) as sent:
        assert rulebook_store.as_of(ledger, before).rulebook is first.rulebook
    assert len(sent) == 1  # which edition it was
    assert first.rulebook.edition.revision == 1


@dataclass(slots=True)
class Renewal:
    """A library that holds revision 1 of the small world, asked again after something was written."""

    session: Session
    rulebook_store: RulebookStore
    stopwatch: Stopwatch

    def __call__(self) -> list[str]:
        """Renew the library; it must then hold what is read anew. The queries that the renewal took."""
        self.session.commit()
        self.stopwatch.seconds += 1.0
        with queries(self.session) as sent:
            found = self.rulebook
        anew = newest_rulebook(self.session)
        assert found == anew
        assert list(found.regimes) == list(anew.regimes)
        return [statement for statement in sent if "SAVEPOINT" not in statement]

    @property
    def rulebook(self) -> Rulebook:
        return self.rulebook_store.current(self.session).rulebook


@pytest.fixture
def renewal(ledger: Session, rulebook_store: RulebookStore, stopwatch: Stopwatch) -> Renewal:
    rulebook_store.current(ledger)
    return Renewal(ledger, rulebook_store, stopwatch)


def reads_everything(sent: list[str]) -> bool:
    """Whether the rules of all regimes are read, not only those of some."""
    return any("passport_group" in each and "rule_version.regime_id IN" not in each for each in sent)


def test_a_step_renews_its_regime_and_leaves_the_others_unread(renewal: Renewal, clock: FixedClock) -> None:
    before = renewal.rulebook
    record(renewal.session, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01"), clock())
    sent = renewal()
    after = renewal.rulebook
    assert not reads_everything(sent)
    assert len(sent) <= 9
    assert after.regimes["kaz-isr-2026"].timeline.events[-1].status is Status.SIGNED
    assert after.regimes["mar-aze-2024"] is before.regimes["mar-aze-2024"]


def test_several_steps_missed_are_made_up_for_at_once(renewal: Renewal, clock: FixedClock) -> None:
    for regime_id, status, on in (
        ("kaz-isr-2026", Status.SIGNED, "2026-11-01"),
        ("kaz-isr-2026", Status.IN_FORCE, "2027-03-01"),
        ("mar-aze-2024", Status.SUSPENDED, "2026-11-20"),
    ):
        record(
            renewal.session,
            new_event(regime_id, status, on, replace(NOTICE, key=status.replace("_", "-"))),
            clock.move(hours=1),
        )
    assert not reads_everything(renewal())
    assert renewal.rulebook.edition.revision == 4


def test_a_rule_that_changes_is_renewed(renewal: Renewal, files: DataFiles, clock: FixedClock) -> None:
    files.edit("regimes/jor-gbr-eta.yaml", "{months: 6}", "{days: 90}")
    load(renewal.session, files, clock())
    assert not reads_everything(renewal())
    (rule,) = renewal.rulebook.rules("JOR", "GBR")
    assert rule.terms.stay == Stay(days=90)


def test_a_rule_that_is_gone_is_renewed(renewal: Renewal, files: DataFiles, clock: FixedClock) -> None:
    files.edit("destinations/ISR.yaml", "[KAZ]", "[KAZ, MAR]")
    files.edit("destinations/ISR.yaml", "[CASPIAN]", "[CASPIAN, MAR]")
    files.edit("destinations/ISR.yaml", "except: [KAZ, MAR]", "except: [KAZ]")
    load(renewal.session, files, clock())
    assert not reads_everything(renewal())
    files.edit("destinations/ISR.yaml", "[CASPIAN, MAR]", "[CASPIAN]")
    load(renewal.session, files, clock.move(hours=1))
    assert not reads_everything(renewal())


def test_a_new_regime_is_renewed(renewal: Renewal, files: DataFiles, clock: FixedClock) -> None:
    text = KAZAKHSTAN_ISRAEL.replace("kaz-isr-2026", "kaz-gbr-2026").replace("ISR", "GBR")
    files.write("regimes/kaz-gbr-2026.yaml", text)
    load(renewal.session, files, clock())
    assert not reads_everything(renewal())
    assert [rule.regime_id for rule in renewal.rulebook.rules("KAZ", "GBR")] == ["kaz-gbr-2026"]


def test_a_regime_retracted_and_brought_back_is_renewed(renewal: Renewal, files: DataFiles, clock: FixedClock) -> None:
    files.remove("regimes/jor-gbr-eta.yaml")
    load(renewal.session, files, clock())
    assert not reads_everything(renewal())
    assert "jor-gbr-eta" not in renewal.rulebook.regimes
    assert renewal.rulebook.rules("JOR", "GBR") == ()

    files.write("regimes/jor-gbr-eta.yaml", FILES["regimes/jor-gbr-eta.yaml"])
    load(renewal.session, files, clock.move(hours=1))
    assert not reads_everything(renewal())
    assert len(renewal.rulebook.rules("JOR", "GBR")) == 1


def test_a_change_of_places_or_groups_has_all_read_anew(renewal: Renewal, files: DataFiles, clock: FixedClock) -> None:
    files.edit("places.csv", "Asia/Baku", "Asia/Tbilisi")
    load(renewal.session, files, clock())
    assert reads_everything(renewal())
    assert renewal.rulebook.places.by_code["AZE"].timezone == "Asia/Tbilisi"

    files.edit("groups.yaml", "Caspian neighbours", "Neighbours of the Caspian Sea")
    load(renewal.session, files, clock.move(hours=1))
    assert reads_everything(renewal())
    assert renewal.rulebook.places.groups["CASPIAN"].name == "Neighbours of the Caspian Sea"


def test_many_regimes_changed_at_once_have_all_read_anew(renewal: Renewal, files: DataFiles, clock: FixedClock) -> None:
    for number in range(MOST_REGIMES_RENEWED + 1):
        id_ = f"kaz-isr-{1900 + number}"
        files.write(f"regimes/{id_}.yaml", KAZAKHSTAN_ISRAEL.replace("kaz-isr-2026", id_))
    load(renewal.session, files, clock())
    assert reads_everything(renewal())
    assert len(renewal.rulebook.rules("KAZ", "ISR")) == MOST_REGIMES_RENEWED + 3


def test_a_revision_that_its_writer_saw_and_rolled_back_is_forgotten(renewal: Renewal, clock: FixedClock) -> None:
    """Another revision took its number: what was read of the first must not stay."""
    session, event = renewal.session, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01")
    session.commit()
    add_event(session, event, "boris", clock.move(hours=1))
    renewal.stopwatch.seconds += 1.0
    assert renewal.rulebook.edition.revision == 2
    session.rollback()
    for number in (2, 3):
        again = new_event("mar-aze-2024", Status.SUSPENDED if number == 2 else Status.IN_FORCE, f"2026-11-0{number}")
        record(session, replace(again, source=replace(NOTICE, key=f"n{number}")), clock.move(hours=1))
    assert reads_everything(renewal())
    assert len(renewal.rulebook.regimes["kaz-isr-2026"].timeline.events) == 1

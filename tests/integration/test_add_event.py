"""Staff move a regime along its lifecycle: allowed steps are written with their source, others change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.conftest import MORNING, FixedClock
from tests.integration.world import NOTICE, DataFiles, ask, instant, load, new_event, record
from visalookup.domain.errors import DomainError, InvalidValue
from visalookup.domain.lifecycle import Status, Transition
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.requirements import AnswerKind, Requirement
from visalookup.services.changes.add_event import NewEvent, add_event
from visalookup.services.lookup.regimes import show_regime
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage.ledger import Conflict, last_change_of_regime
from visalookup.storage.models import Base, Origin, Revision


def rows(session: Session) -> list[int | None]:
    """How much has been written."""
    return [session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables]


def refused(session: Session, event: NewEvent, clock: FixedClock) -> str:
    """Why a step was refused; and it left nothing behind."""
    before = rows(session)
    with pytest.raises((DomainError, Conflict)) as refusal:
        record(session, event, clock())
    session.rollback()
    assert rows(session) == before
    return f"{type(refusal.value).__name__}: {refusal.value}"


class TestAStepThatIsRefused:
    def test_names_the_steps_that_are_allowed_and_writes_nothing(self, ledger: Session, clock: FixedClock) -> None:
        step = new_event("kaz-isr-2026", Status.IN_FORCE, "2026-12-01")
        assert refused(ledger, step, clock) == (
            "InvalidValue: in_force on 2026-12-01 is refused:"
            " a regime in status memorandum_of_intent may only become signed, withdrawn."
        )

    def test_cannot_be_slipped_in_before_a_step_that_rests_on_another(self, ledger: Session, clock: FixedClock) -> None:
        step = new_event("mar-aze-2024", Status.WITHDRAWN, "2024-07-01")
        assert "comes before the last step" in refused(ledger, step, clock)

    def test_never_follows_an_end(self, ledger: Session, clock: FixedClock) -> None:
        record(ledger, new_event("jor-gbr-eta", Status.TERMINATED, "2024-09-10"), clock())
        step = new_event("jor-gbr-eta", Status.IN_FORCE, "2025-01-01", "gazette")
        assert "has ended and takes no further step" in refused(ledger, step, clock)

    def test_when_it_would_change_an_answer_on_a_vague_date(self, ledger: Session, clock: FixedClock) -> None:
        step = new_event("mar-aze-2024", Status.TERMINATED, "2026-12")
        assert "needs a day or an instant" in refused(ledger, step, clock)

    def test_when_its_party_is_no_place(self, ledger: Session, clock: FixedClock) -> None:
        step = new_event("mar-aze-2024", Status.TERMINATED, "2026-12-01")
        milestone = replace(step, status=None, milestone="ratified", party="XYZ")
        assert "XYZ is neither the code of a place nor of a group" in refused(ledger, milestone, clock)

    def test_when_its_source_is_none_of_the_regime(self, ledger: Session, clock: FixedClock) -> None:
        step = new_event("mar-aze-2024", Status.TERMINATED, "2026-12-01", "hearsay")
        assert "no source 'hearsay'; it has gazette, press, or give a new one" in refused(ledger, step, clock)

    def test_when_its_new_source_would_replace_an_old_one(self, ledger: Session, clock: FixedClock) -> None:
        step = new_event("mar-aze-2024", Status.TERMINATED, "2026-12-01", replace(NOTICE, key="press"))
        assert "has a source 'press' already" in refused(ledger, step, clock)

    def test_when_it_is_neither_a_status_nor_a_milestone(self, ledger: Session, clock: FixedClock) -> None:
        nothing = NewEvent("mar-aze-2024", EffectiveDate(date(2026, 12, 1)), "gazette")
        both = replace(nothing, status=Status.TERMINATED, milestone="denounced")
        for step in (nothing, both):
            assert refused(ledger, step, clock).startswith(InvalidValue.__name__)

    def test_when_there_is_no_such_regime(self, ledger: Session, clock: FixedClock) -> None:
        step = new_event("atl-isr-1999", Status.SIGNED, "2026-12-01")
        assert "No regime has the id 'atl-isr-1999'" in refused(ledger, step, clock)

    def test_when_somebody_changed_the_regime_since_it_was_read(self, ledger: Session, clock: FixedClock) -> None:
        seen = last_change_of_regime(ledger, "kaz-isr-2026")
        record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), clock())
        late = new_event("kaz-isr-2026", Status.WITHDRAWN, "2026-12-02", expected_version=seen)
        assert "is at version 2, not 1" in refused(ledger, late, clock)


class TestAStepThatIsAllowed:
    def test_is_one_revision_of_its_author_with_its_reason(self, ledger: Session, clock: FixedClock) -> None:
        step = new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01")
        assert record(ledger, step, clock.move(hours=1)).revision == 2
        revision = ledger.get_one(Revision, 2)
        assert (revision.actor, revision.origin, revision.recorded_at) == ("boris", Origin.STAFF, clock())
        said = "signed of kaz-isr-2026, effective 2026-12-01"
        assert revision.reason == f"{said} (recorded at the command line, without a second person)"

    def test_is_shown_with_its_new_source_in_the_next_answer(self, ledger: Session, clock: FixedClock) -> None:
        record(ledger, new_event("mar-aze-2024", Status.TERMINATED, "2026-11-01"), clock())
        record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-20"), clock())
        (ended,) = ask(ledger, "MAR AZE", clock()).best.ended
        assert ended.event is not None
        assert ended.regime.sources[ended.event.source_key] == NOTICE
        (pending,) = ask(ledger, "KAZ ISR", clock()).best.pending
        assert pending.event is not None
        assert pending.event.status is Status.SIGNED

    def test_may_follow_a_look_at_the_regime_in_the_same_session(self, own_engine: Engine, files: DataFiles) -> None:
        with Session(own_engine) as session:
            load(session, files, MORNING)
            seen = show_regime(session, RulebookStore(), "kaz-isr-2026", MORNING)
            step = new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01", expected_version=seen.version)
            assert add_event(session, step, "boris", MORNING).revision == 2

    def test_may_carry_a_grace_period(self, ledger: Session, clock: FixedClock) -> None:
        grace = Transition(date(2026, 12, 8), "Tickets bought before 10 November 2026 are honoured.")
        step = new_event("mar-aze-2024", Status.TERMINATED, "2026-11-10T15:00:00+04:00", transition=grace)
        record(ledger, step, clock())
        for day, runs in (("2026-12-08", True), ("2026-12-09", False)):
            (ended,) = ask(ledger, "MAR AZE", clock(), on=day).best.ended
            assert ended.event is not None
            assert ended.event.transition == grace
            assert ended.transition_runs is runs

    def test_a_milestone_is_on_the_timeline_and_changes_no_answer(self, ledger: Session, clock: FixedClock) -> None:
        before = ask(ledger, "KAZ ISR", clock()).best
        ratified = NewEvent(
            "kaz-isr-2026", EffectiveDate(date(2026, 11, 1)), "press", milestone="ratified", party="KAZ"
        )
        recorded = record(ledger, ratified, clock())
        assert [(each.name, each.party) for each in recorded.regime.timeline.milestones] == [("ratified", "KAZ")]
        after = ask(ledger, "KAZ ISR", clock()).best
        assert after.verdict == before.verdict

    def test_twice_the_same_step_in_one_life_gets_a_key_of_its_own(self, ledger: Session, clock: FixedClock) -> None:
        for status, day in ((Status.SUSPENDED, "2025-01-01"), (Status.IN_FORCE, "2025-02-01")):
            recorded = record(ledger, new_event("mar-aze-2024", status, day, "gazette"), clock())
        keys = [event.key for event in recorded.regime.timeline.events]
        assert keys == ["signed-1", "in_force-1", "suspended-1", "in_force-2"]


class TestAStepThatLiesAhead:
    def test_is_pending_until_its_instant_and_the_answer_after_it_with_nobody_doing_anything(
        self, ledger: Session, clock: FixedClock
    ) -> None:
        """Signed now, in force from 3 pm in Jerusalem: one library, never renewed, only the clock moves on."""
        record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-24"), clock())
        record(ledger, new_event("kaz-isr-2026", Status.IN_FORCE, "2026-12-01T15:00:00+02:00", "notice"), clock())
        rulebook_store = RulebookStore(lambda: 0.0)

        def asked_at(moment: str) -> tuple[Requirement | None, list[Status | None]]:
            clock.move(instant(moment))
            best = ask(ledger, "KAZ ISR", clock(), rulebook_store, on=moment).best
            return best.verdict.requirement, [each.event.status if each.event else None for each in best.pending]

        assert asked_at("2026-11-23T21:59:59Z") == (Requirement.VISA_REQUIRED, [Status.MEMORANDUM_OF_INTENT])
        assert asked_at("2026-11-23T22:00:00Z") == (Requirement.VISA_REQUIRED, [Status.SIGNED])
        assert asked_at("2026-12-01T12:59:59Z") == (Requirement.VISA_REQUIRED, [Status.SIGNED])
        assert asked_at("2026-12-01T13:00:00Z") == (Requirement.VISA_FREE, [])

    def test_is_told_with_the_answer_it_will_change(self, ledger: Session, clock: FixedClock) -> None:
        record(ledger, new_event("mar-aze-2024", Status.TERMINATED, "2027-03-01"), clock())
        rulebook_store = RulebookStore(lambda: 0.0)
        today = ask(ledger, "MAR AZE", clock(), rulebook_store).best
        assert today.verdict.requirement is Requirement.VISA_FREE
        assert today.next_change is not None
        assert today.next_change.moment == instant("2027-02-28T20:00:00Z")
        assert today.next_change.verdict.answer is AnswerKind.UNKNOWN

        clock.move(today.next_change.moment)
        that_day = ask(ledger, "MAR AZE", clock(), rulebook_store).best
        assert that_day.verdict.answer is AnswerKind.UNKNOWN
        assert [each.regime.id for each in that_day.ended] == ["mar-aze-2024"]

    def test_makes_the_day_of_the_change_as_strict_as_its_strictest_hour(
        self, ledger: Session, clock: FixedClock
    ) -> None:
        record(ledger, new_event("jor-gbr-eta", Status.TERMINATED, "2026-12-10T15:00:00+00:00"), clock())
        day = ask(ledger, "JOR GBR", clock(), on="2026-12-10").best
        assert day.verdict.answer is AnswerKind.UNKNOWN
        assert [each.verdict.answer for each in day.during_day] == [AnswerKind.NO, AnswerKind.UNKNOWN]

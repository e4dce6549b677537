"""The data files are brought into the ledger: what differs, as one revision, and never over staff unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.conftest import DATA, MORNING, FixedClock
from tests.integration.world import DataFiles, ask, load, new_event, record
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.errors import DomainError
from visalookup.domain.lifecycle import Status
from visalookup.domain.requirements import AnswerKind, Requirement
from visalookup.formats.data_folder import read_data
from visalookup.formats.to_payload import save_data
from visalookup.services.changes.record_differences import RecordDifference
from visalookup.services.datasets.export_data import export_data
from visalookup.services.datasets.load_data import LoadOrder, LoadReport, RecordChange, load_data
from visalookup.services.lookup.rulebook_store import NothingLoaded
from visalookup.storage.ledger import latest_edition
from visalookup.storage.models import Origin, Revision

AGREEMENT = "regimes/mar-aze-2024.yaml"

OF_STAFF = {
    ("timeline entry mar-aze-2024 terminated-1", RecordDifference.RETRACTED),
    ("source mar-aze-2024 notice", RecordDifference.RETRACTED),
}
"""What staff recorded and the files do not say."""


def told(changes: tuple[RecordChange, ...]) -> set[tuple[str, RecordDifference]]:
    """Changes as a person reads them."""
    return {(str(change.record), change.difference) for change in changes}


def newest(session: Session) -> int:
    edition = latest_edition(session)
    return edition.revision if edition else 0


class TestLoading:
    def test_the_first_time_adds_everything_as_one_revision(
        self, session: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        report = load(session, files, clock())
        assert report.revision == 1
        assert {change.difference for change in report.written} == {RecordDifference.ADDED}
        assert {"place MAR", "group CASPIAN", "regime mar-aze-2024", "source mar-aze-2024 press"} <= {
            str(change.record) for change in report.written
        }
        revision = session.get_one(Revision, 1)
        assert (revision.actor, revision.origin, revision.recorded_at) == ("ana", Origin.FILE, clock())

    def test_the_same_files_again_changes_nothing(self, ledger: Session, files: DataFiles, clock: FixedClock) -> None:
        assert load(ledger, files, clock.move(days=1)) == LoadReport(None, ())
        assert newest(ledger) == 1

    def test_the_real_files_again_changes_nothing(self, loaded_session: Session, real_data: DataSet) -> None:
        again = load_data(loaded_session, real_data, LoadOrder("ana", "Once more"), MORNING)
        assert again == LoadReport(None, ())

    def test_says_which_records_changed(self, ledger: Session, files: DataFiles, clock: FixedClock) -> None:
        files.edit(AGREEMENT, "title: Notice", "title: Notice of entry into force")
        files.edit("places.csv", "Morocco,,,", "Morocco,,Maroc,")
        files.edit("groups.yaml", "Caspian neighbours", "Caspian states")
        report = load(ledger, files, clock(), "Names corrected")
        assert report.revision == 2
        assert told(report.written) == {
            ("source mar-aze-2024 gazette", RecordDifference.CHANGED),
            ("place MAR", RecordDifference.CHANGED),
            ("group CASPIAN", RecordDifference.CHANGED),
        }
        assert ledger.get_one(Revision, 2).reason == "Names corrected"

    def test_changes_every_rule_of_a_list_whose_terms_changed(
        self, ledger: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        files.edit("regimes/jor-gbr-eta.yaml", "{months: 6}", "{days: 90}")
        assert told(load(ledger, files, clock()).written) == {
            ("rule jor-gbr-eta JOR-GBR-ordinary", RecordDifference.CHANGED)
        }
        best = ask(ledger, "JOR GBR", clock()).best.verdict.best
        assert best is not None
        assert best.rule.terms.stay is not None
        assert best.rule.terms.stay.days == 90

    def test_retracts_what_the_files_no_longer_say_and_takes_it_up_again(
        self, ledger: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        text = (files.folder / AGREEMENT).read_text("utf-8")
        files.remove(AGREEMENT)
        gone = load(ledger, files, clock())
        assert {change.difference for change in gone.written} == {RecordDifference.RETRACTED}
        assert ("regime mar-aze-2024", RecordDifference.RETRACTED) in told(gone.written)
        assert ask(ledger, "MAR AZE", clock()).best.verdict.answer is AnswerKind.UNKNOWN

        files.write(AGREEMENT, text)
        back = load(ledger, files, clock())
        assert told(back.written) == {(record, RecordDifference.ADDED) for record, _ in told(gone.written)}
        assert ask(ledger, "MAR AZE", clock()).best.verdict.requirement is Requirement.VISA_FREE

    def test_as_a_preview_says_the_same_and_writes_nothing(
        self, ledger: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        files.remove("regimes/jor-gbr-eta.yaml")
        files.edit(AGREEMENT, "{days: 30}", "{days: 60}")
        preview = load(ledger, files, clock(), preview=True)
        assert preview.revision is None
        assert newest(ledger) == 1
        assert told(load(ledger, files, clock()).written) == told(preview.written)


class TestWhatStaffChanged:
    @pytest.fixture
    def terminated(self, ledger: Session, clock: FixedClock) -> Session:
        """Staff learnt of a termination that the files do not know of yet."""
        record(ledger, new_event("mar-aze-2024", Status.TERMINATED, "2026-11-01"), clock())
        return ledger

    def test_is_kept_and_shown_when_files_are_loaded(
        self, terminated: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        report = load(terminated, files, clock())
        assert (report.revision, told(report.written), told(report.kept)) == (None, set(), OF_STAFF)
        assert ask(terminated, "MAR AZE", clock()).best.verdict.answer is AnswerKind.UNKNOWN

    def test_is_kept_while_the_rest_of_the_files_is_loaded(
        self, terminated: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        files.edit("regimes/jor-gbr-eta.yaml", "{months: 6}", "{days: 90}")
        report = load(terminated, files, clock())
        assert report.revision == 3
        assert told(report.written) == {("rule jor-gbr-eta JOR-GBR-ordinary", RecordDifference.CHANGED)}
        assert told(report.kept) == OF_STAFF

    def test_gives_way_where_the_files_are_told_to_win(
        self, terminated: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        report = load(terminated, files, clock(), overwrite_staff=True)
        assert (told(report.written), report.kept) == (OF_STAFF, ())
        assert ask(terminated, "MAR AZE", clock()).best.verdict.requirement is Requirement.VISA_FREE

    def test_is_no_difference_once_the_files_say_the_same(
        self, terminated: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        save_data(export_data(terminated), files.folder)
        assert load(terminated, files, clock()) == LoadReport(None, ())

    def test_and_the_files_together_may_not_make_a_life_that_cannot_be(
        self, ledger: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        """Staff recorded a withdrawal, the files a later signature: loading is refused, and answers go on."""
        record(ledger, new_event("kaz-isr-2026", Status.WITHDRAWN, "2026-11-01"), clock())
        files.edit(
            "regimes/kaz-isr-2026.yaml",
            "source: press}\nrules:",
            "source: press}\n- {status: signed, on: 2026-11-15, source: press}\nrules:",
        )
        with pytest.raises(DomainError, match="kaz-isr-2026"):
            load(ledger, files, clock())
        ledger.rollback()
        assert ask(ledger, "KAZ ISR", clock()).best.verdict.requirement is Requirement.VISA_REQUIRED

    def test_is_not_left_without_its_source_by_the_files(
        self, ledger: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-11-01", "press"), clock())
        files.edit("regimes/kaz-isr-2026.yaml", "  press:\n", "  agency:\n")
        files.edit("regimes/kaz-isr-2026.yaml", "source: press", "source: agency")
        with pytest.raises(DomainError, match="signed-1 cites the source 'press', which is gone"):
            load(ledger, files, clock())
        ledger.rollback()
        assert ask(ledger, "KAZ ISR", clock()).best.edition.revision == 2


class TestThereAndBack:
    def test_the_real_files_come_out_of_the_ledger_byte_for_byte(self, loaded_session: Session, tmp_path: Path) -> None:
        """Into a folder that extends and shares; the texts of the regimes are gone from it, all but what says so."""
        ours = {path.relative_to(DATA): path.read_bytes() for path in [*DATA.rglob("*.yaml"), DATA / "places.csv"]}
        for name, text in ours.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            extends = b"".join(line for line in text.splitlines(keepends=True) if line.startswith(b"extends:"))
            (tmp_path / name).write_bytes(text if name == Path("sources.yaml") else extends)
        save_data(export_data(loaded_session), tmp_path)
        written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert written.keys() == ours.keys()
        assert [name for name in ours if written[name] != ours[name]] == []

    def test_files_read_again_say_what_the_ledger_says(self, loaded_session: Session, tmp_path: Path) -> None:
        known = export_data(loaded_session)
        save_data(known, tmp_path)
        loaded_session.commit()
        again = load_data(loaded_session, read_data(tmp_path), LoadOrder("ana", "Exported"), MORNING)
        assert again == LoadReport(None, ())
        assert save_data(known, tmp_path) == []

    def test_what_staff_recorded_comes_out_too(self, ledger: Session, tmp_path: Path, clock: FixedClock) -> None:
        record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01T15:00:00+02:00"), clock())
        save_data(export_data(ledger), tmp_path)
        text = (tmp_path / "regimes" / "kaz-isr-2026.yaml").read_text("utf-8")
        assert "- status: signed\n  on: 2026-12-01T13:00:00Z\n  source: notice\n" in text
        assert "    url: https://ministry.example/3\n" in text

    def test_an_empty_ledger_has_nothing_to_export(self, session: Session) -> None:
        with pytest.raises(NothingLoaded, match="nothing to export"):
            export_data(session)

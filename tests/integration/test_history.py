"""The history: every change in words, with what stood before it and what it rests on."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import DataFiles, load, new_event, record
from visalookup.domain.lifecycle import Status
from visalookup.services.audit.history import (
    ShownRevision,
    history_of_regime,
    list_history,
    read_filter,
    show_entry,
)
from visalookup.services.audit.history_changes import RecordedChange
from visalookup.services.changes.record_differences import RecordDifference
from visalookup.storage.audit.chain import append_entry, lock_chain
from visalookup.storage.history.entries import HistoryFilter


def newest_revision(session: Session) -> ShownRevision:
    """What the newest entry changed."""
    newest = list_history(session, HistoryFilter(), 1).items[0].number
    shown = show_entry(session, newest).revision
    assert shown is not None
    return shown


def change_of(shown: ShownRevision, noun: str) -> RecordedChange:
    (found,) = (each for each in shown.changes if each.noun == noun)
    return found


def fields(change: RecordedChange) -> dict[str, tuple[str, str]]:
    return {each.label: (each.before, each.after) for each in change.fields}


class TestAChangeIsShownWithWhatStoodBefore:
    def test_rules_that_change_alike_as_one(self, ledger: Session, files: DataFiles, clock: FixedClock) -> None:
        files.edit("regimes/mar-aze-2024.yaml", "stay: {days: 30}", "stay: {days: 90, within_days: 180}")
        load(ledger, files, clock.move(days=1), "The stay was misread")
        shown = newest_revision(ledger)
        change = change_of(shown, "rule")
        assert sorted(change.names) == ["AZE to MAR", "MAR to AZE"]
        assert change.difference is RecordDifference.CHANGED
        assert fields(change) == {"Stay": ("up to 30 days", "up to 90 days in any 180")}
        assert change.reason == "The stay was misread"
        assert [source.title for source in shown.sources] == ["Notice"]
        assert shown.pair in {("AZE", "MAR"), ("MAR", "AZE")}

    def test_a_rule_that_no_longer_holds(self, ledger: Session, files: DataFiles, clock: FixedClock) -> None:
        files.edit(
            "regimes/jor-gbr-eta.yaml",
            "{passports: [JOR], destinations: [GBR], requirement: eta, stay: {months: 6}",
            "{passports: [MAR], destinations: [GBR], requirement: eta, stay: {months: 3}",
        )
        load(ledger, files, clock.move(days=1))
        gone, new = sorted(
            (each for each in newest_revision(ledger).changes if each.noun == "rule"),
            key=lambda each: each.difference is RecordDifference.ADDED,
        )
        assert (gone.names, gone.difference) == (("JOR to GBR",), RecordDifference.RETRACTED)
        assert fields(gone)["Stay"] == ("up to 6 months", "")
        assert (new.names, new.difference) == (("MAR to GBR",), RecordDifference.ADDED)
        assert fields(new)["Stay"] == ("", "up to 3 months")

    def test_a_rule_that_holds_again(self, ledger: Session, files: DataFiles, clock: FixedClock) -> None:
        name = "regimes/jor-gbr-eta.yaml"
        whole = (files.folder / name).read_text("utf-8")
        files.remove(name)
        load(ledger, files, clock.move(days=1))
        assert change_of(newest_revision(ledger), "rule").difference is RecordDifference.RETRACTED
        files.write(name, whole)
        load(ledger, files, clock.move(days=1))
        again = change_of(newest_revision(ledger), "rule")
        assert again.difference is RecordDifference.ADDED
        assert fields(again)["Requirement"] == ("", "Electronic travel authorisation")

    def test_a_step_with_its_date_and_source(self, ledger: Session, clock: FixedClock) -> None:
        end = new_event("jor-gbr-eta", Status.TERMINATED, "2027-03-01T12:00:00+02:00")
        record(ledger, end, clock.move(days=1))
        shown = newest_revision(ledger)
        step = change_of(shown, "timeline entry")
        assert fields(step) == {
            "Status": ("", "Terminated"),
            "Takes effect": ("", "2027-03-01T10:00:00Z"),
            "Source": ("", "notice"),
        }
        assert [source.publisher for source in step.sources] == ["Ministry"]
        assert shown.pair == ("JOR", "GBR"), "whose answer the end of the regime changes"

    def test_places_groups_regimes_and_sources_too(self, ledger: Session, files: DataFiles, clock: FixedClock) -> None:
        files.edit("places.csv", "Israel,,,Asia/Jerusalem", "Israel,,Holy Land|Yisrael,Asia/Jerusalem")
        files.edit("groups.yaml", "Caspian neighbours", "Neighbours of the Caspian")
        files.edit("regimes/kaz-isr-2026.yaml", "Memorandum of intent between", "Memorandum between")
        files.edit("regimes/kaz-isr-2026.yaml", "They signed", "They signed it")
        load(ledger, files, clock.move(days=1))
        shown = newest_revision(ledger)
        found = {each.noun: fields(each) for each in shown.changes}
        assert found["group"] == {"Name": ("Caspian neighbours", "Neighbours of the Caspian")}
        assert found["source"] == {"Title": ("They signed", "They signed it")}
        assert set(found["regime"]) == {"Title"}
        assert found["place"]["Also called"][0] == ""
        assert "Holy Land" in found["place"]["Also called"][1]
        assert {source.title for source in shown.sources} == {"They signed it", "Charter"}


class TestTheList:
    @pytest.fixture
    def busy(self, ledger: Session, clock: FixedClock) -> Session:
        """A load (1), a proposal (2), the step that came of it (3), its publication (4), and a sign-in (5)."""
        lock_chain(ledger)
        details = {"regime": "kaz-isr-2026", "summary": "Signed on 1 December 2026"}
        append_entry(
            ledger, action="proposed", actor="edith", subject="proposal 1", details=details, now=clock.move(days=1)
        )
        record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), clock.move(hours=1))
        lock_chain(ledger)
        append_entry(
            ledger,
            action="published",
            actor="paul",
            subject="proposal 1",
            details={**details, "comment": "Read and found right"},
            now=clock(),
        )
        append_entry(
            ledger,
            action="signed_in",
            actor="edith",
            subject="edith",
            details={"method": "password"},
            now=clock.move(days=1),
        )
        return ledger

    def test_of_a_regime_has_what_names_it_and_what_changed_it(self, busy: Session) -> None:
        assert [(each.number, each.actor) for each in history_of_regime(busy, "kaz-isr-2026")] == [
            (4, "paul"),
            (3, "boris"),
            (2, "edith"),
            (1, "ana"),
        ]
        assert [each.number for each in history_of_regime(busy, "mar-aze-2024")] == [1]
        assert history_of_regime(busy, "no-such-regime") == ()

    def test_says_in_words_what_was_done(self, busy: Session) -> None:
        items = list_history(busy, HistoryFilter(with_accounts=True)).items
        assert [each.summary for each in items] == [
            "Signed in: edith (method password)",
            "Published: Signed on 1 December 2026 (Read and found right)",
            "signed of kaz-isr-2026, effective 2026-12-01 (recorded at the command line,"
            " without a second person) (1 source, 1 timeline entry)",
            "Proposed: Signed on 1 December 2026",
            "Data files loaded (1 group, 6 places, 4 regimes, 11 rules, 5 sources, 6 timeline entries)",
        ]
        assert items[4].regimes == ("isr-visa-policy", "jor-gbr-eta", "kaz-isr-2026", "mar-aze-2024")

    def test_takes_days_of_utc_both_included(self, busy: Session) -> None:
        def numbers(**given: str) -> list[int]:
            wanted = read_filter({name.rstrip("_"): text for name, text in given.items()}, with_accounts=True)
            return [each.number for each in list_history(busy, wanted).items]

        assert numbers(from_="2026-11-24", until="2026-11-24") == [4, 3, 2]
        assert numbers(from_="2026-11-25") == [5]
        assert numbers(until="2026-11-23") == [1]
        assert numbers(actor="edith", action="proposed") == [2]

    def test_leaves_out_what_is_about_accounts_unless_it_is_asked_for(self, busy: Session) -> None:
        assert [each.number for each in list_history(busy, HistoryFilter()).items] == [4, 3, 2, 1]

    def test_turns_from_page_to_page_and_back(self, busy: Session) -> None:
        first = list_history(busy, HistoryFilter(), 2)
        assert ([each.number for each in first.items], first.newer, first.older) == ([4, 3], None, 3)
        second = list_history(busy, HistoryFilter(), 2, before=first.older)
        assert ([each.number for each in second.items], second.newer, second.older) == ([2, 1], 2, None)
        assert list_history(busy, HistoryFilter(), 2, after=second.newer) == first

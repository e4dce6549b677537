"""An outside table is taken in as unverified rules, where nothing better is known, and never unseen."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import DataFiles, ask, load
from visalookup.domain.datasets.outside_table import TableRow, parse_claim
from visalookup.domain.errors import InvalidValue
from visalookup.domain.places import Places
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import Source, SourceKind, VerificationLevel
from visalookup.services.datasets.export_data import export_data
from visalookup.services.datasets.import_table import (
    ImportOrder,
    ImportOutcome,
    ImportReport,
    apply_import,
    preview_import,
)
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage.ledger import latest_edition

INDEX = Source("index", SourceKind.SECONDARY, "An index", "Who needs a visa", "https://index.example/table")
ORDER = ImportOrder(INDEX, "import-index", date(2026, 11, 20), "ana")
TABLE = {
    "GBR AZE": "e-visa",
    "JOR KAZ": "30",
    "MAR AZE": "30",
    "KAZ ISR": "90",
}
"""Two pairs of which the small world knows nothing, one it knows, and one it knows better."""


def rows(places: Places, table: dict[str, str]) -> list[TableRow]:
    found = []
    for pair, said in table.items():
        passport, destination = (places.by_code[code] for code in pair.split())
        claim = parse_claim(said)
        assert claim is not None
        found.append(TableRow(passport, destination, claim))
    return found


def import_table(session: Session, now: datetime, table: dict[str, str], order: ImportOrder = ORDER) -> ImportReport:
    places = RulebookStore().current(session).rulebook.places
    session.commit()
    report = apply_import(session, rows(places, table), order, now)
    session.commit()
    return report


def outcomes(report: ImportReport) -> dict[str, ImportOutcome]:
    return {f"{each.row.passport.code} {each.row.destination.code}": each.outcome for each in report.proposals}


def revision(session: Session) -> int:
    edition = latest_edition(session)
    assert edition is not None
    return edition.revision


class TestThePreview:
    def test_says_what_would_change_and_writes_nothing(self, ledger: Session, clock: FixedClock) -> None:
        places = RulebookStore().current(ledger).rulebook.places
        report = preview_import(ledger, rows(places, TABLE), ORDER, clock())
        assert outcomes(report) == {
            "GBR AZE": ImportOutcome.NEW,
            "JOR KAZ": ImportOutcome.NEW,
            "MAR AZE": ImportOutcome.SAME,
            "KAZ ISR": ImportOutcome.BETTER_VERIFIED,
        }
        assert (report.revision, revision(ledger)) == (None, 1)
        assert ask(ledger, "GBR AZE", clock()).best.verdict.requirement is None


class TestAnAppliedTable:
    def test_answers_where_nothing_was_known_and_says_that_nobody_verified_it(
        self, ledger: Session, clock: FixedClock
    ) -> None:
        assert import_table(ledger, clock.move(hours=1), TABLE).revision == 2
        best = ask(ledger, "JOR KAZ", clock()).best
        assert best.verdict.requirement is Requirement.VISA_FREE
        assert best.verification is not None
        assert best.verification.level is VerificationLevel.UNVERIFIED
        assert [source.url for source in best.sources] == [INDEX.url]

    def test_never_replaces_what_was_verified(self, ledger: Session, clock: FixedClock) -> None:
        import_table(ledger, clock.move(hours=1), TABLE)
        assert ask(ledger, "KAZ ISR", clock()).best.verdict.requirement is Requirement.VISA_REQUIRED

    def test_taken_in_again_changes_nothing(self, ledger: Session, clock: FixedClock) -> None:
        import_table(ledger, clock.move(hours=1), TABLE)
        assert import_table(ledger, clock.move(hours=1), TABLE).revision is None

    def test_in_a_newer_state_replaces_the_older_one(self, ledger: Session, clock: FixedClock) -> None:
        import_table(ledger, clock.move(hours=1), TABLE)
        newer = {pair: said for pair, said in TABLE.items() if pair != "GBR AZE"} | {"JOR KAZ": "visa required"}
        import_table(ledger, clock.move(hours=1), newer)
        assert ask(ledger, "JOR KAZ", clock()).best.verdict.requirement is Requirement.VISA_REQUIRED
        assert ask(ledger, "GBR AZE", clock()).best.verdict.requirement is None

    def test_of_which_nothing_is_left_is_no_longer_held(self, ledger: Session, clock: FixedClock) -> None:
        import_table(ledger, clock.move(hours=1), TABLE)
        assert import_table(ledger, clock.move(hours=1), {"MAR AZE": "30"}).revision == 3
        assert ask(ledger, "JOR KAZ", clock()).best.verdict.requirement is None
        assert all(regime.id != "import-index" for regime in export_data(ledger).regimes)

    def test_is_weighed_against_another_that_is_no_better_verified(self, ledger: Session, clock: FixedClock) -> None:
        import_table(ledger, clock.move(hours=1), TABLE)
        other = ImportOrder(INDEX, "import-other", ORDER.on, "ana")
        report = import_table(ledger, clock.move(hours=1), {"GBR AZE": "eta", "JOR KAZ": "visa required"}, other)
        assert outcomes(report) == {"GBR AZE": ImportOutcome.MORE_FAVOURABLE, "JOR KAZ": ImportOutcome.STRICTER}
        assert ask(ledger, "GBR AZE", clock()).best.verdict.requirement is Requirement.ETA
        assert ask(ledger, "JOR KAZ", clock()).best.verdict.requirement is Requirement.VISA_FREE

    def test_survives_a_load_of_the_files(self, ledger: Session, files: DataFiles, clock: FixedClock) -> None:
        import_table(ledger, clock.move(hours=1), TABLE)
        report = load(ledger, files, clock.move(hours=1))
        assert report.revision is None
        assert Counter(change.kept for change in report.changes)[True] == len(report.changes) > 0

    def test_is_exported_with_the_rest(self, ledger: Session, clock: FixedClock) -> None:
        import_table(ledger, clock.move(hours=1), TABLE)
        [found] = [each for each in export_data(ledger).regimes if each.id == "import-index"]
        assert found.parties == ("AZE", "KAZ")


def test_a_table_never_takes_the_place_of_another_regime(ledger: Session, clock: FixedClock) -> None:
    order = ImportOrder(INDEX, "mar-aze-2024", ORDER.on, "ana")
    with pytest.raises(InvalidValue, match="mar-aze-2024 is already another regime"):
        import_table(ledger, clock(), TABLE, order)
    assert revision(ledger) == 1


def test_a_table_that_says_nothing_new_writes_nothing(ledger: Session, clock: FixedClock) -> None:
    assert import_table(ledger, clock(), {"MAR AZE": "30"}).revision is None
    assert revision(ledger) == 1

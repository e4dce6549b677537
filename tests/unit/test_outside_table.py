"""Somebody else's table, in the vocabulary of the public passport index: read, and set against our answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import PLACES, grant, rulebook
from visalookup.domain.datasets.outside_table import TableClaim, parse_claim
from visalookup.domain.errors import InvalidValue
from visalookup.domain.gazetteer import build_gazetteer
from visalookup.domain.requirements import Requirement, Stay
from visalookup.formats.faults import Fault, FaultyData
from visalookup.formats.outside_table import OutsideTable, read_outside_table
from visalookup.services.datasets.compare_table import TableComparison, compare_table

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEADER = "Passport,Destination,Requirement"
GAZETTEER = build_gazetteer(PLACES.by_code.values())


def table(folder: Path, *lines: str, header: str = HEADER) -> OutsideTable:
    path = folder / "index.csv"
    path.write_text("\n".join([header, *lines, ""]), "utf-8")
    return read_outside_table(path, GAZETTEER.find)


class TestWords:
    @pytest.mark.parametrize(
        ("text", "claim"),
        [
            ("90", TableClaim(Requirement.VISA_FREE, 90)),
            ("visa free", TableClaim(Requirement.VISA_FREE)),
            ("visa on arrival", TableClaim(Requirement.VISA_ON_ARRIVAL)),
            ("eta", TableClaim(Requirement.ETA)),
            ("ETA", TableClaim(Requirement.ETA)),
            ("e-visa", TableClaim(Requirement.E_VISA)),
            (" visa  required ", TableClaim(Requirement.VISA_REQUIRED)),
            ("no admission", TableClaim(Requirement.NO_ADMISSION)),
            ("-1", None),
        ],
    )
    def test_of_the_vocabulary_are_understood(self, text: str, claim: TableClaim | None) -> None:
        assert parse_claim(text) == claim

    @pytest.mark.parametrize("text", ["", "0", "-2", "visa", "90 days", "٣٠", "1" * 5000, "1.5"])
    def test_outside_the_vocabulary_are_refused_with_the_vocabulary(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="not a number of days, -1, or one of: visa free, visa"):
            parse_claim(text)

    @given(st.text())
    def test_never_crash_whatever_they_are(self, text: str) -> None:
        try:
            parse_claim(text)
        except InvalidValue:
            return


class TestReading:
    def test_finds_places_by_code_or_name_and_leaves_citizens_at_home_out(self, tmp_path: Path) -> None:
        found = table(tmp_path, "Kazakhstan,ISR,90", "KAZ,KAZ,-1", "US,United Kingdom,eta")
        assert [(each.passport.code, each.destination.code) for each in found.rows] == [
            *(("KAZ", "ISR"), ("USA", "GBR"))
        ]

    def test_tells_which_names_are_no_place(self, tmp_path: Path) -> None:
        found = table(tmp_path, "Atlantis,ISR,90", "Atlantis,JPN,90", "KAZ,ISR,90")
        assert list(found.unknown_places) == ["Atlantis"]
        assert len(found.rows) == 1

    def test_tells_every_line_it_does_not_understand(self, tmp_path: Path) -> None:
        with pytest.raises(FaultyData) as refused:
            table(tmp_path, "KAZ,ISR,maybe", "KAZ,ISR", "KAZ,ISR,1,2", "KAZ,JPN,30", "KAZ,Japan,30")
        faults = refused.value.faults
        assert [fault.line for fault in faults] == [2, 3, 4, 6]
        assert "'maybe' is not" in faults[0].message
        assert faults[1].message == faults[2].message == "A line has 3 values."
        assert faults[3].message == "KAZ to Japan stands in the table twice."

    def test_wants_the_three_columns(self, tmp_path: Path) -> None:
        with pytest.raises(FaultyData) as refused:
            table(tmp_path, header="from,to,what")
        assert refused.value.faults == [Fault("index.csv", 1, f"The first line must be {HEADER}.")]

    def test_reads_what_a_spreadsheet_saved(self, tmp_path: Path) -> None:
        path = tmp_path / "index.csv"
        path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\nKAZ,ISR,90\r\n".encode())
        assert len(read_outside_table(path, GAZETTEER.find).rows) == 1

    def test_says_when_the_file_is_no_text(self, tmp_path: Path) -> None:
        path = tmp_path / "index.csv"
        path.write_bytes(b"PK\x03\x04\xff\xfe")
        with pytest.raises(FaultyData, match="1 fault found"):
            read_outside_table(path, GAZETTEER.find)


class TestComparing:
    @pytest.fixture
    def found(self, tmp_path: Path) -> TableComparison:
        book = rulebook(
            grant("freedom_of_movement", passport="DEU", destination="FRA", id_="a", stay=Stay(unlimited=True)),
            grant("eta", passport="USA", destination="GBR", id_="b", stay=Stay(days=180)),
            grant("e_visa", passport="KAZ", destination="JPN", id_="c", stay=Stay(days=30)),
            grant("visa_required", passport="KAZ", destination="ISR", id_="d"),
        )
        rows = table(
            tmp_path,
            *("DEU,FRA,visa free", "USA,GBR,90", "KAZ,JPN,visa required", "KAZ,ISR,90", "KAZ,FRA,visa required"),
        ).rows
        return compare_table(book, rows, None, NOW)

    def test_counts_free_movement_as_visa_free_and_the_unknown_as_no_agreement(self, found: TableComparison) -> None:
        assert found.class_agreement == 1 / 5
        assert found.need_agreement == 4 / 5, "only the Kazakh at Israel would be sent off wrongly"

    def test_shows_which_class_meets_which(self, found: TableComparison) -> None:
        assert found.confusion == {
            (Requirement.VISA_FREE, Requirement.VISA_FREE): 1,
            (Requirement.VISA_FREE, Requirement.ETA): 1,
            (Requirement.VISA_REQUIRED, Requirement.E_VISA): 1,
            (Requirement.VISA_FREE, Requirement.VISA_REQUIRED): 1,
            (Requirement.VISA_REQUIRED, None): 1,
        }

    def test_lists_the_differences_and_where_they_gather(self, found: TableComparison) -> None:
        pairs = [(each.row.passport.code, each.row.destination.code) for each in found.differences]
        assert pairs == [("KAZ", "FRA"), ("USA", "GBR"), ("KAZ", "ISR"), ("KAZ", "JPN")]
        worst = [(place.code, different, compared) for place, different, compared in found.most_different(1)]
        assert worst == [("FRA", 1, 2)]

    def test_of_an_empty_table_agrees_on_nothing(self) -> None:
        nothing = compare_table(rulebook(), [], None, NOW)
        assert (nothing.class_agreement, nothing.need_agreement) == (0.0, 0.0)

"""The commands that print, compare and take in whole tables."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.integration.command_line import CommandLine

SOURCE = (
    *("--source", "index", "--publisher", "An index", "--title", "Who needs a visa", "--kind", "secondary"),
    *("--url", "https://index.example/table"),
)


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Somebody's table of a few pairs of the small world."""
    path = tmp_path / "table.csv"
    lines = ("Passport,Destination,Requirement", "Jordan,GBR,eta", "KAZ,Israel,90", "GBR,AZE,e-visa", "ISR,ISR,-1")
    path.write_text("\n".join((*lines, "Atlantis,ISR,eta", "")), "utf-8")
    return str(path)


class TestMatrix:
    def test_prints_every_pair_as_csv(self, small: CommandLine) -> None:
        rows = list(csv.DictReader(io.StringIO(small.says("matrix"))))
        assert len(rows) == 6 * 6
        assert {
            "passport": "MAR",
            "destination": "AZE",
            "requirement": "visa_free",
            "stay_days": "30",
            "within_days": "",
            "verification": "secondary",
            "regime": "mar-aze-2024",
        } in rows

    def test_prints_the_same_as_json(self, small: CommandLine) -> None:
        rows = json.loads(small.says("matrix", "--format", "json"))
        flat = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
        assert flat == list(csv.DictReader(io.StringIO(small.says("matrix"))))

    def test_prints_another_day(self, small: CommandLine) -> None:
        assert "MAR,AZE,visa_free" not in small.says("matrix", "--on", "2024-08-27")
        assert "MAR,AZE,visa_free" in small.says("matrix", "--on", "2024-08-28")

    def test_says_what_a_day_is(self, small: CommandLine) -> None:
        result = small.run("matrix", "--on", "tomorrow")
        assert result.exit_code == 2
        assert "'tomorrow' is not a day; write it as 2024-08-28." in result.stderr


class TestCoverage:
    def test_counts_and_names_the_oldest_first(self, small: CommandLine) -> None:
        lines = small.says("data", "coverage").splitlines()
        [pairs] = [line for line in lines if "All, without citizens at home" in line]
        assert pairs.split()[-2:] == ["30", "30"]
        order = [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in {"AZE", "ISR", "KAZ"}]
        assert order[0] == "KAZ", "nothing in force is known of Kazakhstan"


class TestCompare:
    def test_measures_agreement_and_shows_where_it_fails(self, small: CommandLine, table: str) -> None:
        said = small.says("data", "compare", table)
        assert "3 pairs compared." in said
        assert "Same class: 33.3%" in said
        assert "Same on “visa-free or ETA, or not”: 66.7%" in said
        assert "'Atlantis' is not a place we know" in said
        assert ["visa", "free", "0", "0", "0", "0", "1", "0", "0"] in [line.split() for line in said.splitlines()]

    def test_lists_every_difference(self, small: CommandLine, table: str) -> None:
        assert small.says("data", "compare", table, "--list").splitlines() == [
            "passport,destination,theirs,ours,verification,regime",
            "GBR,AZE,e_visa,unknown,,",
            "KAZ,ISR,visa_free,visa_required,secondary,isr-visa-policy",
        ]

    def test_tells_the_lines_it_does_not_understand(self, small: CommandLine, tmp_path: Path) -> None:
        (tmp_path / "bad.csv").write_text("Passport,Destination,Requirement\nKAZ,ISR,perhaps\n", "utf-8")
        result = small.run("data", "compare", str(tmp_path / "bad.csv"))
        assert result.exit_code == 1
        assert result.stderr.startswith("bad.csv:2: 'perhaps' is not a number of days")


class TestImport:
    def test_previews_and_applies_only_when_told(self, small: CommandLine, table: str) -> None:
        preview = small.says("data", "import", table, *SOURCE)
        assert "Nothing was known, would be answered: 1\n" in preview
        assert "  GBR to AZE: unknown becomes e_visa\n" in preview
        assert preview.endswith("Nothing was written.\n")
        assert "We do not know" in small.says("ask", "GBR", "AZE")
        assert small.says("data", "import", table, *SOURCE, "--apply").endswith("Revision 2 written.\n")
        assert "Checked: unverified" in small.says("ask", "GBR", "AZE")

    def test_wants_the_whole_source(self, small: CommandLine, table: str) -> None:
        assert "needs --publisher, --title" in small.refuses("data", "import", table, "--source", "index")

    def test_wants_an_id_that_can_be_a_file(self, small: CommandLine, table: str) -> None:
        told = small.refuses("data", "import", table, *SOURCE, "--regime", "../etc")
        assert told.startswith("'../etc' cannot be an id")

"""The command line on a real SQLite file: answers on standard output, and errors as one line on the other."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import MakeDatabase
from tests.integration.command_line import CommandLine
from tests.integration.world import FILES, DataFiles
from visalookup.storage.migrations import expected_schema

PROGRAM = Path(sys.executable).with_name("visalookup")
A_TERMINATION = (
    *("regime", "add-event", "mar-aze-2024", "--status", "terminated", "--on", "2026-11-01"),
    *("--source", "notice", "--publisher", "Ministry", "--title", "Denunciation", "--kind", "official"),
    *("--url", "https://ministry.example/3"),
)


class TestAsk:
    def test_names_what_is_needed_at_check_in_and_who_says_so(self, real: CommandLine) -> None:
        said = real.says("ask", "FRA", "Kenya", "--on", "2027-01-10")
        by = "(Australian Government, Smartraveller, as it stood in 2025)"
        asked = "A passport must be valid for six months after you arrive and have two blank pages."
        assert f"  At check-in: {asked} {by}" in said
        assert "  Apply: https://www.etakenya.go.ke/ (Pulse Kenya)" in said

    def test_answers_in_a_sentence_with_its_source_and_what_is_announced(self, real: CommandLine) -> None:
        said = real.says("ask", "KAZ", "Israel", "--on", "2026-11-23")
        assert said.startswith("Yes. With an ordinary passport of Kazakhstan you need a visa for Israel")
        assert "  Source: " in said
        assert "https://" in said
        assert "Announced, not in force: A memorandum of intent" in said

    def test_answers_for_every_passport_held_the_best_first(self, real: CommandLine) -> None:
        said = real.says("ask", "KAZ", "ISR", "--also", "DEU", "--on", "2026-11-23")
        assert said.index("Germany") < said.index("Kazakhstan")

    def test_prints_the_answer_as_the_json_interface_gives_it(self, real: CommandLine) -> None:
        answer = json.loads(real.says("ask", "MAR", "AZE", "--on", "2024-08-27", "--json"))
        assert (answer["passport"]["code"], answer["destination"]["code"]) == ("MAR", "AZE")
        assert answer["on"] == "2024-08-27"
        assert [each["regime"]["id"] for each in answer["pending"]] == ["mar-aze-2024"]
        day_after = json.loads(real.says("ask", "MAR", "AZE", "--on", "2024-08-28", "--json"))
        assert (day_after["answer"], day_after["regime"]["id"]) == ("no", "mar-aze-2024")

    def test_suggests_a_place_for_one_it_does_not_know(self, real: CommandLine) -> None:
        line = real.refuses("ask", "Kazahstan", "Isreal")
        assert line.startswith("passport: ")
        assert "Kazakhstan" in line
        assert "destination: " in line
        assert "Israel" in line

    @pytest.mark.parametrize(
        ("words", "fault"),
        [
            (("--on", "tomorrow"), "on: 'tomorrow' is not a day"),
            (("--as-of", "2126-01-01T00:00:00Z"), "as_of: "),
            (("--document", "library-card"), "document: 'library-card' is not a document type"),
            (("--stay-days", "0"), "stay_days: '0' is not a number of days"),
        ],
    )
    def test_says_which_part_of_the_question_is_wrong(
        self, real: CommandLine, words: tuple[str, ...], fault: str
    ) -> None:
        assert real.refuses("ask", "KAZ", "ISR", *words).startswith(fault)

    def test_of_an_empty_database_says_what_to_run(self, make_sqlite: MakeDatabase, sqlite_template: str) -> None:
        line = CommandLine(make_sqlite(sqlite_template))
        assert "visalookup data load" in line.refuses("ask", "KAZ", "ISR")


class TestDatabase:
    def test_is_made_and_upgraded_where_there_was_none(self, empty: CommandLine) -> None:
        assert "visalookup db upgrade" in empty.refuses("ask", "KAZ", "ISR")
        assert empty.says("db", "upgrade") == f"The database is now on schema {expected_schema()}.\n"
        assert empty.says("db", "upgrade") == f"The database is on schema {expected_schema()}.\n"

    def test_that_cannot_be_reached_is_told_without_its_password(self) -> None:
        line = CommandLine("postgresql://somebody:s3cret@127.0.0.1:1/nowhere").refuses("ask", "KAZ", "ISR")
        assert "check DATABASE_URL" in line
        assert "s3cret" not in line

    def test_of_another_kind_is_refused(self) -> None:
        assert "DATABASE_URL" in CommandLine("mysql://somebody@host/name").refuses("db", "upgrade")


class TestData:
    def test_check_counts_what_it_found(self, small: CommandLine) -> None:
        assert small.says("data", "check").startswith("No faults: 6 places, 1 groups, 4 regimes, ")

    def test_check_names_every_fault_with_file_and_line(self, small: CommandLine, files: DataFiles) -> None:
        files.edit("regimes/mar-aze-2024.yaml", "status: in_force", "status: ratified")
        files.edit("regimes/jor-gbr-eta.yaml", "[JOR]", "[ATL]")
        result = small.run("data", "check")
        assert result.exit_code == 1
        faults = result.stderr.splitlines()
        assert [each.partition(":")[0] for each in faults[:-1]] == [
            "regimes/jor-gbr-eta.yaml",
            "regimes/mar-aze-2024.yaml",
        ]
        assert all(each.split(":")[1].isdigit() for each in faults[:-1])
        assert faults[-1] == "Error: 2 faults found"
        assert isinstance(result.exception, SystemExit)

    def test_format_writes_the_canonical_form_once(self, small: CommandLine) -> None:
        assert "formatted regimes/mar-aze-2024.yaml\n" in small.says("data", "format")
        assert small.says("data", "format") == "Every file is in canonical form.\n"
        assert small.says("data", "load") == "Nothing differs: the database contains everything in the files.\n"

    def test_load_says_what_it_changed_and_preview_what_it_would(self, small: CommandLine, files: DataFiles) -> None:
        files.edit("places.csv", "Morocco,,,", "Morocco,,Maroc,")
        preview = small.says("data", "load", "--preview")
        assert "would be changed\n  changed: place MAR\n" in preview
        loaded = small.says("data", "load")
        assert loaded.endswith("changed\n  changed: place MAR\nRevision 2 written.\n")

    def test_load_keeps_what_staff_changed_and_says_so(self, small: CommandLine) -> None:
        small.says(*A_TERMINATION)
        kept = small.says("data", "load")
        assert "kept as staff changed it, though the files differ (retracted): timeline entry mar-aze-2024" in kept
        assert "Revision 3 written." in small.says("data", "load", "--overwrite-staff", "--reason", "A mistake")

    def test_export_writes_what_the_database_knows(self, small: CommandLine, tmp_path: Path) -> None:
        small.says("data", "format")
        exported = tmp_path / "exported"
        assert f"Wrote {len(FILES)} files" in small.says("data", "export", str(exported)).replace("\n", " ")
        for name in FILES:
            assert (exported / name).read_bytes() == (small.folder / name).read_bytes()

    def test_a_folder_that_is_not_there_is_refused(self, small: CommandLine, tmp_path: Path) -> None:
        assert "--folder" in small.refuses("data", "load", "--folder", str(tmp_path / "nowhere"))


class TestRegime:
    def test_list_shows_where_each_stands(self, small: CommandLine) -> None:
        listed = small.says("regime", "list").splitlines()
        assert len(listed) == 4
        assert [each.split()[0] for each in small.says("regime", "list", "--party", "Kazakhstan").splitlines()] == [
            "kaz-isr-2026"
        ]
        assert "mar-aze-2024" in small.says("regime", "list", "--status", "in_force")
        assert "'dormant' is not a status" in small.refuses("regime", "list", "--status", "dormant")

    def test_show_tells_its_life_its_sources_and_its_next_steps(self, small: CommandLine) -> None:
        shown = small.says("regime", "show", "mar-aze-2024")
        assert "bilateral agreement, version 1" in shown
        assert "Ratified by AZE" in shown
        assert "MAR to AZE: " in shown
        assert "Next step: suspended, terminated" in shown
        assert "no-such-regime" in small.refuses("regime", "show", "no-such-regime")

    def test_add_event_moves_it_and_the_next_answer_shows_it(self, small: CommandLine) -> None:
        said = small.says(*A_TERMINATION, "--if-version", "1")
        assert said == "mar-aze-2024: terminated, effective 2026-11-01. Revision 2 written.\n"
        answer = json.loads(small.says("ask", "MAR", "AZE", "--on", "2026-11-02", "--json"))
        assert (answer["answer"], answer["revision"]) == ("unknown", 2)
        assert [each["regime"]["id"] for each in answer["ended"]] == ["mar-aze-2024"]

    def test_add_event_refuses_a_step_that_may_not_follow(self, small: CommandLine) -> None:
        step = ("--status", "in_force", "--on", "2026-12-01", "--source", "press")
        line = small.refuses("regime", "add-event", "kaz-isr-2026", *step)
        assert "may only become signed, withdrawn" in line
        assert "version 1" in small.says("regime", "show", "kaz-isr-2026")

    def test_add_event_refuses_who_has_not_seen_the_latest_version(self, small: CommandLine) -> None:
        small.says(*A_TERMINATION)
        step = ("--milestone", "notified", "--on", "2026-11-02", "--source", "press", "--if-version", "1")
        assert "is at version 2, not 1" in small.refuses("regime", "add-event", "mar-aze-2024", *step)

    @pytest.mark.parametrize(
        ("words", "fault"),
        [
            (("--status", "terminated", "--on", "soon", "--source", "press"), "'soon' is not a date"),
            (("--status", "terminated", "--on", "2026-12-01", "--source", "hearsay"), "no source 'hearsay'"),
            (("--on", "2026-12-01", "--source", "press"), "which milestone was reached: one of the two"),
            (
                ("--status", "terminated", "--on", "2026-12-01", "--source", "x", "--publisher", "Y"),
                "A new source needs",
            ),
            (
                (
                    "--status",
                    "terminated",
                    "--on",
                    "2026-12-01",
                    "--source",
                    "press",
                    "--transition-until",
                    "2027",
                ),
                "A transition needs both",
            ),
        ],
    )
    def test_add_event_says_what_is_wrong(self, small: CommandLine, words: tuple[str, ...], fault: str) -> None:
        assert fault in small.refuses("regime", "add-event", "mar-aze-2024", *words)


class TestTheProgramItself:
    """As installed, in a process of its own."""

    def run(self, url: str, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DATABASE_URL": url}
        return subprocess.run(  # noqa: S603 - our own program
            [PROGRAM, *words], env=environment, capture_output=True, text=True, check=False
        )

    def test_answers_and_leaves_the_database_as_it_was(self, real: CommandLine, tmp_path: Path) -> None:
        path = tmp_path / "copy.sqlite"
        shutil.copy(real.url.removeprefix("sqlite:///"), path)
        done = self.run(f"sqlite:///{path}", "ask", "MAR", "AZE", "--on", "2024-08-28")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("No. ")
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM revision").fetchone() == (1,)

    def test_fails_with_one_line_and_without_a_traceback(self, real: CommandLine) -> None:
        done = self.run(real.url, "ask", "Atlantis", "AZE")
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("Error: passport: ")

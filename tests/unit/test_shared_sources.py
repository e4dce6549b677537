"""Sources that several files cite alike, in a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import BLOCS, WORLD
from tests.unit.file_texts import POLICY, POLICY_FILE, WAIVER, WAIVER_FILE, changed
from tests.unit.file_texts import faults as faults_of_text
from visalookup.domain.datasets.dataset import DataSet
from visalookup.formats.data_folder import read_data
from visalookup.formats.faults import Fault, FaultyData
from visalookup.formats.to_payload import save_data

AUTHORITY = """\
  authority:
    kind: official
    publisher: Population and Immigration Authority
    title: Entry to Israel
    url: https://authority.example/entry
    accessed_on: 2026-11-23
"""
SHARED = "\n".join(line.removeprefix("  ") for line in AUTHORITY.splitlines()) + "\n"
CITING = changed(POLICY, AUTHORITY, "  authority: shared\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder in which a policy cites a shared source."""
    save_data(DataSet(WORLD, BLOCS), tmp_path)
    write(tmp_path, WAIVER_FILE, WAIVER)
    write(tmp_path, POLICY_FILE, CITING)
    write(tmp_path, "sources.yaml", SHARED)
    save_data(read_data(tmp_path), tmp_path)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")


def faults(folder: Path) -> list[Fault]:
    with pytest.raises(FaultyData) as refused:
        read_data(folder)
    return refused.value.faults


def test_a_shared_source_is_one_of_the_regime_like_any_other(folder: Path) -> None:
    before = read_data(folder)
    write(folder, POLICY_FILE, POLICY)
    (folder / "sources.yaml").unlink()
    assert read_data(folder) == before


def test_what_is_shared_stays_so_when_the_files_are_written(folder: Path) -> None:
    assert (folder / POLICY_FILE).read_text("utf-8") == CITING
    assert (folder / "sources.yaml").read_text("utf-8") == SHARED
    assert save_data(read_data(folder), folder) == []


def test_a_source_that_reads_exactly_so_is_shared_when_the_file_is_written(folder: Path) -> None:
    data = read_data(folder)
    write(folder, POLICY_FILE, POLICY)
    assert save_data(data, folder) == [POLICY_FILE]
    assert (folder / POLICY_FILE).read_text("utf-8") == CITING


def test_a_source_that_reads_otherwise_is_written_out_and_the_shared_one_goes(folder: Path, tmp_path: Path) -> None:
    write(folder, POLICY_FILE, changed(POLICY, "Entry to Israel", "Entering Israel"))
    (folder / "sources.yaml").unlink()
    data = read_data(folder)
    write(folder, "sources.yaml", SHARED)
    assert save_data(data, folder) == ["sources.yaml"]
    assert (folder / "sources.yaml").read_text("utf-8") == "{}\n"
    assert read_data(folder) == data


def test_without_a_file_of_shared_sources_none_is_made(folder: Path, tmp_path: Path) -> None:
    save_data(read_data(folder), tmp_path / "empty")
    assert not (tmp_path / "empty" / "sources.yaml").exists()
    assert (tmp_path / "empty" / POLICY_FILE).read_text("utf-8") == POLICY


def test_a_key_under_which_nothing_is_shared_is_reported_with_its_line(folder: Path) -> None:
    write(folder, POLICY_FILE, changed(CITING, "  authority: shared\n", "  authority: shared\n  mfa: shared\n"))
    message = "No source is shared under the key 'mfa'; write it here, or in sources.yaml."
    assert faults(folder) == [Fault(POLICY_FILE, CITING[: CITING.index("  authority: sh")].count("\n") + 2, message)]


FAULTS = [
    (f"{SHARED}mfa: shared\n", 7, "mfa: "),
    (SHARED.replace("official", "blog"), 2, "'blog' is not one of"),
    (SHARED.replace("authority:", "Authority:"), 2, "Use lower-case letters"),
    (SHARED.replace("  title: Entry to Israel\n", ""), 2, "This is missing."),
    ("- authority\n", 1, "Not a valid mapping"),
    ("authority: [", 2, "This is not YAML"),
]


@pytest.mark.parametrize(("text", "line", "message"), FAULTS)
def test_a_fault_of_a_shared_source_is_reported_with_its_line(folder: Path, text: str, line: int, message: str) -> None:
    write(folder, "sources.yaml", text)
    found = [fault for fault in faults(folder) if fault.file == "sources.yaml"]
    assert [(fault.line, message in fault.message) for fault in found] == [(line, True)]


def test_a_source_that_no_file_shares_is_a_leftover(folder: Path) -> None:
    spare = SHARED.replace("authority:", "spare:")
    write(folder, "sources.yaml", SHARED + spare)
    assert faults(folder) == [Fault("sources.yaml", 8, "The source 'spare' is shared by no file.")]


def test_a_file_on_its_own_cannot_leave_a_source_to_others() -> None:
    [found] = faults_of_text(POLICY_FILE, CITING)
    assert found.message == "Write the source 'authority' in full: this file has to stand on its own."


def test_a_key_that_is_no_text_is_a_fault_beside_a_shared_source() -> None:
    text = changed(CITING, "  authority: shared\n", "  authority: shared\n  5: shared\n")
    assert faults_of_text(POLICY_FILE, text)

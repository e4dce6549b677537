"""Faults of the places, the groups, and the data folder as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import BLOCS, WORLD
from tests.unit.file_texts import POLICY, POLICY_FILE, WAIVER, WAIVER_FILE, changed, line_of
from visalookup.domain.datasets.dataset import DataSet
from visalookup.formats.data_folder import read_data, read_places
from visalookup.formats.faults import Fault, FaultyData
from visalookup.formats.to_payload import save_data

KAZ = "KAZ,KZ,,state,,Kazakhstan,,Republic of Kazakhstan;Kazakstan,Asia/Almaty,,"
XXB = "XXB,,,document,,Refugee (1951 Convention),,,,,"
GRL = "GRL,GL,,territory,DNK,Greenland,,,America/Nuuk,,"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder without a fault."""
    save_data(DataSet(WORLD, BLOCS), tmp_path)
    for name, text in ((WAIVER_FILE, WAIVER), (POLICY_FILE, POLICY)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def edit(folder: Path, name: str, old: str, new: str) -> str:
    text = changed((folder / name).read_text("utf-8"), old, new)
    (folder / name).write_text(text, "utf-8")
    return text


def faults(folder: Path) -> list[Fault]:
    with pytest.raises(FaultyData) as refused:
        read_data(folder)
    return refused.value.faults


def test_a_folder_without_a_fault_is_read(folder: Path) -> None:
    assert [regime.id for regime in read_data(folder).regimes] == ["isr-visa-policy", "mar-aze-2024"]


FAULTS_OF_PLACES = [
    pytest.param(KAZ, KAZ.replace("Asia/Almaty", "Asia/Astana"), "'Asia/Astana' is not an IANA", id="no such zone"),
    pytest.param(KAZ, KAZ.replace("Asia/Almaty", "Asia"), "'Asia' is not an IANA time zone", id="a folder of zones"),
    pytest.param(KAZ, KAZ.replace("Asia/Almaty", "../Almaty"), "is not an IANA time zone", id="a path"),
    pytest.param(KAZ, KAZ.replace("Asia/Almaty", ""), "A place needs a time zone", id="no zone"),
    pytest.param(XXB, XXB.replace(",,,,,", ",,,UTC,,"), "a document has none", id="zone of a document"),
    pytest.param(KAZ, KAZ.replace("state", "country"), "'country' is not one of state, territory", id="kind"),
    pytest.param(KAZ, KAZ.replace("Kazakhstan,,Rep", ",,Rep"), "A place needs a name and a code", id="no name"),
    pytest.param(KAZ, KAZ.replace("KAZ", "KA"), "a code of three letters", id="short code"),
    pytest.param(KAZ, KAZ.replace("KAZ", "kaz"), "a code of three letters", id="code in small letters"),
    pytest.param(KAZ, f"{KAZ}https://x.example", "both a name and an address", id="half an authority"),
    pytest.param(KAZ, KAZ[:-1], "A row has 11 values", id="short row"),
    pytest.param(KAZ, f"{KAZ},x", "A row has 11 values", id="long row"),
    pytest.param(
        GRL, GRL.replace("DNK", "DNX"), "citizens_of names DNX, which is not listed", id="citizens of nowhere"
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS_OF_PLACES)
def test_a_fault_of_a_place_is_told_with_its_line(folder: Path, old: str, new: str, message: str) -> None:
    text = edit(folder, "places.csv", old, new)
    found = [fault for fault in faults(folder) if fault.file == "places.csv"]
    assert message in found[0].message
    assert found[0].line == line_of(text, new[:7])


def test_a_place_listed_twice_is_told(folder: Path) -> None:
    text = edit(folder, "places.csv", XXB, f"{XXB}\n{XXB}")
    with pytest.raises(FaultyData) as refused:
        read_places(folder)
    assert refused.value.faults == [Fault("places.csv", len(text.splitlines()), "XXB is listed twice.")]


def test_the_columns_of_the_places_are_fixed(folder: Path) -> None:
    edit(folder, "places.csv", "code,alpha2", "code,iso2")
    first = next(fault for fault in faults(folder) if fault.file == "places.csv")
    assert (first.line, first.message.split(",")[0]) == (1, "The columns must be code")


FAULTS_OF_GROUPS = [
    pytest.param("[DEU, FRA, IRL]", "[DEU, FRA, ISL]", "ISL is not the code of a place", id="unknown member"),
    pytest.param("[DEU, FRA, IRL]", "[DEU, NORTH]", "NORTH is not the code of a place", id="a group in a group"),
    pytest.param("[DEU, FRA, IRL]", "[DEU, DEU]", "DEU", id="a member twice"),
    pytest.param("[DEU, FRA, IRL]", "[]", "must not be empty", id="no member"),
    pytest.param("IRL]", "{code: ISL, from: 2023-01-01}]", "ISL is not the code of a place", id="unknown dated member"),
    pytest.param(
        "IRL]", "{code: IRL, from: 2023-01-01, until: 2022-01-01}]", "before it begins", id="left before it joined"
    ),
    pytest.param("IRL]", "{code: IRL, since: 2023-01-01}]", "since", id="a member with an unknown key"),
    pytest.param("IRL]", "{code: IRL, from: 2023}]", "'2023' is not a day", id="joined in a year"),
    pytest.param("IRL]", "{code: IRL, from: 2023-01-01, source: treaty}]", "is not a key under", id="no such source"),
    pytest.param("code: EUROPE", "code: KAZ", "KAZ is the code of a place", id="code of a place"),
    pytest.param("code: EUROPE", "code: ALL", "ALL is the code of a place, or built in", id="built in"),
    pytest.param("code: EUROPE", "code: REST", "REST is the code of a place, or built in", id="a group of lists"),
    pytest.param("code: EUROPE", "code: NORTH", "NORTH", id="group twice"),
    pytest.param("code: EUROPE", "code: Europe", "code: ", id="small letters"),
    pytest.param("kind: official", "kind: blog", "'blog' is not one of official, secondary", id="kind of source"),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS_OF_GROUPS)
def test_a_fault_of_a_group_is_told_with_its_line(folder: Path, old: str, new: str, message: str) -> None:
    edit(folder, "groups.yaml", old, new)
    found = [fault for fault in faults(folder) if fault.file == "groups.yaml"]
    assert message in found[0].message


def test_the_faults_of_all_files_are_told_at_once_in_order(folder: Path) -> None:
    edit(folder, WAIVER_FILE, "[AZE, MAR]", "[AZE, XYZ]")
    edit(folder, POLICY_FILE, "[KAZ]", "[XYZ]")
    edit(folder, "groups.yaml", "kind: official", "kind: blog")
    found = faults(folder)
    assert found == sorted(found)
    assert {fault.file for fault in found} == {WAIVER_FILE, POLICY_FILE, "groups.yaml"}


def test_a_file_that_is_not_utf_8_is_a_fault_and_never_a_crash(folder: Path) -> None:
    (folder / WAIVER_FILE).write_bytes(WAIVER.replace("Agreement", "Übereinkunft").encode("latin-1"))
    assert [fault.file for fault in faults(folder)] == [WAIVER_FILE]


@pytest.mark.parametrize("name", ["places.csv", "groups.yaml"])
def test_a_folder_without_its_places_or_groups_is_a_fault_and_never_a_crash(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in {fault.file for fault in faults(folder)}


def test_two_files_with_one_id_are_told(folder: Path) -> None:
    """A policy takes its id from its destination; a regime's file may not take the same."""
    text = changed(WAIVER, "id: mar-aze-2024", "id: isr-visa-policy")
    (folder / "regimes/isr-visa-policy.yaml").write_text(text, "utf-8")
    assert any("isr-visa-policy" in fault.message for fault in faults(folder))


def test_the_refusal_counts_the_faults(folder: Path) -> None:
    edit(folder, WAIVER_FILE, "id: mar-aze-2024", "id: mar-aze")
    with pytest.raises(FaultyData, match=r"^1 fault found$"):
        read_data(folder)

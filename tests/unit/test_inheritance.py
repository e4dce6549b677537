"""Files that extend another: what they take over, what they say of their own, and what is written of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import BLOCS, WORLD
from tests.unit.file_texts import POLICY, POLICY_FILE, changed, line_of
from tests.unit.file_texts import faults as faults_of_text
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.regimes import Regime, Rule
from visalookup.formats.data_folder import read_data
from visalookup.formats.faults import Fault, FaultyData
from visalookup.formats.inheritance import abridge, extend
from visalookup.formats.to_payload import save_data
from visalookup.formats.yaml_dialect import parse_document, write_document

CHILD_FILE = "destinations/GRL.yaml"
HEAD = """\
destination: GRL
extends: ISR
title: Visa policy of Greenland
"""
OWN_LIST = """\
- passports: [JPN]
  requirement: visa_free
  stay: {days: 14}
  source: authority
"""
OTHER_SOURCE = """\
sources:
  gazette:
    kind: official
    publisher: Gazette
    title: Order on entry
    url: https://gazette.example
    accessed_on: 2026-11-23
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder in which one file can be extended."""
    save_data(DataSet(WORLD, BLOCS), tmp_path)
    (tmp_path / "destinations").mkdir()
    (tmp_path / POLICY_FILE).write_text(POLICY, "utf-8")
    return tmp_path


def child(folder: Path, more: str = "", head: str = HEAD) -> tuple[Regime, list[Rule]]:
    """Greenland's policy, which extends Israel's."""
    (folder / CHILD_FILE).write_text(head + more, "utf-8")
    data = read_data(folder)
    [regime] = [regime for regime in data.regimes if regime.policy_of == "GRL"]
    return regime, [rule for rule in data.rules if rule.regime_id == regime.id]


def faults(folder: Path, more: str = "", head: str = HEAD) -> list[Fault]:
    with pytest.raises(FaultyData) as refused:
        child(folder, more, head)
    return refused.value.faults


def granted(rules: list[Rule]) -> dict[str, str]:
    """What each passport is given, leaving the default aside."""
    return {rule.passport: str(rule.terms.requirement) for rule in rules if rule.passport_group != "ALL"}


class TestWhatIsTakenOver:
    def test_is_all_but_the_title_and_the_note(self, folder: Path) -> None:
        regime, rules = child(folder)
        mother = next(regime for regime in read_data(folder).regimes if regime.policy_of == "ISR")
        assert (regime.authority, regime.sources) == (mother.authority, mother.sources)
        assert (regime.verification, regime.timeline) == (mother.verification, mother.timeline)
        assert (regime.id, regime.title, regime.note) == ("grl-visa-policy", "Visa policy of Greenland", None)
        assert granted(rules) == {"DEU": "visa_free", "FRA": "visa_free", "CAN": "visa_free", "KAZ": "e_visa"}
        assert {str(rule.terms.requirement) for rule in rules if rule.passport == "ISR"} == {"visa_required"}

    def test_gives_way_to_what_the_file_states(self, folder: Path) -> None:
        default = f"{OTHER_SOURCE}default:\n  requirement: no_admission\n  source: gazette\n"
        regime, rules = child(folder, default)
        assert {str(rule.terms.requirement) for rule in rules if rule.passport == "MEX"} == {"no_admission"}
        assert set(regime.sources) == {"authority", "gazette"}

    def test_gets_lists_added(self, folder: Path) -> None:
        _, rules = child(folder, f"lists:\n{OWN_LIST}")
        assert granted(rules)["JPN"] == "visa_free"
        assert granted(rules)["KAZ"] == "e_visa"

    def test_leaves_out_the_lists_that_do_not_hold(self, folder: Path) -> None:
        _, rules = child(folder, "without:\n- {passports: [KAZ], requirement: e_visa}\n")
        assert granted(rules) == {"DEU": "visa_free", "FRA": "visa_free", "CAN": "visa_free"}

    def test_changes_a_list_in_what_is_stated_only(self, folder: Path) -> None:
        _, rules = child(folder, "lists:\n- changes: {passports: [CAN]}\n  stay: {days: 14}\n")
        [canadian] = [rule.terms for rule in rules if rule.passport == "CAN" and rule.passport_group is None]
        assert canadian.stay is not None
        assert (canadian.stay.days, canadian.conditions[0].text) == (14, "You fill in a form.")

    def test_leaves_the_sources_that_nothing_cites_any_more(self, folder: Path) -> None:
        cited_once = changed(POLICY, "sources:\n", OTHER_SOURCE)
        text = changed(
            cited_once, "source: authority\n  verification: {level: unv", "source: gazette\n  verification: {level: unv"
        )
        (folder / POLICY_FILE).write_text(text, "utf-8")
        assert set(child(folder, "without:\n- {passports: [KAZ]}\n")[0].sources) == {"authority"}

    def test_gives_its_own_rest_to_the_lists_it_has_together(self, folder: Path) -> None:
        """REST is whom no list of the whole names: not Japan, which only the extending file does."""
        (folder / POLICY_FILE).write_text(changed(POLICY, "[KAZ]", "[REST]"), "utf-8")
        _, rules = child(folder, f"lists:\n{OWN_LIST}")
        online = {rule.passport for rule in rules if rule.terms.requirement == "e_visa"}
        assert "MEX" in online
        assert "JPN" not in online


FAULTS = [
    ("lists:\n- {passports: [XYZ], requirement: visa_required, source: authority}\n", 5, "XYZ is neither"),
    ("lists:\n- changes: {passports: [XYZ]}\n", 5, "ISR has no such list."),
    ("lists:\n- changes: {passports: [CAN], stay: {days: 1}}\n", 5, "ISR has no such list."),
    ("lists:\n- changes: {purposes: [visit, business]}\n", 5, "ISR has no such list."),
    ("lists:\n- changes: {source: authority}\n", 5, "ISR has 2 such lists; name more of what this one contains."),
    ("lists:\n- changes: KAZ\n", 5, "Name the list by a passport and what it grants"),
    ("without:\n- {}\n", 5, "Name the list by a passport and what it grants"),
    ("without:\n- {passports: []}\n", 5, "ISR has no such list."),
    ("without: KAZ\n", 4, "Name the lists that are left out"),
    ("without:\n- {passports: [KAZ]}\n- {requirement: e_visa}\n", 6, "changed or left out already"),
    ("lists: KAZ\n", 4, "Not a valid list."),
    ("sources: KAZ\n", 4, "Not a valid mapping"),
    ("lists:\n- changes: {passports: [KAZ]}\n  passports: [XYZ]\n", 6, "XYZ is neither"),
]


@pytest.mark.parametrize(("more", "line", "message"), FAULTS)
def test_a_fault_is_reported_with_file_and_line(folder: Path, more: str, line: int, message: str) -> None:
    found = faults(folder, more)
    assert [(fault.file, fault.line) for fault in found] == [(CHILD_FILE, line)]
    assert message in found[0].message


HEADS = [
    (HEAD.replace("ISR", "XYZ"), "There is no file of 'XYZ' to extend."),
    (HEAD.replace("ISR", "../../x"), "There is no file of '../../x' to extend."),
    (HEAD.replace("ISR", "[ISR]"), "There is no file of ['ISR'] to extend."),
    (HEAD.replace("ISR", "GRL"), "A file cannot extend itself."),
]


@pytest.mark.parametrize(("head", "message"), HEADS)
def test_only_another_file_of_the_folder_is_extended(folder: Path, head: str, message: str) -> None:
    assert faults(folder, head=head) == [Fault(CHILD_FILE, 2, message)]


def test_files_that_extend_each_other_are_refused(folder: Path) -> None:
    (folder / POLICY_FILE).write_text("destination: ISR\nextends: GRL\ntitle: Visa policy of Israel\n", "utf-8")
    assert faults(folder) == [
        Fault(CHILD_FILE, 2, "ISR extends GRL itself; a file extends one that stands on its own."),
        Fault(POLICY_FILE, 2, "GRL extends ISR itself; a file extends one that stands on its own."),
    ]


@pytest.mark.parametrize("text", ["destination: [", "- ISR\n", POLICY.replace("sources:\n", "sources:\n  a: shared\n")])
def test_a_file_with_faults_is_not_extended(folder: Path, text: str) -> None:
    (folder / POLICY_FILE).write_text(text, "utf-8")
    found = faults(folder)
    assert Fault(CHILD_FILE, 2, "ISR cannot be extended: its own file has faults.") in found
    assert POLICY_FILE in {fault.file for fault in found}


def test_a_file_that_is_not_utf_8_is_not_extended(folder: Path) -> None:
    (folder / POLICY_FILE).write_bytes(POLICY.replace("Israel", "Isra\u00ebl").encode("latin-1"))
    assert [fault.file for fault in faults(folder)] == [CHILD_FILE, POLICY_FILE]


def test_what_cannot_be_taken_over_is_a_fault_at_the_line_of_extends(folder: Path) -> None:
    """Canada's citizens are exempt in Israel, and need no exemption at home."""
    head = HEAD.replace("GRL", "CAN")
    (folder / "destinations/CAN.yaml").write_text(head, "utf-8")
    with pytest.raises(FaultyData) as refused:
        read_data(folder)
    [found] = refused.value.faults
    assert (found.file, found.line) == ("destinations/CAN.yaml", 2)
    assert found.message.endswith("(taken over from ISR)")


def test_a_file_on_its_own_cannot_extend_another() -> None:
    [found] = faults_of_text(CHILD_FILE, HEAD)
    assert (found.line, "has to stand on its own and cannot extend ISR" in found.message) == (
        line_of(HEAD, "extends"),
        True,
    )


class TestWriting:
    CHANGES = f"{OTHER_SOURCE}without:\n- {{passports: [KAZ], requirement: e_visa}}\nlists:\n"

    def test_keeps_what_is_extended(self, folder: Path) -> None:
        text = self.CHANGES + OWN_LIST.replace("authority", "gazette")
        before = child(folder, text)
        assert save_data(read_data(folder), folder) == []
        assert (folder / CHILD_FILE).read_text("utf-8") == HEAD + text
        assert child(folder, text) == before

    def test_states_only_what_differs(self, folder: Path) -> None:
        text = POLICY.replace("destination: ISR", "destination: GRL\nextends: ISR").replace("{days: 30,", "{days: 14,")
        (folder / CHILD_FILE).write_text(text.replace("Overstaying", "Leaving"), "utf-8")
        with pytest.raises(FaultyData):
            read_data(folder)
        regime, rules = child(
            folder, "lists:\n- changes: {passports: [KAZ]}\n  stay: {days: 14}\nnote: As in Israel.\n"
        )
        written = (folder / CHILD_FILE).read_text("utf-8")
        save_data(read_data(folder), folder)
        assert "- changes: {passports: [KAZ], requirement: e_visa}\n  stay: {days: 14}\n" in (
            folder / CHILD_FILE
        ).read_text("utf-8")
        assert child(folder, written.removeprefix(HEAD)) == (regime, rules)

    def test_stops_extending_where_it_would_take_over_a_default(self, folder: Path, tmp_path: Path) -> None:
        data = read_data(folder)
        child(folder)
        default = "default:\n  requirement: visa_required\n  source: authority\n"
        alone = changed(POLICY.replace("ISR", "GRL"), default, "")
        elsewhere = tmp_path / "elsewhere"
        save_data(data, elsewhere)
        (elsewhere / CHILD_FILE).write_text(alone, "utf-8")
        save_data(read_data(elsewhere), folder)
        text = (folder / CHILD_FILE).read_text("utf-8")
        assert "extends" not in text
        assert read_data(folder) == read_data(elsewhere)

    def test_into_an_empty_folder_is_in_full(self, folder: Path, tmp_path: Path) -> None:
        child(folder, self.CHANGES + OWN_LIST.replace("authority", "gazette"))
        save_data(read_data(folder), tmp_path / "empty")
        assert "extends" not in (tmp_path / "empty" / CHILD_FILE).read_text("utf-8")
        assert read_data(tmp_path / "empty") == read_data(folder)


def lists() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Lists as a file has them, of few words, so that two files are often alike."""
    one = st.fixed_dictionaries(
        {
            "passports": st.sampled_from([["CAN"], ["CAN", "JPN"], ["REST"]]),
            "requirement": st.sampled_from(["visa_free", "e_visa"]),
            "source": st.sampled_from(["a", "b"]),
        },
        optional={"note": st.sampled_from(["One.", "Two."]), "documents": st.just(["diplomatic"])},
    )
    return st.lists(one, max_size=4)


def contents() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "destination": st.just("GRL"),
            "title": st.just("Visa policy of Greenland"),
            "kind": st.sampled_from(["domestic_law", "unilateral_decision"]),
            "in_force": st.fixed_dictionaries({"on": st.just("2025-01-01"), "source": st.sampled_from(["a", "b"])}),
            "lists": lists(),
        },
        optional={"default": st.just({"requirement": "visa_required", "source": "a"}), "note": st.just("Doubtful.")},
    ).map(_with_sources)


def _with_sources(content: dict[str, Any]) -> dict[str, Any]:
    entries = [content["in_force"], content.get("default", {}), *content["lists"]]
    return {**content, "sources": {entry["source"]: {"title": entry["source"]} for entry in entries if entry}}


@given(contents(), contents())
def test_what_is_abridged_extends_to_the_same(own: dict[str, Any], mother: dict[str, Any]) -> None:
    abridged = abridge(own, mother, "ISR")
    if abridged is None:
        assert own["lists"] or mother["lists"] or "default" in mother
        return
    merged = extend(parse_document(CHILD_FILE, write_document(abridged)), mother).content
    assert comparable(merged) == comparable(own)


def comparable(content: dict[str, Any]) -> dict[str, Any]:
    """The content with its lists in one order."""
    return {**content, "lists": sorted(json.dumps(each, sort_keys=True) for each in content["lists"])}


@pytest.mark.parametrize(
    "more",
    [
        "lists: 5\n",
        "lists:\n- {passports: [JPN], requirement: visa_free, source: [authority]}\n",
        "sources: 5\n",
        "without: 5\n",
        "without:\n- {passports: 5}\n",
    ],
)
def test_what_is_malformed_in_a_file_that_extends_another_is_a_fault_of_that_file(folder: Path, more: str) -> None:
    assert {fault.file for fault in faults(folder, more)} == {CHILD_FILE}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sources:\n", "sources: []\nothers:\n"),
        ("passports: [KAZ]", "passports: 5"),
        ("source: authority", "source: [authority]"),
    ],
)
def test_what_is_malformed_in_the_file_that_is_extended_is_a_fault(folder: Path, before: str, after: str) -> None:
    (folder / POLICY_FILE).write_text(POLICY.replace(before, after, 1), "utf-8")
    assert POLICY_FILE in {fault.file for fault in faults(folder, "without:\n- {passports: [KAZ]}\n")}

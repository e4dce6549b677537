"""Lists and members with dates in data files: read, written back, and refused where they cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.builders import BLOCS, PLACES, WORLD, source, terms
from tests.unit.file_texts import POLICY, POLICY_FILE, changed, faults, line_of, read
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.datasets.plausibility import contradictions
from visalookup.domain.periods import Period
from visalookup.domain.places import Group, Membership, index_places
from visalookup.domain.regimes import Rule
from visalookup.formats.data_folder import read_data
from visalookup.formats.expansion import RuleList, build_rules
from visalookup.formats.list_groups import REST, _groups_of, _named
from visalookup.formats.to_payload import save_data, write_data
from visalookup.storage.assembly import group_of
from visalookup.storage.records import group_columns
from visalookup.storage.terms import terms_columns, terms_of

TREATY = source("treaty", url="https://treaty.example/accession")
DATED = Group(
    "UNION",
    "The union",
    ("DEU", "FRA", "GBR", "IRL"),
    source("group"),
    None,
    (Membership("GBR", Period(None, date(2020, 12, 31))), Membership("IRL", Period(date(1973, 1, 1)), TREATY)),
)
LEFT = index_places(WORLD, (*BLOCS, DATED))

DATES = "  from: 2027-02-01\n  until: 2027-06-30\n"
"""The members of a list that say when it holds."""


def with_dates(dates: str = DATES) -> str:
    """The policy with dates on its last list."""
    head, found, tail = POLICY.rpartition("  source: ")
    return f"{head}{dates}{found}{tail}"


def test_a_list_has_its_first_and_last_day_and_is_written_with_them() -> None:
    made, rules = read(POLICY_FILE, with_dates())
    assert {(rule.terms.applies_from, rule.terms.applies_until) for rule in rules} == {
        (None, None),
        (date(2027, 2, 1), date(2027, 6, 30)),
    }
    assert write_data(DataSet(WORLD, BLOCS, (made,), tuple(rules)))[POLICY_FILE] == with_dates()


@pytest.mark.parametrize(
    ("dates", "at", "message"),
    [
        ("  from: 2027-02\n", "from", "'2027-02' is not a day"),
        ("  from: 2027-02-01\n  until: 2027-01-31\n", "until", "cannot end on 2027-01-31, before it begins"),
        ("  until: 2999-01-31\n", "until", "The year 2999 is outside"),
    ],
)
def test_dates_that_cannot_be_are_faults_at_their_line(dates: str, at: str, message: str) -> None:
    text = with_dates(dates)
    [fault] = faults(POLICY_FILE, text)
    assert message in fault.message
    assert fault.line == line_of(text, at)


def test_what_holds_at_different_times_is_no_contradiction() -> None:
    free = terms("visa_free", applies_until=date(2027, 1, 31))
    asked = terms("visa_required", applies_from=date(2027, 2, 1))
    rules = [Rule(str(held.requirement), "policy", "KAZ", "ISR", held) for held in (free, asked)]
    assert list(contradictions(rules, PLACES)) == []
    overlapping = [rules[0], replace(rules[1], terms=replace(asked, applies_from=date(2027, 1, 31)))]
    assert [found for _, found in contradictions(overlapping, PLACES)] == [
        "KAZ is listed twice for ISR, as visa_free and visa_required."
    ]


def test_a_group_is_written_with_the_days_of_its_members_and_reads_back(tmp_path: Path) -> None:
    save_data(DataSet(WORLD, (DATED,)), tmp_path)
    text = (tmp_path / "groups.yaml").read_text("utf-8")
    assert "members: [DEU, FRA, {code: GBR, until: 2020-12-31}, {code: IRL, from: 1973-01-01, source: treaty}]" in text
    assert read_data(tmp_path).groups == (DATED,)


def test_a_source_that_no_member_cites_is_a_fault(tmp_path: Path) -> None:
    save_data(DataSet(WORLD, (DATED,)), tmp_path)
    path = tmp_path / "groups.yaml"
    path.write_text(changed(path.read_text("utf-8"), ", source: treaty}", "}"), "utf-8")
    with pytest.raises(Exception, match="1 fault") as refused:
        read_data(tmp_path)
    assert "'treaty' is not cited by any member" in str(refused.value.__dict__)


def test_a_member_that_left_may_be_named_apart_and_counts_to_the_rest() -> None:
    lists = [(("UNION",), ())]
    assert "GBR" in _groups_of(_named(lists, LEFT), LEFT)[REST]
    assert "IRL" not in _groups_of(_named(lists, LEFT), LEFT)[REST]


def test_a_list_reaches_a_former_member_for_the_time_it_was_one() -> None:
    rules = build_rules("policy", [RuleList(terms(), ("UNION",), ("ISR",))], LEFT)
    assert [rule.passport for rule in rules] == ["DEU", "FRA", "GBR", "IRL"]


def test_dates_go_to_the_ledger_and_back() -> None:
    dated = terms(applies_from=date(2027, 2, 1))
    columns = terms_columns("policy", dated)
    assert columns["applies_from"] == date(2027, 2, 1)
    assert terms_of(columns) == dated
    assert group_of("UNION", group_columns(DATED)) == DATED


def test_a_group_without_dates_is_stored_as_it_always_was() -> None:
    assert group_columns(BLOCS[0])["members"] == ["DEU", "FRA", "IRL"]

"""Conditions as the console writes them: a line for each, with arguments in brackets."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.unit.test_conditions import CONDITIONS
from visalookup.domain.conditions import Condition
from visalookup.formats.converter import build, payload_of
from visalookup.formats.schemas import ConditionShape
from visalookup.staff.changes.forms.condition_lines import read_condition_lines, write_condition_lines


@given(CONDITIONS)
def test_every_condition_reads_back_from_its_line(condition: Condition) -> None:
    line = write_condition_lines([payload_of(condition)])
    (read,) = read_condition_lines(line)
    assert build(Condition, ConditionShape().load(read)) == condition


def test_a_line_names_its_kind_and_its_arguments() -> None:
    (condition,) = read_condition_lines("holds_visa (holds=USA:visa, CAN:visa): You hold a visa: any of these.")
    assert condition == {
        "kind": "holds_visa",
        "holds": ["USA:visa", "CAN:visa"],
        "text": "You hold a visa: any of these.",
    }


@pytest.mark.parametrize("line", ["You have a ticket.", "ticket: You have one.", "(of=IRN): You are not."])
def test_a_line_without_a_known_kind_is_another_condition(line: str) -> None:
    assert read_condition_lines(f"\n {line}\n\n") == [{"kind": "other", "text": line}]


def test_what_an_argument_cannot_be_is_left_for_the_check_of_the_payload() -> None:
    (condition,) = read_condition_lines("passport_validity (months=six; beyond=return): It is valid.")
    assert ConditionShape().validate(condition).keys() == {"months", "beyond"}

"""Which rule answers on which day: the traveller's date decides, by the clocks of the destination."""

from __future__ import annotations

import pytest

from tests.builders import ask, days, grant, ids, step
from visalookup.domain.lifecycle import Transition
from visalookup.domain.lookup import Answer, VerdictAt
from visalookup.domain.moments import format_instant
from visalookup.domain.requirements import Requirement

STANDING = grant("visa_required", id_="standing")


def requirement(answer: Answer) -> Requirement | None:
    return answer.verdict.requirement


def told(changes: tuple[VerdictAt, ...]) -> list[tuple[str, str]]:
    return [(format_instant(each.moment), str(each.verdict.requirement)) for each in changes]


def test_the_field_s_standing_mistake_is_not_made() -> None:
    """Morocco and Azerbaijan signed in May 2024; it took effect on 28 August, 112 days later."""
    waiver = grant("visa_free", "signed 2024-05", "in_force 2024-08-28", passport="MAR", destination="ISR")
    standing = grant("visa_required", passport="MAR", destination="ISR")
    book = (standing, waiver)
    answers = {on: ask_moroccan(book, on) for on in ("2024-05-08", "2024-08-27", "2024-08-28")}
    assert {on: answer for on, answer in answers.items()} == {
        "2024-05-08": "visa_required",
        "2024-08-27": "visa_required",
        "2024-08-28": "visa_free",
    }

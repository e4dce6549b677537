"""What an agency learns of an answer it was given: the same, the same in other words, or another."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from visalookup.domain.changes.answer_changes import ChangeSeverity, MemberChange, compare_answers

THEN = {
    "answer": "yes",
    "requirement": "e_visa",
    "stay": {"days": 90, "within_days": 180},
    "conditions": [],
    "passport": {"code": "KAZ", "name": "Kazakhstan"},
    "sources": ["a"],
    "verification": {"level": "secondary", "stale": False},
    "pending": [],
    "as_of": "2026-11-23T09:00:00Z",
    "revision": 417,
    "links": {"self": "/417"},
}


def now(**members: Any) -> dict[str, Any]:
    return deepcopy(THEN) | members


def test_where_it_comes_from_makes_no_difference() -> None:
    found = compare_answers(THEN, now(as_of="2027-01-01T00:00:00Z", revision=500, links={"self": "/500"}))
    assert (found.severity, found.differences) == (ChangeSeverity.SAME, ())
    assert found.sentence == "The answer would be the same now."


@pytest.mark.parametrize(
    ("members", "difference"),
    [
        ({"answer": "no"}, MemberChange("KAZ", "answer", "yes", "no")),
        ({"stay": {"days": 30, "within_days": 180}}, MemberChange("KAZ", "stay.days", 90, 30)),
        ({"stay": None}, MemberChange("KAZ", "stay", {"days": 90, "within_days": 180}, None)),
        ({"conditions": ["ticket"]}, MemberChange("KAZ", "conditions", [], ["ticket"])),
    ],
)
def test_what_a_traveller_acts_by_makes_it_another_answer(members: dict[str, Any], difference: MemberChange) -> None:
    found = compare_answers(THEN, now(**members))
    assert found.severity is ChangeSeverity.CHANGED
    assert found.differences == (difference,)
    assert difference.member in found.sentence


def test_what_is_said_with_it_leaves_the_answer_as_it_was() -> None:
    found = compare_answers(THEN, now(verification={"level": "secondary", "stale": True}, sources=["b"]))
    assert found.severity is ChangeSeverity.DETAILS_CHANGED
    assert [each.member for each in found.differences] == ["sources", "verification.stale"]
    assert found.sentence.startswith("The answer would be the same now; what is said with it differs: sources")


def test_what_decides_comes_first() -> None:
    found = compare_answers(THEN, now(sources=["b"], requirement="visa_free"))
    assert [each.member for each in found.differences] == ["requirement", "sources"]


def test_each_passport_is_compared_with_itself_whichever_is_best() -> None:
    german = now(passport={"code": "DEU", "name": "Germany"}, answer="no")
    then = {**german, "other_passports": [THEN]}
    assert compare_answers(then, {**deepcopy(german), "other_passports": [now()]}).severity is ChangeSeverity.SAME
    changed = compare_answers(then, {**now(answer="no"), "other_passports": [german]})
    assert changed.differences == (
        MemberChange("KAZ", "answer", "yes", "no"),
        MemberChange("DEU", "best_passport", "DEU", "KAZ"),
    )
    assert changed.severity is ChangeSeverity.CHANGED


def test_a_member_that_is_gone_counts_as_a_difference() -> None:
    found = compare_answers(THEN, {name: THEN[name] for name in THEN if name != "pending"})
    assert found.differences == (MemberChange("KAZ", "pending", [], None),)


def test_a_member_that_the_format_gained_since_is_no_difference() -> None:
    then = now(conditions=[{"kind": "other", "text": "You have a ticket."}])
    later = now(conditions=[{"kind": "other", "text": "You have a ticket.", "judged": "unknown"}], ruled_out=[])
    assert compare_answers(then, later).severity is ChangeSeverity.SAME


def test_a_condition_that_reads_otherwise_is_a_difference_whatever_the_format_gained() -> None:
    then = now(conditions=[{"kind": "other", "text": "You have a ticket."}])
    later = now(conditions=[{"kind": "other", "text": "You have a visa.", "judged": "unknown"}])
    assert compare_answers(then, later).severity is ChangeSeverity.CHANGED

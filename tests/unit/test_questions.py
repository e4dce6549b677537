"""Understanding a question as people and programs send it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.builders import PLACES, WORLD
from visalookup.domain.documents import DocumentType
from visalookup.domain.gazetteer import build_gazetteer
from visalookup.services.lookup.questions import BadQuestion, InputFault, QuestionForm, Understood, understand

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
GAZETTEER = build_gazetteer(WORLD)
FORM = QuestionForm(("KAZ",), "ISR")


def understood(**changes: Any) -> Understood:
    return understand(replace(FORM, **changes), GAZETTEER, PLACES, NOW)


def faults(**changes: Any) -> list[InputFault]:
    with pytest.raises(BadQuestion) as refused:
        understood(**changes)
    return refused.value.faults


def fault(**changes: Any) -> InputFault:
    [only] = faults(**changes)
    return only


def test_a_passport_and_a_destination_are_enough() -> None:
    asked = understood(passports=("kazakhstan",), destination="il")
    [question] = asked.questions
    assert (question.passport.code, question.destination.code) == ("KAZ", "ISR")
    assert (question.document, question.stay_days, asked.as_of) == (DocumentType.ORDINARY, None, None)


@pytest.mark.parametrize(("destination", "day"), [("ISR", 24), ("JPN", 24), ("GBR", 23), ("USA", 23)])
def test_today_is_the_day_the_destination_has_now(destination: str, day: int) -> None:
    [question] = understood(destination=destination).questions
    assert question.on == date(2026, 11, day)


def test_each_passport_held_is_asked_about_once() -> None:
    asked = understood(passports=("KAZ", "Germany", "kz", "D"))
    assert [each.passport.code for each in asked.questions] == ["KAZ", "DEU"]


def test_the_people_of_a_territory_hold_the_passport_of_its_state() -> None:
    [question] = understood(passports=("Greenland",)).questions
    assert question.passport.code == "DNK"


def test_one_may_travel_to_a_territory() -> None:
    [question] = understood(destination="Greenland").questions
    assert question.destination.code == "GRL"


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        (" 2026-12-01 ", date(2026, 12, 1)),
        ("2026-12-01T09:00:00Z", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-12-01t09:00:00z", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-12-01T09:00:00+05:00", datetime(2026, 12, 1, 4, tzinfo=UTC)),
        ("2026-12-01T09:00:00 05:00", datetime(2026, 12, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_day_or_an_instant_is_asked_about(text: str, on: date) -> None:
    """A plus sign in an address arrives as a space."""
    assert [each.on for each in understood(on=text).questions] == [on]


def test_a_moment_of_knowledge_lies_in_the_past() -> None:
    assert understood(as_of="2026-11-23T09:00:00Z").as_of == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert understood(as_of="2026-11-23T23:30:00Z").as_of == NOW


@pytest.mark.parametrize("name", ["on", "as_of", "document", "stay_days", "lang"])
def test_what_is_left_blank_counts_as_left_out(name: str) -> None:
    assert understood(**{name: "  "}) == understood()


def test_a_document_and_a_stay_are_understood() -> None:
    [question] = understood(document="Diplomatic", stay_days=" 90 ", lang="EN").questions
    assert (question.document, question.stay_days) == (DocumentType.DIPLOMATIC, 90)


BAD_VALUES = [
    ("on", "1 December", "is not a day; write it as 2026-12-01"),
    ("on", "2026-02-30", "is not a day"),
    ("on", "tomorrow", "is not a day"),
    ("on", "2026-12-01T09:00:00", "has no offset"),
    ("on", "1899-12-31", "The year 1899 is outside 1900 to 2199"),
    ("on", "2200-01-01", "The year 2200 is outside 1900 to 2199"),
    ("on", "2200-01-01T00:00:00Z", "The year 2200 is outside 1900 to 2199"),
    ("as_of", "2026-11-23", "has no offset"),
    ("as_of", "yesterday", "is not an instant"),
    ("as_of", "2026-11-23T23:30:01Z", "is in the future; as_of asks what was known at a moment past"),
    ("document", "driving licence", "is not a document type; send one of ordinary, diplomatic, service"),
    ("stay_days", "0", "is not a number of days from 1 to 3650"),
    ("stay_days", "-5", "is not a number of days"),
    ("stay_days", "3651", "is not a number of days from 1 to 3650"),
    ("stay_days", "two weeks", "is not a number of days"),
    ("stay_days", "٣٠", "is not a number of days"),
    ("stay_days", "1.5", "is not a number of days"),
    ("lang", "xx", "is not a language we answer in; send en"),
]


@pytest.mark.parametrize(("name", "value", "detail"), BAD_VALUES)
def test_a_value_that_cannot_be_is_refused_with_what_to_send(name: str, value: str, detail: str) -> None:
    found = fault(**{name: value})
    assert (found.field, found.value) == (name, value)
    assert detail in found.detail


@pytest.mark.parametrize("zeros", [8, 9, 100])
@pytest.mark.parametrize("number", ["19999", "9" * 5000])
def test_a_number_of_days_is_read_to_its_end(zeros: int, number: str) -> None:
    assert fault(stay_days="0" * zeros + number).field == "stay_days"


def test_an_unknown_passport_comes_with_suggestions() -> None:
    found = fault(passports=("Kazahstan",))
    assert (found.field, found.value) == ("passport", "Kazahstan")
    assert found.suggestions[0].code == "KAZ"
    assert "did you mean Kazakhstan (KAZ)" in found.detail


def test_an_unknown_destination_comes_with_suggestions() -> None:
    found = fault(destination="Isreal")
    assert (found.field, found.suggestions[0].code) == ("destination", "ISR")


@pytest.mark.parametrize("name", ["passports", "destination"])
def test_a_place_left_blank_is_asked_for(name: str) -> None:
    found = fault(**{name: ("",) if name == "passports" else ""})
    assert found.detail.startswith("No place is given")


def test_a_question_without_any_passport_asks_for_one() -> None:
    assert fault(passports=()).field == "passport"


def test_nobody_travels_to_a_travel_document() -> None:
    found = fault(destination="XXB")
    assert found.field == "destination"
    assert "is a travel document, not a place to travel to" in found.detail


def test_ten_passports_are_enough_for_anybody() -> None:
    assert len(understood(passports=("KAZ",) * 10).questions) == 1
    found = fault(passports=("KAZ",) * 11)
    assert (found.field, found.detail) == ("passport", "Send at most 10 passports in one question.")


def test_every_fault_is_named_at_once() -> None:
    found = faults(
        passports=("KAZ", "Kazahstan", "Atlantis"),
        destination="XXB",
        on="soon",
        as_of="later",
        document="library card",
        stay_days="long",
        lang="xx",
    )
    assert [each.field for each in found] == [
        *("passport", "passport", "destination", "document", "stay_days", "as_of", "on", "lang")
    ]


def test_the_refusal_reads_as_one_sentence_for_each_field() -> None:
    with pytest.raises(BadQuestion, match=r"stay_days: 'x' is not a number .*; lang: 'xx' is not a language"):
        understood(stay_days="x", lang="xx")

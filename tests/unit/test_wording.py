"""Answers as English sentences: the answer first, then how and for how long."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.builders import ISRAEL, UNITED_KINGDOM, ask, days, grant, step
from visalookup.domain.date_phrases import describe_instant, describe_partial, describe_when
from visalookup.domain.documents import DocumentType
from visalookup.domain.lifecycle import Status, Transition
from visalookup.domain.moments import EffectiveDate, PartialDate, parse_instant
from visalookup.domain.requirements import Requirement, Stay, StayTotal
from visalookup.domain.wording.answers import (
    answer_sentence,
    describe_stay,
    ended_sentence,
    pending_sentence,
    status_label,
)
from visalookup.domain.wording.requirements import requirement_label

WITH_PASSPORT = "With an ordinary passport of Kazakhstan"


@pytest.mark.parametrize(
    ("requirement", "sentence"),
    [
        (
            "freedom_of_movement",
            f"No. {WITH_PASSPORT} you need no visa for Israel: you have freedom of movement there.",
        ),
        ("visa_free", f"No. {WITH_PASSPORT} you need no visa for Israel."),
        (
            "eta",
            f"No visa, but an electronic travel authorisation (ETA). {WITH_PASSPORT} you must have one"
            " before you travel to Israel.",
        ),
        ("visa_on_arrival", f"Yes. {WITH_PASSPORT} you need a visa for Israel; you can get it on arrival."),
        ("e_visa", f"Yes. {WITH_PASSPORT} you need a visa for Israel; you can apply for it online."),
        ("visa_required", f"Yes. {WITH_PASSPORT} you need a visa for Israel, issued before you travel."),
        (
            "document_not_accepted",
            f"Not accepted. {WITH_PASSPORT} you cannot enter Israel: it is not accepted as a travel document there.",
        ),
        ("no_admission", f"Not admitted. {WITH_PASSPORT} you are not admitted to Israel."),
    ],
)
def test_the_sentence_begins_with_the_answer_and_says_how(requirement: str, sentence: str) -> None:
    assert answer_sentence(ask(grant(requirement))) == sentence


@pytest.mark.parametrize("requirement", ["visa_free", "eta", "visa_on_arrival", "e_visa"])
def test_the_sentence_says_for_how_long(requirement: str) -> None:
    sentence = answer_sentence(ask(grant(requirement, stay=days(90, within_days=180))))
    assert sentence.endswith(" for a stay of up to 90 days in any 180.")


def test_one_own_country_needs_no_visa() -> None:
    sentence = answer_sentence(ask(passport="GBR", destination="GBR"))
    assert sentence == (
        "No. A citizen of the United Kingdom needs no visa to enter the United Kingdom, their own country."
    )


def test_what_we_do_not_know_is_said_plainly() -> None:
    sentence = answer_sentence(ask(document=DocumentType.EMERGENCY))
    assert sentence.startswith("We do not know. ")
    assert "an emergency travel document of Kazakhstan" in sentence
    assert sentence.endswith("on 23 November 2026.")


def test_a_refused_document_is_answered_with_what_to_use_instead() -> None:
    refused = grant(
        "document_not_accepted",
        documents=frozenset({DocumentType.NATIONAL_ID_CARD}),
        use_instead="a passport and an ETA",
    )
    assert answer_sentence(ask(refused, document=DocumentType.NATIONAL_ID_CARD)) == (
        "Not accepted. With a national identity card of Kazakhstan you cannot enter Israel:"
        " it is not accepted as a travel document there. Travel with a passport and an ETA."
    )


def test_that_nothing_is_known_of_an_identity_card_is_said_with_the_way_out() -> None:
    assert answer_sentence(ask(document=DocumentType.NATIONAL_ID_CARD)) == (
        "We do not know. We hold no source that says that Israel accepts a national identity card of Kazakhstan;"
        " travel with a passport."
    )


def test_a_moment_asked_about_is_told_by_the_clock_of_the_destination() -> None:
    assert "on 23 November 2026, 15:00 (UTC+02:00)" in answer_sentence(ask(on="2026-11-23T13:00:00+00:00"))


def test_a_travel_document_is_called_by_its_name_and_code() -> None:
    sentence = answer_sentence(ask(grant("visa_required", passport="XXB"), passport="XXB"))
    assert "With the travel document “Refugee (1951 Convention)” (XXB) you need a visa for Israel" in sentence


def test_a_stay_too_long_is_told_after_the_answer() -> None:
    answer = ask(grant("visa_free", stay=days(30)), grant("visa_required"), stay_days=60)
    assert answer_sentence(answer) == (
        f"Yes. {WITH_PASSPORT} you need a visa for Israel, issued before you travel."
        " The visa-free travel that would otherwise apply is for a stay of up to 30 days,"
        " not for the 60 days you plan."
    )


def test_a_stay_too_long_for_all_we_know_does_not_deny_the_source_we_hold() -> None:
    sentence = answer_sentence(ask(grant("visa_free", stay=days(30)), stay_days=60))
    assert sentence.startswith("We do not know. ")
    assert "We hold no source on entry to Israel with" not in sentence
    assert sentence.endswith("for a stay of up to 30 days, not for the 60 days you plan.")


def test_a_restriction_too_short_for_the_visit_is_told_in_the_sentence() -> None:
    answer = ask(grant("e_visa", stay=days(30), overriding=True), stay_days=60)
    assert "not for the 60 days you plan" in answer_sentence(answer)


@pytest.mark.parametrize(
    ("stay", "words"),
    [
        (None, ""),
        (Stay(days=1), "up to 1 day"),
        (Stay(days=30), "up to 30 days"),
        (Stay(days=90, within_days=180), "up to 90 days in any 180"),
        (Stay(months=1), "up to 1 month"),
        (Stay(months=6), "up to 6 months"),
        (Stay(unlimited=True), "any length"),
        (Stay(days=30, total=StayTotal(90, within_days=180)), "up to 30 days per visit, 90 days in any 180"),
        (
            Stay(days=30, total=StayTotal(90, calendar_year=True)),
            "up to 30 days per visit, 90 days in a calendar year",
        ),
    ],
)
def test_a_stay_in_words(stay: Stay | None, words: str) -> None:
    assert describe_stay(stay) == words


@pytest.mark.parametrize(
    ("text", "attested", "words"),
    [
        ("2026-01-27", False, "on 27 January 2026"),
        ("2024-05", False, "in May 2024"),
        ("2024", False, "in 2024"),
        ("2025-01-01", True, "by 1 January 2025"),
        ("2024-09-10T15:00:00+01:00", False, "on 10 September 2024, 15:00 (UTC+01:00)"),
        ("2024-09-10T00:00:00+01:00", False, "on 10 September 2024"),
    ],
)
def test_a_date_is_told_no_more_exactly_than_it_is_known(text: str, attested: bool, words: str) -> None:
    assert describe_when(EffectiveDate.parse(text, attested=attested), UNITED_KINGDOM) == words


@pytest.mark.parametrize(
    ("text", "words"), [("2024-08-28", "28 August 2024"), ("2024-08", "August 2024"), ("2024", "2024")]
)
def test_a_printed_date_in_words(text: str, words: str) -> None:
    assert describe_partial(PartialDate.parse(text)) == words


def test_an_instant_is_told_by_the_clock_of_the_place() -> None:
    instant = parse_instant("2024-09-10T14:00:00Z")
    assert describe_instant(instant, UNITED_KINGDOM) == "10 September 2024, 15:00 (UTC+01:00)"
    assert describe_instant(instant, ISRAEL) == "10 September 2024, 17:00 (UTC+03:00)"


IN_FORCE = "in_force 2020-01-01"


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((IN_FORCE, "terminated 2025-01-01"), "ended on 1 January 2025"),
        ((IN_FORCE, "suspended 2025-01-01"), "has been suspended since 1 January 2025"),
        (("signed 2020", "withdrawn 2025-03"), "was withdrawn in March 2025 and never came into force"),
    ],
)
def test_what_has_ended_is_told_with_its_day_and_its_title(steps: tuple[str, ...], outcome: str) -> None:
    [noted] = ask(grant("visa_free", *steps)).ended
    assert ended_sentence(noted, ISRAEL) == f"Visa-free travel under “The instrument visa-free” {outcome}."


VISAS = ["visa_on_arrival", "e_visa"]


def agrees(sentence: str) -> bool:
    """Whether a sentence about visas, which are many, does without a verb for one."""
    return re.search(r"[Vv]isas (on arrival|applied for online)[^.]* (is|was|has) ", sentence) is None


@pytest.mark.parametrize("requirement", VISAS)
def test_visas_too_short_for_the_visit_are_many(requirement: str) -> None:
    assert agrees(answer_sentence(ask(grant(requirement, stay=days(30)), grant("visa_required"), stay_days=60)))


@pytest.mark.parametrize("requirement", VISAS)
@pytest.mark.parametrize("steps", [(IN_FORCE, "suspended 2025-01-01"), ("signed 2020", "withdrawn 2025-03")])
def test_visas_that_have_ended_are_many(requirement: str, steps: tuple[str, ...]) -> None:
    [noted] = ask(grant(requirement, *steps)).ended
    assert agrees(ended_sentence(noted, ISRAEL))


@pytest.mark.parametrize("requirement", VISAS)
def test_visas_decided_from_a_later_day_are_many(requirement: str) -> None:
    [noted] = ask(grant(requirement, "in_force 2027-03-01")).pending
    assert agrees(pending_sentence(noted, ISRAEL))


@pytest.mark.parametrize(("on", "told"), [("2026-10-08", True), ("2026-10-09", False)])
def test_a_transition_is_told_while_it_runs(on: str, told: bool) -> None:
    grace = Transition(date(2026, 10, 8), "Tickets bought before 10 September are honoured.")
    [noted] = ask(grant("visa_free", IN_FORCE, step("terminated", "2026-09-10", transition=grace)), on=on).ended
    sentence = ended_sentence(noted, ISRAEL)
    assert sentence.endswith("Until 8 October 2026: Tickets bought before 10 September are honoured.") is told


def test_every_requirement_and_status_has_its_label() -> None:
    assert len({requirement_label(each) for each in Requirement}) == len(Requirement)
    assert requirement_label(Requirement.ETA) == "Electronic travel authorisation"
    assert [status_label(each) for each in Status][:2] == ["Memorandum of intent", "Signed"]

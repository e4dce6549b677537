"""What a change alters, told in a line for all who fare alike."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import PLACES, Grant, condition, days, grant, rulebook
from tests.unit.strategies import quick, sets_of
from visalookup.domain.changes.impact import ChangeKind, answer_changes
from visalookup.domain.changes.impact_groups import ImpactGroup, grouped
from visalookup.domain.documents import ALL_DOCUMENT_TYPES, DocumentType
from visalookup.domain.wording.changes import change_sentence

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STANDING = grant("visa_required", id_="standing").also("ISR", "KAZ")


def groups(before: list[Grant], after: list[Grant]) -> list[ImpactGroup]:
    ids = {each.id for each in (*before, *after)}
    return grouped(answer_changes(rulebook(*before), rulebook(*after), ids, NOW))


def sentences(before: list[Grant], after: list[Grant]) -> list[str]:
    return [change_sentence(each, NOW) for each in groups(before, after)]


def told(*steps: str, before: Grant = STANDING, **terms: Any) -> str:
    """The sentence for a waiver that these steps bring to Kazakhstan."""
    [sentence] = sentences([before], [before, grant("visa_free", *steps, id_="waiver", **terms)])
    return sentence


def spread(grant_: Grant, passports: str, destinations: str) -> Grant:
    """The same terms for each of these passports at each of these destinations but their own."""
    pairs = [(one, other) for one, other in product(passports.split(), destinations.split()) if one != other]
    first, *others = pairs
    found = grant("visa_free", passport=first[0], destination=first[1], id_=grant_.id)
    for pair in others:
        found = found.also(*pair)
    return found


def codes(group: ImpactGroup) -> str:
    places = (group.passports, group.destinations)
    return " to ".join(" ".join(place.code for place in each) for each in places)


class TestTheSentence:
    def test_says_from_when_an_answer_changes(self) -> None:
        assert told("signed 2026-11-01", "in_force 2027-03-01", stay=days(90)) == (
            "Kazakhstan to Israel: visa required becomes visa-free, up to 90 days, from 1 March 2027."
        )

    def test_needs_no_comma_where_no_stay_is_stated(self) -> None:
        assert told("in_force 2027-03-01") == (
            "Kazakhstan to Israel: visa required becomes visa-free from 1 March 2027."
        )

    def test_says_until_when(self) -> None:
        assert told("in_force 2027-03-01", "terminated 2027-06-01", stay=days(90, 180)) == (
            "Kazakhstan to Israel: visa required becomes visa-free, up to 90 days in any 180,"
            " from 1 March 2027 until 1 June 2027."
        )

    def test_says_at_once_for_today(self) -> None:
        assert told("in_force 2026-11-23") == "Kazakhstan to Israel: visa required becomes visa-free at once."

    def test_says_that_answers_about_past_days_change_too(self) -> None:
        assert told("in_force 2026-11-22") == (
            "Kazakhstan to Israel: visa required becomes visa-free at once, and for past days from 22 November 2026."
        )
        assert told("in_force 2026-11-22", "terminated 2027-01-01").endswith(
            "visa-free at once until 1 January 2027, and for past days from 22 November 2026."
        )

    def test_says_that_only_past_days_are_meant(self) -> None:
        past = grant("visa_free", "in_force 2024-05-03", "terminated 2024-06-01", id_="past")
        assert sentences([STANDING], [STANDING, past]) == [
            "Kazakhstan to Israel: visa required becomes visa-free from 3 May 2024 until 1 June 2024 (past days only).",
            "Kazakhstan to Israel: the answer stays visa required; what has ended changes at once.",
        ]

    def test_gives_the_hour_by_the_clock_of_the_destination(self) -> None:
        assert told("in_force 2027-03-01T15:00:00+00:00").endswith("from 1 March 2027, 17:00 (UTC+02:00).")

    def test_calls_unknown_what_is_unknown(self) -> None:
        [sentence] = sentences([], [grant("e_visa", "in_force 2026-11-23")])
        assert sentence == "Kazakhstan to Israel: unknown becomes e-visa at once."
        [sentence] = sentences([grant("e_visa", "in_force 2026-11-23")], [])
        assert sentence == "Kazakhstan to Israel: e-visa becomes unknown at once."

    def test_tells_the_stay_of_both(self) -> None:
        [sentence] = sentences(
            [grant("visa_free", "in_force 2026-11-23", stay=days(30))],
            [grant("visa_free", "in_force 2026-11-23", stay=days(90))],
        )
        assert sentence == (
            "Kazakhstan to Israel: visa-free, up to 30 days, becomes visa-free, up to 90 days, at once."
        )

    def test_tells_the_conditions_where_they_change(self) -> None:
        biometric = (condition("biometric_passport", "Your passport is biometric."),)
        assert told("in_force 2026-11-23", conditions=biometric) == (
            "Kazakhstan to Israel: visa required becomes visa-free at once."
            " Conditions before: none. Conditions after: Your passport is biometric."
        )

    @pytest.mark.parametrize(
        ("documents", "named"),
        [
            ({DocumentType.ORDINARY}, ""),
            (ALL_DOCUMENT_TYPES, " (every document type)"),
            (ALL_DOCUMENT_TYPES - {DocumentType.ORDINARY}, " (every document type but ordinary)"),
            ({DocumentType.SERVICE, DocumentType.DIPLOMATIC}, " (diplomatic and service)"),
            (
                {DocumentType.REFUGEE_1951, DocumentType.ALIEN, DocumentType.NATIONAL_ID_CARD},
                " (alien, refugee (1951) and national identity card)",
            ),
        ],
    )
    def test_names_the_documents_unless_they_are_ordinary_passports(
        self, documents: set[DocumentType], named: str
    ) -> None:
        [sentence] = sentences([], [grant("visa_free", "in_force 2026-11-23", documents=frozenset(documents))])
        assert sentence == f"Kazakhstan to Israel{named}: unknown becomes visa-free at once."

    def test_says_that_the_answer_stays_where_something_is_only_announced(self) -> None:
        assert told("memorandum_of_intent 2026-01-27") == (
            "Kazakhstan to Israel: the answer stays visa required; what is announced changes at once."
        )
        assert told("memorandum_of_intent 2026-01-27", before=grant("e_visa", passport="MAR")) == (
            "Kazakhstan to Israel: the answer stays unknown; what is announced changes at once."
        )

    def test_says_all_that_looks_different(self) -> None:
        old, new = grant("visa_free", id_="old"), grant("visa_free", id_="new", note="Read.")
        assert sentences([old], [new]) == [
            "Kazakhstan to Israel: the answer stays visa-free; the regime it rests on and the note change at once."
        ]

    def test_writes_names_as_a_sentence_has_them(self) -> None:
        [sentence] = sentences([], [grant("eta", "in_force 2026-11-23", passport="USA", destination="GBR")])
        assert sentence.startswith("The United States to the United Kingdom: unknown becomes electronic travel auth")
        [sentence] = sentences([], [grant("eta", "in_force 2026-11-23", passport="XXB")])
        assert sentence.startswith("“Refugee (1951 Convention)” (XXB) to Israel: ")


class TestAlikeChanges:
    def test_of_a_few_passports_are_one_sentence_that_names_them(self) -> None:
        waiver = spread(grant("visa_free", id_="waiver"), "KAZ MAR JPN", "ISR")
        [sentence] = sentences([], [waiver])
        assert sentence.startswith("Japan, Kazakhstan and Morocco to Israel: ")

    def test_of_many_passports_are_one_sentence_with_their_codes(self) -> None:
        waiver = spread(grant("visa_free", id_="waiver"), "KAZ MAR JPN CAN USA", "ISR")
        [sentence] = sentences([], [waiver])
        assert sentence.startswith("5 passports (CAN, JPN, KAZ, MAR, USA) to Israel: ")

    def test_at_several_destinations_are_one_though_midnight_comes_at_another_instant(self) -> None:
        waiver = spread(grant("visa_free", id_="waiver"), "KAZ MAR", "ISR JPN CAN MEX")
        [group] = groups([], [waiver])
        assert codes(group) == "KAZ MAR to CAN ISR JPN MEX"
        assert group.change.destination.code == "MEX"
        assert change_sentence(group, NOW).endswith(
            "to 4 destinations (CAN, ISR, JPN, MEX): unknown becomes visa-free at once,"
            " and for past days from 1 January 2000."
        )

    def test_of_two_parties_to_each_other_are_two(self) -> None:
        waiver = grant("visa_free", id_="waiver").also("ISR", "KAZ")
        assert [codes(each) for each in groups([], [waiver])] == ["ISR to KAZ", "KAZ to ISR"]

    def test_of_a_bloc_among_its_members_are_one(self) -> None:
        union = spread(grant("visa_free", id_="union"), "DEU FRA IRL DNK", "DEU FRA IRL DNK")
        [group] = groups([], [union])
        assert group.is_mutual
        assert codes(group) == "DEU DNK FRA IRL to DEU DNK FRA IRL"
        assert "(DEU, DNK, FRA, IRL) other than their own: " in change_sentence(group, NOW)

    def test_of_those_who_were_asked_otherwise_before_are_apart(self) -> None:
        waiver = spread(grant("visa_free", id_="waiver"), "KAZ MAR", "ISR")
        standing = grant("visa_required", passport="MAR", id_="standing")
        found = groups([standing], [standing, waiver])
        assert [codes(each) for each in found] == ["KAZ to ISR", "MAR to ISR"]

    def test_come_in_order_of_time_and_after_them_what_only_looks_different(self) -> None:
        announced = grant("visa_free", "memorandum_of_intent 2020-01-01", passport="MAR", id_="announced")
        later = grant("visa_free", "in_force 2027-03-01", passport="JPN", id_="later")
        past = grant("visa_free", "in_force 2020-01-01", "terminated 2021-01-01", id_="past")
        found = groups([], [announced, later, past])
        assert [(each.passports[0].code, each.kind, each.is_past(NOW)) for each in found] == [
            ("KAZ", ChangeKind.ANSWER, True),
            ("JPN", ChangeKind.ANSWER, False),
            ("KAZ", ChangeKind.SHOWN, False),
            ("MAR", ChangeKind.SHOWN, False),
        ]


SOME = ["DEU", "DNK", "FRA", "IRL", "ISR", "JPN", "KAZ"]


def pairs() -> st.SearchStrategy[list[tuple[str, str]]]:
    return sets_of([(one, other) for one in SOME for other in SOME if one != other], least=1)


@quick
@given(pairs() | st.lists(sets_of(SOME, least=4), min_size=2, max_size=2).map(lambda each: crossed(*each)))
def test_the_groups_hold_each_change_once_and_nothing_else(reached: list[tuple[str, str]]) -> None:
    granted = grant("visa_free", passport=reached[0][0], destination=reached[0][1])
    for pair in reached[1:]:
        granted = granted.also(*pair)
    found = [
        (passport, destination)
        for group in groups([], [granted])
        for passport, destination in product(group.passports, group.destinations)
        if passport != destination
    ]
    assert sorted(found, key=str) == sorted(
        ((PLACES.by_code[one], PLACES.by_code[other]) for one, other in reached), key=str
    )


def crossed(passports: list[str], destinations: list[str]) -> list[tuple[str, str]]:
    return [pair for pair in product(passports, destinations) if pair[0] != pair[1]]

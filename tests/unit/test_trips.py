"""A trip, leg by leg: which document serves, whose days count, and what a transit means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from tests.builders import EDITION, PLACES, WORLD, Grant, condition, days, grant, group, moment
from visalookup.domain.circumstances import Transit
from visalookup.domain.documents import DocumentType
from visalookup.domain.places import index_places
from visalookup.domain.requirements import Purpose
from visalookup.domain.rulebook import build_rulebook
from visalookup.domain.trips.passport_validity import BORDERS_CODE, Validity, ValidityStatus
from visalookup.domain.trips.route import SCHENGEN, Leg, LegKind
from visalookup.domain.trips.stay_limits import Span
from visalookup.domain.trips.trip import (
    EarlierStay,
    LegCheck,
    TransitRule,
    Traveller,
    TravellerCheck,
    TripCheck,
    TripDocument,
)

SCHENGEN_PLACES = index_places(WORLD, (group(SCHENGEN, "DEU", "FRA"),))


def passport(code: str = "KAZ", expires_on: str | None = None, issued_on: str | None = None) -> TripDocument:
    issued, expires = (date.fromisoformat(day) if day else None for day in (issued_on, expires_on))
    return TripDocument(PLACES.by_code[code], DocumentType.ORDINARY, Validity(issued, expires))


def leg(destination: str, arrival: str, departure: str | None = None, kind: LegKind = LegKind.STAY) -> Leg:
    leaves = moment(departure) if departure else None
    return Leg(PLACES.by_code["KAZ"], PLACES.by_code[destination], moment(arrival), leaves, kind)


def transit(destination: str, arrival: str, departure: str | None = None) -> Leg:
    return leg(destination, arrival, departure, LegKind.TRANSIT)


def stayed(destination: str, first: str, last: str) -> EarlierStay:
    return EarlierStay(PLACES.by_code[destination], Span(date.fromisoformat(first), date.fromisoformat(last)))


def check(
    *legs: Leg,
    grants: Sequence[Grant] = (),
    documents: Sequence[TripDocument] = (passport(),),
    earlier: Sequence[EarlierStay] = (),
) -> TravellerCheck:
    rules = [rule for each in grants for rule in each.rules]
    book = build_rulebook(EDITION, SCHENGEN_PLACES, [each.regime for each in grants], rules)
    return TripCheck(book, legs).check(Traveller("Aigerim", tuple(documents), tuple(earlier)))


def used(checked: LegCheck) -> list[int]:
    assert checked.best is not None
    return [limit.used for limit in checked.best.limits]


def numbers(checked: LegCheck) -> list[int]:
    return [each.number for each in checked.documents]


ROLLING = days(90, within_days=180)
TO_ISRAEL = grant("visa_free", stay=days(30))
TO_GERMANY = grant("visa_free", destination="DEU", id_="germany", stay=ROLLING)
TO_FRANCE = grant("visa_free", destination="FRA", id_="france", stay=ROLLING)


class TestDaysOfALeg:
    def test_a_leg_lasts_from_the_day_of_arrival_to_that_of_departure(self) -> None:
        assert leg("ISR", "2026-12-01", "2026-12-10").days == Span(date(2026, 12, 1), date(2026, 12, 10))

    def test_where_departure_is_not_known_only_the_day_of_arrival_counts(self) -> None:
        open_ended = leg("ISR", "2026-12-01")
        assert (open_ended.last_day, open_ended.days) == (None, Span(date(2026, 12, 1), date(2026, 12, 1)))

    def test_an_instant_is_the_day_it_is_by_the_clock_of_the_destination(self) -> None:
        flight = leg("ISR", "2026-12-01T22:30:00+00:00", "2026-12-03T21:59:00+00:00")
        assert (flight.first_day, flight.last_day) == (date(2026, 12, 2), date(2026, 12, 3))


class TestTheDocumentThatServes:
    def test_the_milder_rule_comes_first(self) -> None:
        grants = [grant("e_visa"), grant("visa_free", passport="FRA", id_="france")]
        found = check(leg("ISR", "2026-12-01"), grants=grants, documents=[passport("KAZ"), passport("FRA")])
        assert numbers(found.legs[0]) == [1, 0]
        assert found.legs[0].best is found.legs[0].documents[0]
        assert found.best_document == 1

    def test_among_equals_the_first_named_comes_first(self) -> None:
        found = check(leg("ISR", "2026-12-01"), grants=[TO_ISRAEL], documents=[passport(), passport()])
        assert numbers(found.legs[0]) == [0, 1]
        assert found.best_document == 0

    def test_fit_comes_before_unknown_before_unfit_before_refused(self) -> None:
        grants = [
            grant("no_admission", passport="CAN", id_="refused"),
            grant("visa_free", passport="FRA", id_="short", stay=days(5)),
            grant("visa_required", passport="KAZ", id_="fit"),
        ]
        documents = [passport("CAN"), passport("FRA"), passport("MEX"), passport("KAZ")]
        found = check(leg("ISR", "2026-12-01", "2026-12-20"), grants=grants, documents=documents)
        assert numbers(found.legs[0]) == [3, 2, 1, 0]
        assert [each.order[0] for each in found.legs[0].documents] == [0, 1, 2, 3]
        assert [each.is_fit for each in found.legs[0].documents] == [True, False, False, False]

    def test_a_document_that_is_not_accepted_is_never_the_one_to_use(self) -> None:
        """Not even before one of which nothing is known, or one whose stay is too short."""
        grants = [
            grant("document_not_accepted", passport="CAN", id_="refused", use_instead="a passport"),
            grant("visa_free", passport="CAN", id_="free"),
            grant("visa_free", passport="FRA", id_="short", stay=days(5)),
        ]
        documents = [passport("CAN"), passport("FRA"), passport("MEX")]
        found = check(leg("ISR", "2026-12-01", "2026-12-20"), grants=grants, documents=documents)
        assert numbers(found.legs[0]) == [2, 1, 0]
        assert [each.is_fit for each in found.legs[0].documents] == [False, False, False]
        assert found.best_document == 2

    def test_a_document_that_expires_during_the_stay_is_not_fit(self) -> None:
        documents = [passport(expires_on="2026-12-05"), passport(expires_on="2026-12-10")]
        found = check(leg("ISR", "2026-12-01", "2026-12-10"), grants=[TO_ISRAEL], documents=documents)
        assert [(each.number, each.is_fit) for each in found.legs[0].documents] == [(1, True), (0, False)]

    def test_a_document_that_expires_on_the_day_of_arrival_is_still_one(self) -> None:
        documents = [passport(expires_on="2026-11-30"), passport(expires_on="2026-12-01")]
        found = check(leg("ISR", "2026-12-01"), grants=[TO_ISRAEL], documents=documents)
        assert numbers(found.legs[0]) == [1]
        assert found.best_document == 1

    def test_without_a_valid_document_there_is_no_best_one(self) -> None:
        found = check(leg("ISR", "2026-12-01"), grants=[TO_ISRAEL], documents=[passport(expires_on="2026-11-30")])
        assert (found.legs[0].best, found.best_document) == (None, None)

    def test_a_document_that_is_not_issued_yet_is_none_and_on_the_day_of_issue_it_is_one(self) -> None:
        documents = [passport(issued_on="2026-12-02"), passport(issued_on="2026-12-01")]
        found = check(leg("ISR", "2026-12-01"), grants=[TO_ISRAEL], documents=documents)
        assert numbers(found.legs[0]) == [1]

    def test_over_the_whole_trip_the_worst_leg_of_each_document_decides(self) -> None:
        """Kazakhstan's passport is better for Israel, and refused in Japan; France's is fair in both."""
        grants = [
            grant("visa_free", id_="a"),
            grant("no_admission", destination="JPN", id_="b"),
            grant("e_visa", passport="FRA", id_="c"),
            grant("e_visa", passport="FRA", destination="JPN", id_="d"),
        ]
        legs = [leg("ISR", "2026-12-01", "2026-12-05"), leg("JPN", "2026-12-06", "2026-12-10")]
        assert check(*legs, grants=grants, documents=[passport("KAZ"), passport("FRA")]).best_document == 1

    def test_a_document_that_expires_on_the_way_serves_no_whole_trip(self) -> None:
        grants = [TO_ISRAEL, grant("visa_free", destination="JPN", id_="japan"), grant("e_visa", passport="FRA")]
        legs = [leg("ISR", "2026-12-01", "2026-12-05"), leg("JPN", "2026-12-06", "2026-12-10")]
        documents = [passport("KAZ", expires_on="2026-12-05"), passport("FRA")]
        found = check(*legs, grants=grants, documents=documents)
        assert found.legs[0].best is not None
        assert found.legs[0].best.number == 0
        assert found.best_document == 1

    def test_in_schengen_the_borders_code_is_asked_and_elsewhere_it_is_not(self) -> None:
        grants = [TO_GERMANY, TO_ISRAEL]
        legs = [leg("DEU", "2026-12-01", "2026-12-05"), leg("ISR", "2026-12-06", "2026-12-10")]
        found = check(*legs, grants=grants, documents=[passport(expires_on="2027-03-04")])
        validities = [each.documents[0].validity for each in found.legs]
        assert (validities[0].status, validities[0].source) == (ValidityStatus.TOO_SHORT, BORDERS_CODE)
        assert validities[0].needed_until == date(2027, 3, 5)
        assert (validities[1].status, validities[1].source) == (ValidityStatus.NOT_KNOWN, None)


class TestDaysThatCountTogether:
    def test_schengen_is_one_area_and_any_other_destination_is_its_own(self) -> None:
        legs = [leg(code, "2026-12-01") for code in ("DEU", "FRA", "ISR")]
        assert [each.area for each in check(*legs).legs] == [SCHENGEN, SCHENGEN, "ISR"]

    def test_days_in_one_country_of_schengen_count_in_the_other(self) -> None:
        legs = [leg("DEU", "2026-12-01", "2026-12-10"), leg("FRA", "2026-12-11", "2026-12-20")]
        found = check(*legs, grants=[TO_GERMANY, TO_FRANCE])
        assert [used(each) for each in found.legs] == [[10], [20]]

    def test_days_elsewhere_do_not_count(self) -> None:
        legs = [leg("ISR", "2026-12-01", "2026-12-10"), leg("FRA", "2026-12-11", "2026-12-20")]
        assert used(check(*legs, grants=[TO_ISRAEL, TO_FRANCE]).legs[1]) == [10]

    def test_earlier_stays_in_the_area_count_and_those_elsewhere_do_not(self) -> None:
        earlier = [stayed("DEU", "2026-10-01", "2026-10-10"), stayed("ISR", "2026-10-11", "2026-10-30")]
        found = check(leg("FRA", "2026-12-01", "2026-12-05"), grants=[TO_FRANCE], earlier=earlier)
        assert used(found.legs[0]) == [15]

    def test_a_leg_that_goes_on_without_a_day_outside_is_one_visit(self) -> None:
        """Thirty days of a visit, not thirty in each half of it."""
        legs = [leg("ISR", "2026-12-01", "2026-12-20"), leg("ISR", "2026-12-21", "2027-01-05")]
        found = check(*legs, grants=[TO_ISRAEL])
        assert [used(each) for each in found.legs] == [[20], [36]]
        assert found.legs[1].best is not None
        assert not found.legs[1].best.keeps_limits

    def test_a_visit_may_go_on_over_more_than_two_legs(self) -> None:
        legs = [leg("ISR", f"2026-12-{number:02}", f"2026-12-{number:02}") for number in (1, 2, 3)]
        assert used(check(*legs, grants=[TO_ISRAEL]).legs[2]) == [3]

    def test_a_day_outside_ends_the_visit(self) -> None:
        legs = [leg("ISR", "2026-12-01", "2026-12-20"), leg("ISR", "2026-12-22", "2027-01-05")]
        assert used(check(*legs, grants=[TO_ISRAEL]).legs[1]) == [15]

    def test_a_leg_elsewhere_ends_the_visit(self) -> None:
        legs = [leg("ISR", "2026-12-01", "2026-12-20"), leg("JPN", "2026-12-21"), leg("ISR", "2026-12-21")]
        assert used(check(*legs, grants=[TO_ISRAEL]).legs[2]) == [1]

    def test_a_rule_without_a_stay_and_no_rule_set_no_limit(self) -> None:
        found = check(leg("ISR", "2026-12-01"), leg("JPN", "2026-12-02"), grants=[grant("visa_free")])
        assert [used(each) for each in found.legs] == [[], []]


class TestATransit:
    def test_its_days_count_in_no_limit_where_the_traveller_only_passes_through(self) -> None:
        legs = [
            transit("DEU", "2026-12-01", "2026-12-02"),
            leg("ISR", "2026-12-03", "2026-12-10"),
            leg("FRA", "2026-12-12", "2026-12-20"),
        ]
        found = check(*legs, grants=[TO_GERMANY, TO_ISRAEL, TO_FRANCE])
        assert [each.is_counted for each in found.legs] == [False, True, True]
        assert [used(each) for each in found.legs] == [[], [8], [9]]

    @pytest.mark.parametrize(
        "legs",
        [
            [transit("DEU", "2026-12-01", "2026-12-02"), leg("FRA", "2026-12-02", "2026-12-10")],
            [leg("FRA", "2026-12-01", "2026-12-09"), transit("DEU", "2026-12-10", "2026-12-10")],
        ],
    )
    def test_its_days_count_where_it_is_part_of_a_visit_to_the_area(self, legs: list[Leg]) -> None:
        found = check(*legs, grants=[TO_GERMANY, TO_FRANCE])
        assert [each.is_counted for each in found.legs] == [True, True]
        assert used(found.legs[1]) == [10]

    def test_what_is_known_of_it_is_said_by_the_best_document(self) -> None:
        covering = grant("visa_free", purposes=frozenset({Purpose.VISIT, Purpose.TRANSIT}))
        known = transit("ISR", "2026-12-01")
        assert check(known, grants=[covering]).legs[0].transit is TransitRule.COVERED
        assert check(known, grants=[grant("visa_free")]).legs[0].transit is TransitRule.UNKNOWN
        assert check(known).legs[0].transit is TransitRule.UNKNOWN
        assert check(known, documents=[passport("ISR")]).legs[0].transit is TransitRule.OWN_COUNTRY
        assert check(known, documents=[]).legs[0].transit is TransitRule.UNKNOWN

    def test_a_stay_is_no_transit(self) -> None:
        assert check(leg("ISR", "2026-12-01"), grants=[TO_ISRAEL]).legs[0].transit is None


def test_a_leg_is_answered_on_the_day_of_arrival() -> None:
    coming = grant("visa_free", "signed 2026-01-27", "in_force 2027-03-01")
    legs = [leg("ISR", "2027-02-28", "2027-03-05"), leg("ISR", "2027-04-01")]
    found = check(*legs, grants=[coming, grant("visa_required", id_="standing")])
    assert [str(each.documents[0].answer.verdict.requirement) for each in found.legs] == ["visa_required", "visa_free"]


def test_each_leg_is_numbered_and_travellers_are_checked_one_by_one() -> None:
    legs = [leg("ISR", "2026-12-01"), leg("ISR", "2026-12-05")]
    checker = TripCheck(build_rulebook(EDITION, SCHENGEN_PLACES, [TO_ISRAEL.regime], TO_ISRAEL.rules), legs)
    kazakh, french = (Traveller(code, (passport(code),)) for code in ("KAZ", "FRA"))
    found = [checker.check(each) for each in (kazakh, french)]
    assert [each.traveller.label for each in found] == ["KAZ", "FRA"]
    assert [[each.number for each in one.legs] for one in found] == [[0, 1], [0, 1]]
    assert [str(one.legs[0].documents[0].answer.verdict.answer) for one in found] == ["no", "unknown"]


def test_another_passport_held_shows_a_nationality_that_bars_a_rule() -> None:
    barred = condition("not_also_national_of", of=("FRA",))
    grants = [grant("eta", conditions=(barred,)), grant("visa_required", id_="policy")]

    def asked_with(*held: TripDocument) -> str:
        found = check(leg("ISR", "2026-12-01"), grants=grants, documents=held).legs[0].documents
        (answer,) = (document.answer for document in found if document.number == 0)
        return str(answer.verdict.requirement)

    assert asked_with(passport()) == "eta"
    assert asked_with(passport(), passport("FRA")) == "visa_required"


@pytest.mark.parametrize(
    ("way", "known"), [(None, TransitRule.UNKNOWN), ("airside", TransitRule.COVERED), ("landside", TransitRule.COVERED)]
)
def test_a_rule_for_changing_planes_answers_where_the_leg_says_so(way: str | None, known: TransitRule) -> None:
    grants = [
        grant("visa_free", purposes=frozenset({Purpose.AIRSIDE_TRANSIT})),
        grant("visa_required", id_="policy"),
    ]
    changing = replace(transit("ISR", "2026-12-01"), transit=Transit(way) if way else None)
    assert check(changing, grants=grants).legs[0].transit is known

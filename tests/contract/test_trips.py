"""The trip check on the real data: whole journeys, and each way to ask for one wrongly."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.contract.conftest import Api, Json, assert_declared, checked_problem
from visalookup.api.v1.trips.responses import TripResultJson
from visalookup.config import ROOT

TRIPS = "/api/v1/trips"
FAR = "2036-01-01"


def document(passport: str, expires_on: str | None = FAR, **more: str) -> Json:
    return {"passport": passport, **({"expires_on": expires_on} if expires_on else {}), **more}


def traveller(*documents: Json, label: str = "A", earlier: list[Json] | None = None) -> Json:
    return {"label": label, "documents": list(documents), "earlier_stays": earlier or []}


def stay(destination: str, arrival: str, departure: str) -> Json:
    return {"destination": destination, "arrival": arrival, "departure": departure}


def leg(origin: str, to: str, arrival: str, departure: str | None = None, **more: str) -> Json:
    return {
        "from": origin,
        "to": to,
        "arrival": arrival,
        **({"departure": departure} if departure else {}),
        **more,
    }


class Trips:
    """The trip check as an agency's program uses it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def check(self, travellers: Json | list[Json], *legs: Json) -> Json:
        """The reply to one trip."""
        body = {"travellers": travellers if isinstance(travellers, list) else [travellers], "legs": list(legs)}
        response = self.client.post(TRIPS, json=body)
        assert response.status_code == 200, response.get_data(as_text=True)[:600]
        reply: Json = response.get_json()
        assert_declared(reply, TripResultJson)
        return reply

    def legs(self, who: Json, *legs: Json) -> list[Json]:
        """What each leg means for one traveller."""
        found: list[Json] = self.check(who, *legs)["travellers"][0]["legs"]
        return found

    def refuses(self, body: Any) -> dict[str, str]:
        """The faults found, by field."""
        problem = checked_problem(self.client.post(TRIPS, json=body), 422)
        return {each["field"]: each["detail"] for each in problem["errors"]}


@pytest.fixture
def trips(client: FlaskClient) -> Trips:
    return Trips(client)


def test_a_round_trip_gives_the_answer_of_the_lookup_for_each_leg_and_the_way_home(trips: Trips, api: Api) -> None:
    out, home = trips.legs(
        traveller(document("KAZ")),
        leg("KAZ", "ISR", "2027-01-10", "2027-01-20"),
        leg("ISR", "KAZ", "2027-01-20"),
    )
    assert out["answer"] == api.ask("KAZ", "ISR", on="2027-01-10")
    assert home["answer"]["basis"] == "own_country"
    assert home["limits"] == []
    assert home["passport_validity"]["status"] == "enough"
    assert (out["transit"], out["sentence"]) == (None, None)


@pytest.mark.parametrize("day", ["2025-06-01", "2026-01-26", "2026-01-27", "2026-11-23", "2027-03-01"])
def test_the_day_of_arrival_decides_even_where_the_law_changes(trips: Trips, api: Api, day: str) -> None:
    (found,) = trips.legs(traveller(document("KAZ")), leg("KAZ", "ISR", day))
    assert found["answer"] == api.ask("KAZ", "ISR", on=day)


def test_an_arrival_at_an_instant_is_answered_for_the_instant_and_counted_by_the_clock_there(
    trips: Trips, api: Api
) -> None:
    moment = "2027-01-09T23:30:00Z"
    (found,) = trips.legs(traveller(document("USA")), leg("USA", "DEU", moment, "2027-01-12T08:00:00+01:00"))
    assert found["answer"] == api.ask("USA", "DEU", on=moment)
    assert found["limits"][0]["days_used"] == 3, "in Berlin it is the tenth already"


def test_ninety_days_in_the_schengen_area_are_within_the_limit(trips: Trips) -> None:
    (found,) = trips.legs(traveller(document("USA")), leg("USA", "DEU", "2027-01-01", "2027-03-31"))
    (limit,) = found["limits"]
    assert limit["area"] == {"code": "SCHENGEN", "name": "Schengen area"}
    assert (limit["days"], limit["within_days"], limit["kind"]) == (90, 180, "rolling")
    assert (limit["days_used"], limit["days_left"], limit["first_overstay_day"]) == (90, 0, None)
    assert limit["last_day_allowed"] == "2027-03-31"
    assert limit["again_from"] == "2027-06-30"
    assert any("2016/399" in each["title"] for each in limit["sources"])
    assert limit["sentence"] == (
        "Within the limit: 90 days of 90 days in any 180 in the Schengen area used by 31 March 2027."
    )


def test_one_day_more_is_an_overstay_and_the_day_is_named(trips: Trips) -> None:
    (found,) = trips.legs(traveller(document("USA")), leg("USA", "DEU", "2027-01-01", "2027-04-01"))
    (limit,) = found["limits"]
    assert (limit["days_used"], limit["days_left"]) == (91, 0)
    assert (limit["first_overstay_day"], limit["earliest_arrival"]) == ("2027-04-01", None)
    assert "The first day too many is 1 April 2027" in limit["sentence"]
    assert found["documents"][0]["within_limits"] is False


def test_germany_and_france_are_one_stay_and_great_britain_between_two_visits_does_not_count(trips: Trips) -> None:
    first, second, away, back = trips.legs(
        traveller(document("USA")),
        leg("USA", "DEU", "2027-01-01", "2027-01-30"),
        leg("DEU", "FRA", "2027-01-30", "2027-02-28"),
        leg("FRA", "GBR", "2027-02-28", "2027-03-31"),
        leg("GBR", "ITA", "2027-03-31", "2027-05-01"),
    )
    assert first["limits"][0]["days_used"] == 30
    assert second["limits"][0]["days_used"] == 59, "the thirtieth of January is one day"
    assert away["limits"][0]["area"]["code"] == "GBR"
    assert back["limits"][0]["days_used"] == 91
    assert back["limits"][0]["first_overstay_day"] == "2027-05-01"
    assert back["limits"][0]["earliest_arrival"] is not None
    assert back["limits"][0]["earliest_arrival"] > "2027-03-31"


def test_earlier_stays_in_the_area_count_and_old_ones_no_longer(trips: Trips) -> None:
    earlier = [stay("ESP", "2026-01-01", "2026-03-31"), stay("FRA", "2026-11-01", "2026-12-30")]
    (found,) = trips.legs(traveller(document("GBR"), earlier=earlier), leg("GBR", "DEU", "2027-01-10", "2027-02-09"))
    (limit,) = found["limits"]
    assert (limit["days_used"], limit["first_overstay_day"]) == (91, "2027-02-09")
    assert limit["earliest_arrival"] == "2027-03-31", "on its last day the first of November is out of the window"


def test_earlier_stays_elsewhere_do_not_count(trips: Trips) -> None:
    earlier = [stay("GBR", "2026-10-01", "2026-12-30"), stay("IRL", "2026-09-01", "2026-09-30")]
    (found,) = trips.legs(traveller(document("USA"), earlier=earlier), leg("USA", "DEU", "2027-01-01", "2027-03-31"))
    assert found["limits"][0]["days_used"] == 90


def test_who_holds_two_passports_is_told_which_to_use_where(trips: Trips) -> None:
    reply = trips.check(
        traveller(document("KAZ"), document("DEU")),
        leg("KAZ", "DEU", "2027-01-10", "2027-06-10"),
        leg("DEU", "KAZ", "2027-06-10"),
    )
    there, back = reply["travellers"][0]["legs"]
    assert (there["best_document"], back["best_document"]) == (1, 0)
    assert there["limits"] == []
    assert [each["document"] for each in there["documents"]] == [1, 0]
    assert reply["travellers"][0]["best_document"] == 1, "Germans need no visa for Kazakhstan either"


def test_an_expired_passport_is_no_passport(trips: Trips) -> None:
    reply = trips.check(
        [
            traveller(document("DEU", "2027-01-09"), document("KAZ")),
            traveller(document("DEU", "2026-12-31"), label="B"),
        ],
        leg("KAZ", "FRA", "2027-01-10", "2027-01-20"),
    )
    first, second = (each["legs"][0] for each in reply["travellers"])
    assert first["best_document"] == 1
    assert first["answer"]["passport"]["code"] == "KAZ"
    assert (second["best_document"], second["answer"], second["documents"]) == (None, None, [])
    assert second["sentence"] == (
        "No document is valid on 10 January 2027; you need one that is issued by then and has not expired."
    )
    assert reply["travellers"][1]["best_document"] is None


@pytest.mark.parametrize(
    ("expires_on", "issued_on", "status"),
    [
        ("2027-04-20", "2020-01-01", "enough"),
        ("2027-04-19", "2020-01-01", "too_short"),
        ("2027-01-15", "2020-01-01", "too_short"),
        ("2027-12-31", "2017-01-11", "enough"),
        ("2027-12-31", "2017-01-10", "too_short"),
    ],
)
def test_in_the_schengen_area_a_passport_must_be_valid_three_months_longer_and_not_ten_years_old(
    trips: Trips, expires_on: str, issued_on: str, status: str
) -> None:
    who = traveller(document("USA", expires_on, issued_on=issued_on))
    (found,) = trips.legs(who, leg("USA", "ITA", "2027-01-10", "2027-01-20"))
    assert found["passport_validity"]["status"] == status
    assert found["best_document"] == 0


def test_how_long_a_passport_must_be_valid_is_not_guessed(trips: Trips) -> None:
    (found,) = trips.legs(traveller(document("KAZ")), leg("KAZ", "ISR", "2027-01-10", "2027-01-20"))
    assert found["passport_validity"]["status"] == "not_known"
    assert "six months" in found["passport_validity"]["sentence"]
    (asked,) = trips.legs(traveller(document("FRA")), leg("FRA", "EGY", "2027-01-10", "2027-01-20"))
    assert asked["answer"]["requirement"] == "visa_on_arrival"
    assert asked["passport_validity"]["status"] == "enough"
    (other,) = trips.legs(traveller(document("USA")), leg("USA", "PLW", "2027-01-10", "2027-01-20"))
    assert other["passport_validity"]["status"] == "see_conditions"
    assert "valid for your stay" in other["passport_validity"]["sentence"]


@pytest.mark.parametrize(
    ("destination", "expires_on", "status", "needed"),
    [
        ("KHM", "2027-07-20", "enough", "2027-07-20"),
        ("KHM", "2027-07-19", "not_known", "2027-07-20"),
        ("KHM", "2027-07-09", "too_short", "2027-07-10"),
        ("KEN", "2027-07-10", "enough", "2027-07-10"),
        ("KEN", "2027-07-09", "too_short", "2027-07-10"),
        ("IDN", "2027-07-19", "too_short", "2027-07-20"),
    ],
)
def test_a_passport_is_held_against_the_passport_rule_of_the_destination(
    trips: Trips, destination: str, expires_on: str, status: str, needed: str
) -> None:
    who = traveller(document("FRA", expires_on))
    (found,) = trips.legs(who, leg("FRA", destination, "2027-01-10", "2027-01-20"))
    validity = found["passport_validity"]
    assert (validity["status"], validity["needed_until"]) == (status, needed)
    assert len(validity["sources"]) == 1
    assert found["answer"]["entry"]["passport"]["source"] == validity["sources"][0]


def test_a_transit_without_a_rule_is_said_to_be_unknown_and_counts_no_days(trips: Trips) -> None:
    change, there = trips.legs(
        traveller(document("USA")),
        leg("USA", "DEU", "2027-01-10", "2027-01-10", kind="transit"),
        leg("DEU", "ISR", "2027-01-11", "2027-01-20"),
    )
    assert (change["transit"], change["days_counted"], change["limits"]) == ("unknown", False, [])
    assert "We hold no rule on transit through Germany" in change["sentence"]
    assert (there["transit"], there["days_counted"]) == (None, True)


def test_a_transit_on_the_way_into_the_same_area_counts(trips: Trips) -> None:
    change, there = trips.legs(
        traveller(document("USA")),
        leg("USA", "DEU", "2027-01-10", "2027-01-10", kind="transit"),
        leg("DEU", "FRA", "2027-01-11", "2027-01-20"),
    )
    assert change["days_counted"] is True
    assert there["limits"][0]["days_used"] == 11


def test_a_rule_for_transit_too_and_ones_own_country_are_known(trips: Trips) -> None:
    (home,) = trips.legs(traveller(document("KAZ")), leg("ISR", "KAZ", "2027-01-10", kind="transit"))
    assert home["transit"] == "own_country"
    (known,) = trips.legs(traveller(document("FRA")), leg("FRA", "PRI", "2027-01-10", kind="transit"))
    assert known["transit"] == "covered"


def test_legs_that_do_not_chain_are_checked_with_a_warning(trips: Trips) -> None:
    reply = trips.check(
        traveller(document("KAZ")),
        leg("KAZ", "ISR", "2027-01-10", "2027-01-20"),
        leg("EGY", "KAZ", "2027-01-25"),
    )
    (warning,) = reply["warnings"]
    assert warning["field"] == "/legs/1/from"
    assert "begins in Egypt, but the one before leads to Israel" in warning["detail"]


def test_whoever_flies_east_over_the_date_line_may_land_the_day_before(trips: Trips) -> None:
    reply = trips.check(
        traveller(document("KAZ")),
        leg("KAZ", "JPN", "2027-01-10", "2027-01-20"),
        leg("JPN", "USA", "2027-01-19", "2027-01-30"),
    )
    assert reply["warnings"] == []


BAD_LEGS: dict[str, tuple[list[Json], str]] = {
    "departure before arrival": ([leg("KAZ", "ISR", "2027-01-10", "2027-01-09")], "/legs/0/departure"),
    "instants the wrong way round": (
        [leg("KAZ", "ISR", "2027-01-10T09:00:00Z", "2027-01-10T08:00:00Z")],
        "/legs/0/departure",
    ),
    "legs that overlap": (
        [leg("KAZ", "ISR", "2027-01-10", "2027-01-20"), leg("ISR", "KAZ", "2027-01-15")],
        "/legs/1/arrival",
    ),
    "no departure before the last leg": (
        [leg("KAZ", "ISR", "2027-01-10"), leg("ISR", "KAZ", "2027-01-15")],
        "/legs/0/departure",
    ),
    "no such place": ([leg("KAZ", "Atlantis", "2027-01-10")], "/legs/0/to"),
    "a document for a place": ([leg("XXB", "ISR", "2027-01-10")], "/legs/0/from"),
    "no such day": ([leg("KAZ", "ISR", "2027-02-30")], "/legs/0/arrival"),
    "no such kind": ([leg("KAZ", "ISR", "2027-01-10", kind="layover")], "/legs/0/kind"),
    "a number for a day": ([{**leg("KAZ", "ISR", "2027-01-10"), "arrival": 7}], "/legs/0/arrival"),
    "a member nobody knows": ([leg("KAZ", "ISR", "2027-01-10", seat="12A")], "/legs/0/seat"),
    "no such means of transport": ([leg("KAZ", "ISR", "2027-01-10", by="rocket")], "/legs/0/by"),
    "a stay airside": ([leg("KAZ", "ISR", "2027-01-10", transit="airside")], "/legs/0/transit"),
    "a place left out": ([{"from": "KAZ", "arrival": "2027-01-10"}], "/legs/0/to"),
    "no legs": ([], "/legs"),
    "too many legs": ([leg("KAZ", "ISR", "2027-01-10", "2027-01-10")] * 51, "/legs"),
    "a stay of eleven years": ([leg("KAZ", "ISR", "2027-01-10", "2038-01-10")], "/legs/0/departure"),
}


@pytest.mark.parametrize(("legs", "field"), BAD_LEGS.values(), ids=BAD_LEGS.keys())
def test_a_leg_that_cannot_be_is_refused_by_its_pointer(trips: Trips, legs: list[Json], field: str) -> None:
    assert field in trips.refuses({"travellers": [traveller(document("KAZ"))], "legs": legs})


BAD_TRAVELLERS: dict[str, tuple[list[Json], str]] = {
    "nobody": ([], "/travellers"),
    "too many": ([traveller(document("KAZ"), label=str(number)) for number in range(51)], "/travellers"),
    "one label twice": ([traveller(document("KAZ"))] * 2, "/travellers/1/label"),
    "no documents": ([traveller()], "/travellers/0/documents"),
    "too many documents": ([traveller(*[document("KAZ")] * 6)], "/travellers/0/documents"),
    "no such passport": ([traveller(document("KAX"))], "/travellers/0/documents/0/passport"),
    "no such expiry": ([traveller(document("KAZ", "soon"))], "/travellers/0/documents/0/expires_on"),
    "expiry before issue": (
        [traveller(document("KAZ", "2027-01-01", issued_on="2028-01-01"))],
        "/travellers/0/documents/0/expires_on",
    ),
    "no such document": (
        [traveller(document("KAZ", document="library card"))],
        "/travellers/0/documents/0/document",
    ),
    "an earlier stay that ends before it begins": (
        [traveller(document("KAZ"), earlier=[stay("FRA", "2026-02-01", "2026-01-01")])],
        "/travellers/0/earlier_stays/0/departure",
    ),
    "an earlier stay after the trip": (
        [traveller(document("KAZ"), earlier=[stay("FRA", "2027-02-01", "2027-02-02")])],
        "/travellers/0/earlier_stays/0/departure",
    ),
    "too many earlier stays": (
        [traveller(document("KAZ"), earlier=[stay("FRA", "2026-01-01", "2026-01-02")] * 201)],
        "/travellers/0/earlier_stays",
    ),
}


@pytest.mark.parametrize(("travellers", "field"), BAD_TRAVELLERS.values(), ids=BAD_TRAVELLERS.keys())
def test_a_traveller_who_cannot_be_is_refused_by_the_pointer(trips: Trips, travellers: list[Json], field: str) -> None:
    legs = [leg("KAZ", "ISR", "2027-01-10", "2027-01-20")]
    assert field in trips.refuses({"travellers": travellers, "legs": legs})


@pytest.mark.parametrize("body", [[], 7, "trip", {}, {"legs": 7, "travellers": [8]}, {"legs": None}])
def test_what_is_no_trip_at_all_is_refused(trips: Trips, body: Any) -> None:
    assert trips.refuses(body)


def test_the_largest_trip_that_may_be_sent_is_answered(trips: Trips) -> None:
    earlier = [stay("FRA", "2026-01-01", "2026-01-02")] * 200
    codes = ("KAZ", "GBR", "USA", "IND", "BRA")
    travellers = [
        traveller(*map(document, codes), label=str(number), earlier=earlier if number == 0 else [])
        for number in range(50)
    ]
    legs = [leg("DEU", "DEU", f"2027-{1 + number // 28:02}-{1 + number % 28:02}") for number in range(50)]
    reply = trips.check(travellers, *({**each, "departure": each["arrival"]} for each in legs))
    assert [len(each["legs"]) for each in reply["travellers"]] == [50] * 50


def test_the_trip_of_the_documentation_is_answered(trips: Trips) -> None:
    shown = re.search(r"```json\n(.*?)```", (ROOT / "docs" / "trips.md").read_text("utf-8"), re.DOTALL)
    assert shown
    body = json.loads(shown[1])
    germany, france, home = trips.check(body["travellers"], *body["legs"])["travellers"][0]["legs"]
    assert (germany["limits"][0]["days_used"], france["limits"][0]["days_used"]) == (41, 53)
    assert home["answer"]["basis"] == "own_country"

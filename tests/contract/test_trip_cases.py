"""Faults of trip checks that others reported or that an independent count found, each with three of its kind."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.contract.conftest import Json
from tests.contract.test_trips import Trips, document, leg, stay, traveller

FAR = "2032-01-01"


def legs_of(client: FlaskClient, who: Json, *legs: Json) -> list[Json]:
    return Trips(client).legs(who, *legs)


def limit_of(client: FlaskClient, earlier: Json, passport: str, *legs: Json) -> Json:
    """The first limit of the first leg, after an earlier stay."""
    found: Json = legs_of(client, traveller(document(passport, FAR), earlier=[earlier]), *legs)[0]["limits"][0]
    return found


@pytest.mark.parametrize(
    ("earlier", "leg_days", "passport", "earliest"),
    [
        (("DEU", "2026-01-01", "2026-03-31"), ("2026-03-31", "2026-04-01"), "USA", "2026-06-30"),
        (("FRA", "2027-01-01", "2027-03-31"), ("2027-03-31", "2027-04-05"), "USA", "2027-06-30"),
        (("ITA", "2028-01-01", "2028-03-30"), ("2028-03-30", "2028-04-02"), "GBR", "2028-06-29"),
        (("ESP", "2027-12-02", "2028-02-29"), ("2028-02-29", "2028-03-01"), "USA", "2028-05-30"),
        (("CHE", "2026-06-03", "2026-08-31"), ("2026-08-31", "2026-09-01"), "KOR", "2026-11-30"),
        (("DEU", "2026-01-01", "2026-03-31"), ("2026-03-31", "2026-03-31"), "USA", "2026-03-31"),
    ],
    ids=["2026", "2027", "leap-year", "leap-day", "autumn", "the-shared-day-alone-fits"],
)
def test_a_day_shared_with_an_earlier_stay_is_not_forgotten_when_the_leg_is_moved(
    client: FlaskClient, earlier: tuple[str, str, str], leg_days: tuple[str, str], passport: str, earliest: str
) -> None:
    limit = limit_of(client, stay(*earlier), passport, leg("USA", "DEU", *leg_days))
    assert limit["earliest_arrival"] == earliest


@pytest.mark.parametrize(
    ("destination", "issued_on", "expires_on", "status"),
    [
        ("FRA", None, "2028-05-01", "not_known"),
        ("DEU", None, "2036-05-01", "not_known"),
        ("CHE", None, "2027-09-10", "not_known"),
        ("ISL", None, "2027-09-09", "too_short"),
        ("FRA", "2017-06-01", "2028-05-01", "too_short"),
        ("ITA", "2017-05-31", "2028-05-01", "too_short"),
        ("HRV", "2017-06-02", "2028-05-01", "enough"),
        ("VAT", "2017-06-01", "2028-05-01", "too_short"),
    ],
)
def test_the_age_of_a_passport_in_the_schengen_area(
    client: FlaskClient, destination: str, issued_on: str | None, expires_on: str, status: str
) -> None:
    more = {"issued_on": issued_on} if issued_on else {}
    who = traveller(document("GBR", expires_on, **more))
    (found,) = legs_of(client, who, leg("GBR", destination, "2027-06-01", "2027-06-10"))
    assert found["passport_validity"]["status"] == status


@pytest.mark.parametrize(
    ("destination", "issued_on", "best"),
    [
        ("FRA", "2029-01-01", None),
        ("JPN", "2027-01-11", None),
        ("USA", "2028-02-29", None),
        ("FRA", "2027-01-10", 0),
    ],
    ids=["two-years-on", "the-day-after", "own-country", "on-the-day"],
)
def test_a_passport_that_is_not_issued_yet_cannot_be_used(
    client: FlaskClient, destination: str, issued_on: str, best: int | None
) -> None:
    who = traveller(document("USA", "2039-01-01", issued_on=issued_on))
    (found,) = legs_of(client, who, leg("GBR", destination, "2027-01-10", "2027-01-20"))
    assert found["best_document"] == best
    assert (found["answer"] is None) == (best is None)


@pytest.mark.parametrize(
    ("earlier", "leg_days", "last"),
    [
        (("DEU", "2026-06-10", "2026-09-07"), ("2026-09-08", "2026-09-12"), None),
        (("FRA", "2027-12-01", "2028-02-28"), ("2028-02-29", "2028-02-29"), None),
        (("GRC", "2026-06-10", "2026-09-06"), ("2026-09-07", "2026-09-12"), "2026-09-07"),
        (("VAT", "2026-06-10", "2026-09-07"), ("2026-09-08", "2026-09-12"), None),
    ],
    ids=["full", "leap-day", "one-left", "full-in-an-enclave"],
)
def test_where_no_day_is_left_on_arrival_no_last_day_is_named(
    client: FlaskClient, earlier: tuple[str, str, str], leg_days: tuple[str, str], last: str | None
) -> None:
    limit = limit_of(client, stay(*earlier), "USA", leg("USA", "DEU", *leg_days))
    assert limit["last_day_allowed"] == last
    if last is None:
        assert limit["first_overstay_day"] == leg_days[0]


@pytest.mark.parametrize(
    ("around", "enclave", "passport"), [("ITA", "VAT", "USA"), ("ITA", "SMR", "GBR"), ("FRA", "MCO", "KOR")]
)
def test_days_in_an_enclave_of_the_schengen_area_are_counted_with_it_and_the_leg_says_so(
    client: FlaskClient, around: str, enclave: str, passport: str
) -> None:
    before, inside, after = legs_of(
        client,
        traveller(document(passport, FAR)),
        leg("USA", around, "2027-01-10", "2027-04-05"),
        leg(around, enclave, "2027-04-05", "2027-04-12"),
        leg(enclave, around, "2027-04-12", "2027-04-20"),
    )
    assert before["limits"][0]["first_overstay_day"] is None
    overstays: list[Any] = [each["limits"][0]["first_overstay_day"] for each in (inside, after)]
    assert overstays == ["2027-04-10"] * 2
    assert inside["limits"][0]["area"]["code"] == "SCHENGEN"
    assert "entered without an exit from the area being recorded" in inside["sentence"]
    assert after["sentence"] is None


@pytest.mark.parametrize(("passport", "enclave"), [("ITA", "VAT"), ("DEU", "MCO"), ("SMR", "SMR")])
def test_who_is_at_home_there_or_moves_freely_around_it_is_not_counted(
    client: FlaskClient, passport: str, enclave: str
) -> None:
    found = legs_of(
        client,
        traveller(document(passport, FAR)),
        leg("USA", enclave, "2027-01-10", "2027-04-05"),
        leg(enclave, "ITA", "2027-04-05", "2027-04-20"),
    )
    assert found[0]["sentence"] is None
    assert [limit["first_overstay_day"] for each in found for limit in each["limits"]] == [None] * sum(
        len(each["limits"]) for each in found
    )


def test_andorra_has_borders_of_its_own(client: FlaskClient) -> None:
    *_, back = legs_of(
        client,
        traveller(document("USA", FAR)),
        leg("USA", "FRA", "2027-01-10", "2027-04-05"),
        leg("FRA", "AND", "2027-04-05", "2027-04-12"),
    )
    assert back["limits"][0]["area"]["code"] == "AND"

"""The whole world as we ship it: everybody is answered everywhere, with a source, and blocs are right."""

from __future__ import annotations

from collections import Counter
from datetime import date
from urllib.parse import urlsplit

import pytest

from tests.unit import real_data
from visalookup.domain.places import Place
from visalookup.domain.requirements import Requirement
from visalookup.domain.rulebook import Rulebook
from visalookup.domain.sources import VerificationLevel
from visalookup.domain.survey import Finding, find, survey

ON = date(2026, 11, 23)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return real_data.rulebook()


@pytest.fixture(scope="module")
def findings(book: Rulebook) -> list[Finding]:
    """What every travel document meets at every place."""
    return list(survey(book, book.places.passports, book.places.destinations, lambda _: ON))


def shown(finding: Finding) -> str:
    return f"{finding.passport.code}-{finding.destination.code}: {finding.requirement}"


def meets(book: Rulebook, passport: str, destination: str) -> Finding:
    places = book.places.by_code
    return find(book, places[passport], places[destination], ON)


def test_nations_are_the_199_and_western_sahara(book: Rulebook) -> None:
    """193 members of the United Nations, the Holy See, Palestine, Kosovo, Taiwan, Hong Kong and Macao."""
    codes = {place.code for place in book.places.nations}
    assert len(codes - {"ESH"}) == 199
    assert {"VAT", "PSE", "XKX", "TWN", "HKG", "MAC", "ESH"} <= codes


def test_nobody_is_left_without_an_answer_anywhere(findings: list[Finding]) -> None:
    assert [shown(each) for each in findings if each.requirement is None] == []


def test_every_answer_has_a_source_with_an_address_and_says_how_well_it_was_checked(
    findings: list[Finding],
) -> None:
    without = []
    for each in findings:
        best = each.verdict.best
        if each.is_at_home or (best and each.level and all(urlsplit(source.url).netloc for source in best.sources)):
            continue
        without.append(shown(each))
    assert without == []


def test_no_citizen_needs_a_visa_at_home(findings: list[Finding]) -> None:
    at_home = [each for each in findings if each.is_at_home]
    assert len(at_home) == 200
    assert {str(each.verdict.answer) for each in at_home} == {"no"}


def test_the_people_of_a_territory_come_home_without_a_visa(book: Rulebook) -> None:
    """Tokelau alone asks everybody for a permit before the ship sails."""
    territories = [place for place in book.places.destinations if place.citizens_of]
    barred = [
        place.code
        for place in territories
        if (asked := meets(book, place.citizens_of or "", place.code).requirement) is None
        or asked.rank > Requirement.VISA_FREE.rank
    ]
    assert barred == ["TKL"]


@pytest.mark.parametrize("group", ["EU", "EEA", "EU_EFTA", "GCC", "CTA", "CARICOM_FREE_MOVEMENT", "NORDIC"])
def test_free_movement_reaches_every_pair_of_the_bloc(book: Rulebook, group: str) -> None:
    assert [
        shown(found)
        for found in _within(book, group)
        if not found.is_at_home and found.requirement is not Requirement.FREEDOM_OF_MOVEMENT
    ] == []


@pytest.mark.parametrize(
    "group", ["ECOWAS", "AES", "CA4", "ANDEAN", "MERCOSUR", "MERCOSUR_TRAVEL", "OECS", "TRANS_TASMAN", "EAEU"]
)
def test_nobody_of_the_bloc_needs_a_visa_within_it(book: Rulebook, group: str) -> None:
    bound = [each for each in _within(book, group) if not each.is_at_home]
    assert [shown(each) for each in bound if each.requirement is None or each.requirement.rank > 1] == []


@pytest.mark.parametrize(
    ("group", "outside"),
    [
        pytest.param("EAC", {"SOM", "SSD", "COD"}, id="who joined the East African Community late"),
        pytest.param("CIS", {"ARM", "AZE"}, id="Armenia and Azerbaijan"),
        pytest.param("CARICOM", {"HTI"}, id="Haitians"),
    ],
)
def test_a_bloc_with_exceptions_binds_all_the_others(book: Rulebook, group: str, outside: set[str]) -> None:
    bound = [each for each in _within(book, group) if not {each.passport.code, each.destination.code} & outside]
    assert bound
    assert [shown(each) for each in bound if each.requirement is None or each.requirement.rank > 2] == []


@pytest.mark.parametrize("code", ["GBR", "DEU", "FRA", "CHE", "NOR", "USA", "CAN", "AUS", "NZL", "JPN", "KOR"])
def test_the_busiest_borders_rest_on_lists_that_were_read(book: Rulebook, code: str) -> None:
    place = book.places.by_code[code]
    levels = Counter(each.level for each in survey(book, book.places.nations, [place], lambda _: ON))
    assert levels[VerificationLevel.UNVERIFIED] == levels[None] == 0


@pytest.mark.parametrize(
    "pair",
    ["GBR-USA", "USA-GBR", "GBR-CAN", "GBR-AUS", "GBR-NZL", "THA-KOR", "USA-ISR", "IND-LKA", "IND-KEN", "IND-SYC"],
)
def test_an_authorisation_is_never_an_e_visa(book: Rulebook, pair: str) -> None:
    assert meets(book, *pair.split("-")).requirement is Requirement.ETA


def _within(book: Rulebook, group: str) -> list[Finding]:
    members: list[Place] = [book.places.by_code[code] for code in book.places.members(group)]
    travellers = [each for each in members if each.issues_documents]
    return list(survey(book, travellers, members, lambda _: ON))

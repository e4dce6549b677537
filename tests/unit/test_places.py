"""Who issues a travel document, and what can be entered."""

from __future__ import annotations

import pytest

from tests.builders import (
    DENMARK,
    GERMANY,
    GREENLAND,
    ISRAEL,
    JAPAN,
    PLACES,
    REFUGEE_DOCUMENT,
    UNITED_KINGDOM,
)
from visalookup.domain.documents import ALL_DOCUMENT_TYPES, DocumentType, document_phrase
from visalookup.domain.places import Place, is_own_country


def test_a_name_takes_its_article_inside_a_sentence() -> None:
    assert UNITED_KINGDOM.in_sentence == "the United Kingdom"
    assert ISRAEL.in_sentence == "Israel"


def test_one_travels_to_a_state_or_a_territory_but_not_to_a_document() -> None:
    assert ISRAEL.can_be_entered
    assert GREENLAND.can_be_entered
    assert not REFUGEE_DOCUMENT.can_be_entered


def test_a_territory_whose_people_hold_a_states_passport_issues_none() -> None:
    assert not GREENLAND.issues_documents
    assert DENMARK.issues_documents
    assert REFUGEE_DOCUMENT.issues_documents


def test_dates_of_law_start_in_the_zone_of_the_seat_of_government() -> None:
    assert str(JAPAN.zone) == "Asia/Tokyo"
    assert str(REFUGEE_DOCUMENT.zone) == "UTC"


def test_a_code_stands_for_a_place_or_for_the_members_of_a_group() -> None:
    assert PLACES.members("KAZ") == ("KAZ",)
    assert PLACES.members("EUROPE") == ("DEU", "FRA", "IRL")
    assert PLACES.members("ATLANTIS") == ()


def test_all_is_everyone_who_issues_a_travel_document() -> None:
    everyone = PLACES.members("ALL")
    assert "XXB" in everyone
    assert "GRL" not in everyone
    assert list(everyone) == sorted(everyone)


@pytest.mark.parametrize("document", ["ordinary", "diplomatic", "national_id_card", "emergency"])
def test_a_citizens_document_leads_home(document: str) -> None:
    assert is_own_country(GERMANY, GERMANY, DocumentType(document))


@pytest.mark.parametrize("document", ["alien", "refugee_1951", "stateless_1954"])
def test_the_document_of_a_refugee_or_an_alien_makes_nobody_a_citizen(document: str) -> None:
    assert not is_own_country(GERMANY, GERMANY, DocumentType(document))


@pytest.mark.parametrize(("passport", "destination"), [(GERMANY, ISRAEL), (REFUGEE_DOCUMENT, REFUGEE_DOCUMENT)])
def test_nobody_else_is_at_home(passport: Place, destination: Place) -> None:
    assert not is_own_country(passport, destination, DocumentType.ORDINARY)


def test_every_document_has_its_phrase_with_an_article() -> None:
    phrases = {document_phrase(each) for each in ALL_DOCUMENT_TYPES}
    assert len(phrases) == len(DocumentType)
    assert all(phrase.startswith(("a ", "an ")) for phrase in phrases)

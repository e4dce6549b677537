"""Understanding what people type for a place."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pytest

from tests.builders import IVORY_COAST, KAZAKHSTAN, WORLD, state
from visalookup.domain.gazetteer import LONGEST_NAME, Gazetteer, UnknownPlace, build_gazetteer, normalise
from visalookup.domain.places import Place
from visalookup.services.lookup.place_names import INPUT_LANGUAGES, names_in_shipped_languages

NIGERIA = state("NGA", "Nigeria", "NG", "Africa/Lagos")
RUSSIA = state("RUS", "Russia", "RU", "Europe/Moscow")
TOGO = state("TGO", "Togo", "TG", "Africa/Lome")
TONGA = state("TON", "Tonga", "TO", "Pacific/Tongatapu")
NORTH_KOREA = state("PRK", "North Korea", "KP", "Asia/Pyongyang")
SOUTH_KOREA = state("KOR", "South Korea", "KR", "Asia/Seoul")


@cache
def gazetteer() -> Gazetteer:
    more = (NIGERIA, RUSSIA, TOGO, TONGA, NORTH_KOREA, SOUTH_KOREA)
    return build_gazetteer((*WORLD, *more), names_in_shipped_languages())


def found(text: str) -> str:
    return gazetteer().find(text).code


def refused(text: str, among: Gazetteer | None = None) -> UnknownPlace:
    with pytest.raises(UnknownPlace) as caught:
        (among or gazetteer()).find(text)
    return caught.value


def codes(places: Iterable[Place]) -> list[str]:
    return [place.code for place in places]


@pytest.mark.parametrize("text", ["KAZ", "kaz", " Kaz ", "KZ", "kz"])
def test_a_code_is_understood_in_either_length_and_any_case(text: str) -> None:
    assert found(text) == "KAZ"


@pytest.mark.parametrize("text", ["D", "d", "DEU", "DE"])
def test_germany_prints_d_on_its_passports(text: str) -> None:
    assert found(text) == "DEU"


def test_a_travel_document_has_a_code_of_its_own() -> None:
    assert found("XXB") == "XXB"


@pytest.mark.parametrize("text", ["United Kingdom", "the united kingdom", "UK", "Britain", "  united   kingdom "])
def test_a_name_is_understood_with_its_article_and_its_aliases(text: str) -> None:
    assert found(text) == "GBR"


@pytest.mark.parametrize(
    "text", ["Côte d'Ivoire", "cote d ivoire", "CÔTE D\u2019IVOIRE", "Cote-d'Ivoire", "Ivory Coast"]
)
def test_accents_case_and_punctuation_do_not_matter(text: str) -> None:
    assert found(text) == IVORY_COAST.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Казахстан", "KAZ"),
        ("Қазақстан", "KAZ"),
        ("Kasachstan", "KAZ"),
        ("哈萨克斯坦", "KAZ"),
        ("カザフスタン", "KAZ"),
        ("ישראל", "ISR"),
        ("إسرائيل", "ISR"),
        ("İsrail", "ISR"),
        ("Izrael", "ISR"),
        ("Allemagne", "DEU"),
        ("जर्मनी", "DEU"),
        ("გაერთიანებული სამეფო", "GBR"),
        ("영국", "GBR"),
    ],
)
def test_a_place_is_understood_in_the_language_of_the_traveller(text: str, code: str) -> None:
    assert found(text) == code


def test_every_language_we_read_brings_its_names() -> None:
    languages = dict(names_in_shipped_languages())
    assert tuple(languages) == INPUT_LANGUAGES
    assert all("KZ" in names for names in languages.values())


@pytest.mark.parametrize(("text", "code"), [("Kazahstan", "KAZ"), ("Isreal", "ISR"), ("Germny", "DEU")])
def test_a_slip_of_the_pen_is_never_guessed_but_what_was_meant_comes_first(text: str, code: str) -> None:
    error = refused(text)
    assert codes(error.suggestions)[0] == code
    assert f"{text!r} is not a place we know; did you mean" in str(error)
    assert f"({code})" in str(error)


def test_no_more_than_three_places_are_suggested() -> None:
    twins = [state(f"AA{letter}", f"New Arcadia {letter}", f"A{letter}", "UTC") for letter in "ABCDE"]
    assert len(refused("New Arcadia", build_gazetteer(twins)).suggestions) == 3


def test_korea_alone_is_not_guessed() -> None:
    assert set(codes(refused("Korea").suggestions)) == {"KOR", "PRK"}


@pytest.mark.parametrize("text", ["zzzzqq", "!!!", "1234"])
def test_what_is_like_no_place_is_answered_with_advice_alone(text: str) -> None:
    error = refused(text)
    assert error.suggestions == ()
    assert str(error) == f"{text!r} is not a place we know; send its ISO 3166 code or its name."


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_an_empty_text_is_told_what_to_send(text: str) -> None:
    error = refused(text)
    assert str(error).startswith("No place is given; send its code or its name")
    assert error.suggestions == ()


def test_an_over_long_text_is_not_even_searched() -> None:
    assert "not a place we know" in str(refused("x" * LONGEST_NAME))
    assert str(refused("x" * (LONGEST_NAME + 1))).startswith("A place has at most 100 characters")


def test_two_places_with_one_foreign_name_are_never_guessed() -> None:
    shared = build_gazetteer((TOGO, TONGA), [("xx", {"TG": "Tog"}), ("yy", {"TO": "Tog"})])
    assert codes(refused("tog", shared).suggestions) == ["TGO", "TON"]


def test_two_places_with_one_alias_are_never_guessed() -> None:
    congos = [state(code, code, code[:2], "UTC", aliases=("Congo",)) for code in ("COG", "QOD")]
    assert codes(refused("Congo", build_gazetteer(congos)).suggestions) == ["COG", "QOD"]


def test_an_english_name_is_certain_though_it_means_another_place_elsewhere() -> None:
    assert build_gazetteer((TOGO, TONGA), [("xx", {"TO": "Togo"})]).find("Togo") == TOGO


def test_a_foreign_name_that_is_another_places_code_is_never_guessed() -> None:
    """Nga is Vietnamese for Russia, and NGA is the code of Nigeria."""
    assert found("NGA") == "NGA"
    assert set(codes(refused("Nga").suggestions)) == {"NGA", "RUS"}


@pytest.mark.parametrize(("text", "code"), [("टोगो", "TGO"), ("टोंगा", "TON")])
def test_vowel_signs_tell_names_apart(text: str, code: str) -> None:
    assert found(text) == code


def test_a_name_of_no_place_we_hold_is_left_out() -> None:
    assert refused("Atlantis", build_gazetteer((KAZAKHSTAN,), [("xx", {"XA": "Atlantis"})])).suggestions == ()


def test_normalising_twice_changes_nothing() -> None:
    for _, names in names_in_shipped_languages():
        assert all(normalise(normalise(name)) == normalise(name) for name in names.values())


def lettered(alike: int) -> Place:
    """A place whose name of a hundred letters has so many in common with a hundred times "a"."""
    return state(f"A{alike:02}", "a" * alike + "b" * (100 - alike), "", "UTC")


def suggested(*places: Place) -> list[str]:
    return codes(refused("a" * 100, build_gazetteer(places)).suggestions)


def test_seven_letters_in_ten_alike_make_a_suggestion_and_fewer_make_none() -> None:
    assert suggested(lettered(70)) == ["A70"]
    assert suggested(lettered(69)) == []


def test_what_is_much_less_alike_than_the_likeliest_is_not_suggested() -> None:
    assert suggested(lettered(86), lettered(87), lettered(99)) == ["A99", "A87"]

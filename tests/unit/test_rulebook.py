"""The rulebook, renewed by what changed: never other than one built anew."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import EDITION, PLACES, WORLD, Grant, days, grant, rulebook, step
from tests.unit.strategies import quick
from visalookup.domain.places import index_places
from visalookup.domain.regimes import Rule, WholeRegime
from visalookup.domain.rulebook import Edition, Rulebook, amended

NEXT = replace(EDITION, revision=418)

WAIVER = grant("visa_free", "memorandum_of_intent 2026-01-27", id_="waiver").also("ISR", "KAZ")
STANDING = grant("visa_required", id_="standing")
ELSEWHERE = grant("eta", passport="JPN", destination="CAN", id_="elsewhere")


def whole(grant_: Grant) -> WholeRegime:
    return WholeRegime(grant_.regime, grant_.rules)


def shape(book: Rulebook) -> tuple[object, ...]:
    """All there is in it; regimes in their order too, which a comparison of mappings would not see."""
    return (book, list(book.regimes))


def test_a_regime_that_moves_along_its_lifecycle_is_replaced() -> None:
    signed = grant("visa_free", "memorandum_of_intent 2026-01-27", "signed 2026-11-01", id_="waiver")
    signed = signed.also("ISR", "KAZ")
    renewed = amended(rulebook(WAIVER, STANDING), NEXT, {"waiver": whole(signed)})
    assert renewed == replace(rulebook(signed, STANDING), edition=NEXT)
    assert renewed.edition == Edition(418, EDITION.recorded_at)


def test_a_new_regime_stands_where_the_order_of_names_has_it() -> None:
    renewed = amended(rulebook(WAIVER, ELSEWHERE), EDITION, {"standing": whole(STANDING)})
    assert shape(renewed) == shape(rulebook(ELSEWHERE, STANDING, WAIVER))
    assert [rule.regime_id for rule in renewed.rules("KAZ", "ISR")] == ["standing", "waiver"]


def test_a_regime_that_is_gone_leaves_no_trace() -> None:
    renewed = amended(rulebook(WAIVER, STANDING), EDITION, {"waiver": None})
    assert shape(renewed) == shape(rulebook(STANDING))
    assert ("ISR", "KAZ") not in renewed.by_pair
    assert "waiver" not in renewed.by_regime


def test_a_regime_that_never_was_can_be_gone() -> None:
    book = rulebook(WAIVER)
    assert amended(book, EDITION, {"phantom": None}) == book


def test_a_regime_that_gives_nothing_any_more_is_still_known() -> None:
    renewed = amended(rulebook(WAIVER, STANDING), EDITION, {"waiver": WholeRegime(WAIVER.regime, ())})
    assert renewed == rulebook(Grant(WAIVER.regime, ()), STANDING)
    assert "waiver" in renewed.regimes


def test_a_rule_moved_to_another_pair_leaves_the_old_one() -> None:
    moved = Grant(WAIVER.regime, (replace(WAIVER.rules[0], passport="MAR"),))
    renewed = amended(rulebook(WAIVER, STANDING), EDITION, {"waiver": whole(moved)})
    assert renewed == rulebook(moved, STANDING)


def test_what_did_not_change_is_shared_and_the_old_rulebook_stays_as_it_was() -> None:
    before = rulebook(WAIVER, STANDING, ELSEWHERE)
    copy = rulebook(WAIVER, STANDING, ELSEWHERE)
    renewed = amended(before, EDITION, {"waiver": None})
    assert before == copy
    assert renewed.by_pair["JPN", "CAN"] is before.by_pair["JPN", "CAN"]
    assert renewed.places is before.places


def test_places_are_replaced_if_they_are_given() -> None:
    places = index_places(WORLD[:3])
    assert amended(rulebook(WAIVER), EDITION, {}, places).places is places
    assert amended(rulebook(WAIVER), EDITION, {}).places is PLACES


CODES = ["AZE", "CAN", "ISR", "KAZ"]


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Grant]:
    """Some of six regimes, each with up to five rules among four places, in any order."""
    ids = draw(st.lists(st.sampled_from(["a", "a-b", "ab", "b", "c", "d"]), unique=True, max_size=6))
    return {id_: draw(regimes_of(id_)) for id_ in ids}


@st.composite
def regimes_of(draw: st.DrawFn, id_: str) -> Grant:
    made = grant("visa_free", step("in_force", f"20{draw(st.integers(10, 30))}-01-01"), id_=id_)
    keys = draw(st.lists(st.sampled_from(["1", "10", "2", "x", "y"]), unique=True, max_size=5))
    return Grant(made.regime, tuple(draw(rules_of(made, key)) for key in keys))


@st.composite
def rules_of(draw: st.DrawFn, made: Grant, key: str) -> Rule:
    passport, destination = draw(st.permutations(CODES))[:2]
    terms = replace(made.rules[0].terms, stay=days(draw(st.sampled_from([30, 90]))))
    return Rule(key, made.id, passport, destination, terms)


@quick
@given(worlds(), worlds())
def test_a_rulebook_renewed_is_one_built_anew(before: dict[str, Grant], after: dict[str, Grant]) -> None:
    changed = {
        id_: whole(after[id_]) if id_ in after else None
        for id_ in {*before, *after}
        if before.get(id_) != after.get(id_)
    }
    renewed = amended(rulebook(*before.values()), NEXT, changed)
    assert shape(renewed) == shape(replace(rulebook(*after.values()), edition=NEXT))

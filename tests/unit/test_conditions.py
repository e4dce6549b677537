"""Conditions with arguments, and how they are judged by what a question states of the traveller."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ISRAEL, KAZAKHSTAN, condition, terms
from visalookup.domain.circumstances import Circumstances, Judgement, Transit, judge_condition
from visalookup.domain.conditions import (
    Condition,
    ConditionKind,
    CountedFrom,
    Holding,
    HoldingKind,
    TravelMode,
    VisitPurpose,
)
from visalookup.domain.errors import InvalidValue
from visalookup.domain.judging import concerns, judge_terms
from visalookup.domain.places import Group, index_places
from visalookup.domain.requirements import Purpose
from visalookup.formats.converter import build, payload_of
from visalookup.formats.schemas import ConditionShape
from visalookup.storage.terms import terms_columns, terms_of

BLOC = Group("BLOC", "A bloc", ("KAZ", "ISR"), source=None)  # type: ignore[arg-type]
WORLD = index_places([ISRAEL, KAZAKHSTAN], [BLOC])


def judged(kind: str, arguments: dict[str, Any], **stated: Any) -> Judgement:
    return judge_condition(condition(kind, **arguments), Circumstances(**stated), WORLD)


def holding(text: str) -> Holding:
    return Holding.parse(text)


def held(*texts: str) -> frozenset[Holding]:
    return frozenset(map(holding, texts))


class TestArguments:
    def test_a_kind_refuses_an_argument_that_says_nothing_of_it(self) -> None:
        with pytest.raises(InvalidValue, match="A condition funds has no argument of: it has none"):
            Condition(ConditionKind.FUNDS, "You have money.", of=("ISR",))
        with pytest.raises(InvalidValue, match="holds_visa has no argument since: it has holds"):
            Condition(ConditionKind.HOLDS_VISA, "You hold a visa.", since=date(2026, 1, 1))

    def test_a_kind_that_means_nothing_without_its_argument_needs_it(self) -> None:
        with pytest.raises(InvalidValue, match="not_also_national_of needs the argument of"):
            Condition(ConditionKind.NOT_ALSO_NATIONAL_OF, "You are no other national.")

    @pytest.mark.parametrize("text", ["USA", "USA:", ":visa", "USA:passport", ""])
    def test_a_holding_names_its_issuer_and_its_kind(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="write the issuer and one of visa, used_visa"):
            Holding.parse(text)

    def test_a_holding_is_read_as_it_is_written(self) -> None:
        assert str(Holding.parse("USA: Visa ")) == "USA:visa"


class TestJudging:
    def test_a_holding_that_is_stated_meets_the_condition(self) -> None:
        wanted = {"holds": (holding("ISR:visa"), holding("KAZ:residence"))}
        assert judged("holds_visa", wanted, holdings=held("ISR:visa")) is Judgement.MET
        assert judged("holds_visa", wanted, holdings=held("KAZ:residence")) is Judgement.MET

    def test_a_holding_that_is_not_stated_may_be_held_all_the_same(self) -> None:
        wanted = {"holds": (holding("ISR:visa"),)}
        assert judged("holds_visa", wanted) is Judgement.UNKNOWN
        assert judged("holds_visa", wanted, holdings=held("KAZ:visa", "ISR:residence")) is Judgement.UNKNOWN

    def test_a_visa_of_a_member_is_one_of_the_bloc_but_not_the_other_way_round(self) -> None:
        of_bloc, of_member = {"holds": (holding("BLOC:visa"),)}, {"holds": (holding("ISR:visa"),)}
        assert judged("holds_visa", of_bloc, holdings=held("ISR:visa")) is Judgement.MET
        assert judged("holds_visa", of_bloc, holdings=held("BLOC:visa")) is Judgement.MET
        assert judged("holds_visa", of_member, holdings=held("BLOC:visa")) is Judgement.UNKNOWN

    def test_a_used_visa_is_a_visa_but_not_the_other_way_round(self) -> None:
        assert judged("holds_visa", {"holds": (holding("ISR:visa"),)}, holdings=held("ISR:used_visa")) is Judgement.MET
        used = {"holds": (holding("ISR:used_visa"),)}
        assert judged("holds_visa", used, holdings=held("ISR:visa")) is Judgement.UNKNOWN

    def test_another_nationality_that_is_barred_fails_the_condition(self) -> None:
        barred = {"of": ("ISR", "BLOC")}
        assert judged("not_also_national_of", barred, also_nationals=frozenset({"KAZ"})) is Judgement.FAILED
        assert judged("not_also_national_of", barred, also_nationals=frozenset({"FRA"})) is Judgement.UNKNOWN
        assert judged("not_also_national_of", barred) is Judgement.UNKNOWN

    @pytest.mark.parametrize(
        ("by", "expected"),
        [(None, Judgement.UNKNOWN), (TravelMode.AIR, Judgement.MET), (TravelMode.LAND, Judgement.FAILED)],
    )
    def test_the_means_of_transport_meets_or_fails(self, by: TravelMode | None, expected: Judgement) -> None:
        assert judged("arrival_by_air", {}, by=by) is expected
        assert judged("arrival_by", {"by": (TravelMode.AIR, TravelMode.SEA)}, by=by) is expected

    @pytest.mark.parametrize(
        ("purpose", "expected"),
        [(None, Judgement.UNKNOWN), (VisitPurpose.TOURISM, Judgement.MET), (VisitPurpose.BUSINESS, Judgement.FAILED)],
    )
    def test_the_purpose_meets_or_fails(self, purpose: VisitPurpose | None, expected: Judgement) -> None:
        assert judged("purpose", {"purposes": (VisitPurpose.TOURISM,)}, purpose=purpose) is expected

    @pytest.mark.parametrize("kind", ["funds", "other", "registration", "age"])
    def test_what_no_question_states_stays_unknown(self, kind: str) -> None:
        everything = Circumstances(
            held("ISR:visa"), frozenset({"KAZ"}), VisitPurpose.TOURISM, TravelMode.AIR, Transit.LANDSIDE
        )
        assert judge_condition(condition(kind), everything, WORLD) is Judgement.UNKNOWN


class TestTerms:
    def test_a_rule_for_holders_of_a_visa_is_open_once_it_is_held(self) -> None:
        for_holders = terms(conditions=(condition("holds_visa", holds=(holding("ISR:visa"),)),))
        assert judge_terms(for_holders, Circumstances(by=TravelMode.AIR), WORLD).is_for_some
        assert not judge_terms(for_holders, Circumstances(holdings=held("ISR:visa")), WORLD).is_for_some

    def test_all_narrowing_conditions_must_be_met(self) -> None:
        both = (condition("holds_visa", holds=(holding("ISR:visa"),)), condition("organised_group"))
        assert judge_terms(terms(conditions=both), Circumstances(holdings=held("ISR:visa")), WORLD).is_for_some

    @pytest.mark.parametrize(
        ("purpose", "stated"),
        [
            (Purpose.BUSINESS, Circumstances(purpose=VisitPurpose.BUSINESS)),
            (Purpose.TRANSIT, Circumstances(transit=Transit.LANDSIDE)),
            (Purpose.AIRSIDE_TRANSIT, Circumstances(transit=Transit.AIRSIDE)),
        ],
    )
    def test_a_rule_for_another_purpose_is_open_to_those_who_state_it(
        self, purpose: Purpose, stated: Circumstances
    ) -> None:
        special = terms(purposes=frozenset({purpose}))
        assert not judge_terms(special, stated, WORLD).is_for_some
        assert judge_terms(special, Circumstances(by=TravelMode.AIR), WORLD).is_for_some

    def test_airside_what_is_asked_of_those_who_enter_says_nothing(self) -> None:
        assert not concerns(terms("visa_required"), Transit.AIRSIDE)
        assert concerns(terms("visa_required"), Transit.LANDSIDE)
        assert concerns(terms("visa_free"), Transit.AIRSIDE)
        assert concerns(terms("eta"), Transit.AIRSIDE)
        assert concerns(terms("no_admission"), Transit.AIRSIDE)

    def test_a_rule_for_changing_planes_answers_that_question_alone(self) -> None:
        airside = terms("visa_required", purposes=frozenset({Purpose.AIRSIDE_TRANSIT}))
        assert concerns(airside, Transit.AIRSIDE)
        assert not concerns(airside, Transit.LANDSIDE)
        assert not concerns(airside, None)


HOLDINGS = st.builds(Holding, st.sampled_from(["KAZ", "ISR", "BLOC"]), st.sampled_from(HoldingKind))
CODES = st.lists(st.sampled_from(["KAZ", "ISR", "BLOC"]), min_size=1, max_size=2, unique=True).map(tuple)
CONDITIONS = st.one_of(
    st.builds(
        Condition,
        st.sampled_from([ConditionKind.HOLDS_VISA, ConditionKind.STATUS_HELD, ConditionKind.FAMILY_MEMBER]),
        st.just("You hold this."),
        holds=st.lists(HOLDINGS, min_size=1, max_size=3, unique=True).map(tuple),
    ),
    st.builds(
        Condition,
        st.sampled_from([ConditionKind.NOT_TRAVELLED_TO]),
        st.just("You have not been there."),
        of=CODES,
        since=st.none() | st.dates(),
    ),
    st.builds(Condition, st.just(ConditionKind.NOT_ALSO_NATIONAL_OF), st.just("You are not."), of=CODES),
    st.builds(
        Condition,
        st.just(ConditionKind.PASSPORT_VALIDITY),
        st.just("It is valid."),
        months=st.integers(1, 12),
        beyond=st.sampled_from(CountedFrom),
    ),
    st.builds(
        Condition,
        st.just(ConditionKind.ARRIVAL_BY),
        st.just("You come so."),
        by=st.lists(st.sampled_from(TravelMode), min_size=1, unique=True).map(tuple),
    ),
    st.builds(
        Condition,
        st.just(ConditionKind.PURPOSE),
        st.just("You come for this."),
        purposes=st.lists(st.sampled_from(VisitPurpose), min_size=1, unique=True).map(tuple),
    ),
    st.builds(Condition, st.just(ConditionKind.OTHER), st.just("You have a ticket.")),
)
STATED = st.builds(
    Circumstances,
    holdings=st.frozensets(HOLDINGS, max_size=3),
    also_nationals=st.frozensets(st.sampled_from(["KAZ", "ISR"]), max_size=2),
    purpose=st.none() | st.sampled_from(VisitPurpose),
    by=st.none() | st.sampled_from(TravelMode),
)


@given(CONDITIONS)
def test_a_condition_reads_back_from_a_file_and_from_the_ledger(written: Condition) -> None:
    assert build(Condition, ConditionShape().load(payload_of(written))) == written
    whole = replace(terms(), conditions=(written,))
    assert terms_of(terms_columns("regime", whole)) == whole


@given(CONDITIONS, STATED, HOLDINGS)
def test_one_more_holding_never_fails_a_condition_nor_undoes_one_that_is_met(
    asked: Condition, stated: Circumstances, more: Holding
) -> None:
    before = judge_condition(asked, stated, WORLD)
    after = judge_condition(asked, replace(stated, holdings=stated.holdings | {more}), WORLD)
    assert after is before or after is Judgement.MET

"""Whether a document is accepted at all: refusals, and identity cards that only "everybody" would cover."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import Grant, ask, ask_all, condition, grant, question, rulebook
from visalookup.domain.circumstances import Circumstances
from visalookup.domain.conditions import Holding, HoldingKind
from visalookup.domain.documents import EVERY_DOCUMENT, DocumentType
from visalookup.domain.lookup import Answer, Basis, look_up
from visalookup.domain.requirements import Requirement
from visalookup.domain.wording.answers import needs_visa

CARD = DocumentType.NATIONAL_ID_CARD
CARDS = frozenset({CARD})


def for_everybody(requirement: str, **changes: Any) -> Grant:
    """What a list for all passports and every document gives this pair."""
    given = grant(requirement, id_=f"all-{requirement}".replace("_", "-"), documents=EVERY_DOCUMENT, **changes)
    return replace(given, rules=tuple(replace(rule, passport_group="ALL") for rule in given.rules))


def with_card(*grants: Grant) -> Answer:
    return ask(*grants, document=CARD)


def requirement(answer: Answer) -> Requirement | None:
    return answer.verdict.requirement


class TestADocumentThatIsNotAccepted:
    def test_is_no_question_of_a_visa(self) -> None:
        answer = ask(grant("document_not_accepted"), grant("visa_free"))
        assert answer.verdict.answer == "document_not_accepted"
        assert not needs_visa(answer)

    def test_wins_over_a_visa_that_overrides(self) -> None:
        answer = ask(grant("document_not_accepted"), grant("visa_required", overriding=True))
        assert requirement(answer) == "document_not_accepted"

    def test_gives_way_to_a_refusal_of_the_traveller_which_no_other_document_helps(self) -> None:
        assert requirement(ask(grant("document_not_accepted"), grant("no_admission"))) == "no_admission"

    def test_leaves_other_documents_alone(self) -> None:
        refused = grant("document_not_accepted", documents=CARDS)
        assert requirement(ask(refused, grant("visa_free"))) == "visa_free"

    def test_shows_those_who_may_use_it_all_the_same(self) -> None:
        settled = grant("visa_free", id_="settled", documents=CARDS, conditions=(condition("holds_residence"),))
        answer = with_card(grant("document_not_accepted", documents=CARDS), settled)
        assert requirement(answer) == "document_not_accepted"
        assert [each.regime.id for each in answer.verdict.also_applies] == ["settled"]

    def test_shows_an_exception_of_which_the_question_says_that_it_is_met(self) -> None:
        """It stays beside the refusal: what is stated is not proven, and it must not vanish."""
        permit = Holding("ISR", HoldingKind.RESIDENCE)
        settled = grant("visa_free", id_="settled", conditions=(condition("holds_residence", holds=(permit,)),))
        stated = Circumstances(holdings=frozenset({permit}))
        answer = look_up(rulebook(grant("document_not_accepted"), settled), question(stated=stated))
        assert requirement(answer) == "document_not_accepted"
        assert [each.regime.id for each in answer.verdict.also_applies] == ["settled"]

    def test_comes_last_among_several_passports(self) -> None:
        refused = grant("document_not_accepted", passport="CAN", id_="refused")
        answers = ask_all(refused, grant("visa_required", passport="KAZ"), passports=["CAN", "MEX", "KAZ"])
        assert [answer.question.passport.code for answer in answers] == ["KAZ", "MEX", "CAN"]


class TestAnIdentityCard:
    @pytest.mark.parametrize("favour", ["freedom_of_movement", "visa_free", "eta", "e_visa", "visa_required"])
    def test_is_not_known_to_be_accepted_by_what_everybody_gets(self, favour: str) -> None:
        answer = with_card(for_everybody(favour))
        assert (answer.verdict.basis, answer.verdict.answer) == (Basis.NOTHING_KNOWN, "unknown")

    def test_is_not_known_to_be_accepted_where_everybody_needs_a_visa_without_exception(self) -> None:
        assert with_card(for_everybody("visa_required", overriding=True)).verdict.answer == "unknown"

    @pytest.mark.parametrize("refusal", ["no_admission", "document_not_accepted"])
    def test_is_refused_with_every_document(self, refusal: str) -> None:
        assert requirement(with_card(for_everybody(refusal), grant("visa_free", documents=CARDS))) == refusal

    def test_is_accepted_by_a_rule_that_names_it(self) -> None:
        answer = with_card(for_everybody("visa_required"), grant("visa_free", documents=CARDS))
        assert requirement(answer) == "visa_free"

    def test_that_a_rule_names_is_no_way_round_a_restriction_of_every_document(self) -> None:
        """Otherwise the answer would be a false "no visa"."""
        restricted = grant("visa_required", overriding=True, documents=EVERY_DOCUMENT)
        assert requirement(with_card(restricted, grant("visa_free", documents=CARDS))) == "visa_required"

    def test_of_ones_own_country_is_enough(self) -> None:
        answer = ask(for_everybody("visa_required"), passport="ISR", document=CARD)
        assert answer.verdict.basis is Basis.OWN_COUNTRY

    def test_is_not_asked_of_a_document_that_is_no_citizens(self) -> None:
        through_all = grant("visa_required", passport="XXB", documents=EVERY_DOCUMENT)
        assert requirement(ask(through_all, passport="XXB", document=CARD)) == "visa_required"

"""Who may publish, return or take back a proposal: four eyes, and never the proposer's alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from visalookup.domain.accounts.roles import RIGHTS, Member, Role
from visalookup.domain.changes.proposals import (
    Decision,
    NotAllowed,
    Outcome,
    Proposal,
    ProposalKind,
    check_may_publish,
    check_may_return,
    check_may_take_back,
)

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)


def member(name: str, role: Role) -> Member:
    return Member(1, name, name.title(), role, RIGHTS[role])


EDITH = member("edith", Role.EDITOR)
PAUL = member("paul", Role.PUBLISHER)
PIA = member("pia", Role.PUBLISHER)
ADA = member("ada", Role.ADMINISTRATOR)


def proposed_by(name: str, decision: Decision | None = None) -> Proposal:
    return Proposal(7, ProposalKind.STEP, "waiver", {}, 3, "Signed", "Gazette", name, MORNING, decision=decision)


@pytest.mark.parametrize("publisher", [PIA, ADA])
@pytest.mark.parametrize("review", [True, False])
def test_another_person_with_the_right_may_publish(publisher: Member, review: bool) -> None:
    check_may_publish(proposed_by("paul"), publisher, review=review)


def test_where_review_is_on_nobody_publishes_their_own() -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_may_publish(proposed_by("paul"), PAUL, review=True)
    assert str(refusal.value) == "You proposed this yourself: another person must publish it."


def test_where_review_is_off_a_publisher_may_publish_their_own() -> None:
    check_may_publish(proposed_by("paul"), PAUL, review=False)


@pytest.mark.parametrize("review", [True, False])
def test_an_editor_publishes_nothing(review: bool) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_may_publish(proposed_by("paul"), EDITH, review=review)
    assert str(refusal.value) == "Publishing is for publishers and administrators: ask one of them."


@pytest.mark.parametrize("publisher", [PIA, ADA])
def test_another_person_with_the_right_may_return_a_proposal(publisher: Member) -> None:
    check_may_return(proposed_by("paul"), publisher)


def test_nobody_returns_their_own_proposal() -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_may_return(proposed_by("paul"), PAUL)
    assert str(refusal.value) == "You proposed this yourself: take it back instead of returning it."


def test_an_editor_returns_nothing() -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_may_return(proposed_by("paul"), EDITH)
    assert str(refusal.value) == "Returning a proposal is for publishers and administrators: ask one of them."


def test_only_the_proposer_takes_a_proposal_back() -> None:
    check_may_take_back(proposed_by("edith"), EDITH)
    with pytest.raises(NotAllowed) as refusal:
        check_may_take_back(proposed_by("edith"), ADA)
    assert str(refusal.value) == "Only edith, who proposed this, may take it back."


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_proposal_is_open_until_it_is_decided(outcome: Outcome) -> None:
    assert proposed_by("edith").is_open
    assert not proposed_by("edith", Decision(outcome, "paul", MORNING)).is_open

"""What is announced and not law: no sentence about it may be read as if it were in force.

The field's standing mistake is to read "signed" as "in force"; these tests hold every such sentence to account.
"""

from __future__ import annotations

from itertools import product

import pytest

from tests.builders import ISRAEL, ask, grant, step
from visalookup.domain.inactive_rules import InactiveRule
from visalookup.domain.regimes import RegimeKind
from visalookup.domain.requirements import Requirement
from visalookup.domain.wording.answers import needs_visa, pending_sentence

CLAIMS = [
    "in force",
    "you need no visa",
    "no visa is",
    "now apply",
    "now applies",
    "applies from",
    "may enter",
    "No.",
]
DENIALS = ["not in force", "does not apply", "do not apply"]


def pending(*steps: str, requirement: str = "visa_free", on: str = "2026-11-23") -> str:
    [noted] = ask(grant(requirement, *steps), on=on).pending
    return pending_sentence(noted, ISRAEL)


def denies(sentence: str) -> bool:
    """Whether a sentence says that it is not law, and claims nothing besides."""
    claimed = sentence
    for denial in DENIALS:
        claimed = claimed.replace(denial, "")
    return claimed != sentence and not any(claim in claimed for claim in CLAIMS)


def test_the_memorandum_of_kazakhstan_and_israel_as_the_contract_words_it() -> None:
    assert pending("memorandum_of_intent 2026-01-27") == (
        "A memorandum of intent on visa-free travel was signed on 27 January 2026."
        " It is not in force: do not travel without a visa because of it."
    )


def test_a_signed_agreement_says_when_it_takes_effect_where_that_is_known() -> None:
    assert pending("signed 2026-01", "in_force 2027-03-01") == (
        "An agreement on visa-free travel was signed in January 2026 and takes effect on 1 March 2027."
        " It is not in force: do not travel without a visa because of it."
    )


def test_what_is_decided_from_a_later_day_does_not_apply_until_then() -> None:
    assert pending("in_force 2027-03-01") == (
        "Visa-free travel is decided and takes effect on 1 March 2027. Until then it does not apply."
    )


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (RegimeKind.BILATERAL_AGREEMENT, "An agreement"),
        (RegimeKind.MULTILATERAL_AGREEMENT, "An agreement"),
        (RegimeKind.UNILATERAL_DECISION, "A decision"),
        (RegimeKind.DOMESTIC_LAW, "A law"),
    ],
)
def test_what_was_signed_is_called_what_it_is(kind: RegimeKind, subject: str) -> None:
    [noted] = ask(grant("visa_free", "signed 2026-01-27", kind=kind)).pending
    assert pending_sentence(noted, ISRAEL).startswith(f"{subject} on visa-free travel was signed")


@pytest.mark.parametrize("kind", RegimeKind)
def test_a_memorandum_of_intent_is_never_called_an_agreement_or_a_law(kind: RegimeKind) -> None:
    [noted] = ask(grant("visa_free", "memorandum_of_intent 2026-01-27", kind=kind)).pending
    sentence = pending_sentence(noted, ISRAEL)
    assert sentence.startswith("A memorandum of intent on ")
    assert not any(word in sentence for word in ("agreement", "Agreement", "law", "decision", "decided"))


ANNOUNCED = [
    ("memorandum_of_intent 2026-01-27",),
    ("memorandum_of_intent 2026",),
    ("memorandum_of_intent 2026-01-27", "signed 2027-03-01"),
    ("memorandum_of_intent 2026-01-27", "signed 2027-03-01", "in_force 2027-05-01"),
    ("memorandum_of_intent 2026-01-27", "withdrawn 2027-03-01"),
    ("signed 2026-01-27",),
    ("signed 2026-05",),
    ("signed 2026-01-27", "provisionally_applied 2027-03-01"),
    ("signed 2026-01-27", "in_force 2027-03-01T15:00:00+02:00"),
    ("signed 2026-01-27", "withdrawn 2027"),
    ("in_force 2027-03-01",),
    ("memorandum_of_intent 2027-01-27",),
    ("signed 2027-01-27",),
    ("signed 2027-01-27", "in_force 2027-03-01"),
]


@pytest.mark.parametrize(("steps", "requirement"), list(product(ANNOUNCED, Requirement)))
def test_no_sentence_of_what_is_pending_reads_as_being_in_force(steps: tuple[str, ...], requirement: str) -> None:
    sentence = pending(*steps, requirement=requirement)
    assert denies(sentence), sentence


@pytest.mark.parametrize(("steps", "needed"), list(product(ANNOUNCED, [True, False])))
def test_it_reads_so_whether_or_not_the_traveller_needs_a_visa_today(steps: tuple[str, ...], needed: bool) -> None:
    [noted] = ask(grant("visa_free", *steps)).pending
    assert denies(pending_sentence(noted, ISRAEL, needs_visa=needed))


@pytest.mark.parametrize("first", ["memorandum_of_intent", "signed"])
def test_a_signing_that_lies_ahead_is_neither_past_nor_a_decision(first: str) -> None:
    """Asked about a day before the signing, nothing is decided and nothing was signed."""
    sentence = pending(f"{first} 2026-01-27", on="2025-06-01")
    assert "decided" not in sentence
    assert "was signed" not in sentence
    assert "27 January 2026" in sentence


@pytest.mark.parametrize(
    "steps",
    [
        ("memorandum_of_intent 2026-01-27", "signed 2027-03-01"),
        ("memorandum_of_intent 2026-01-27", "withdrawn 2027-03-01"),
        ("signed 2026-01-27", "withdrawn 2027-03-01"),
    ],
)
def test_a_step_ahead_that_is_no_law_takes_no_effect(steps: tuple[str, ...]) -> None:
    assert "effect" not in pending(*steps)


def test_an_attested_signing_is_dated_no_earlier_than_known() -> None:
    [noted] = ask(grant("visa_free", step("signed", "2026-01-27", attested=True))).pending
    assert "was signed by 27 January 2026. It is not in force" in pending_sentence(noted, ISRAEL)


def warning(*, needed: bool, requirement: str = "visa_free") -> str:
    [noted] = ask(grant(requirement, "signed 2026-01-27")).pending
    return pending_sentence(noted, ISRAEL, needs_visa=needed).rpartition(": ")[2]


def test_who_could_be_misled_is_warned() -> None:
    assert warning(needed=True) == "do not travel without a visa because of it."
    assert warning(needed=True, requirement="eta") == "do not travel without a visa because of it."


def test_who_could_not_be_misled_is_told_that_nothing_changes_yet() -> None:
    assert warning(needed=False) == "it changes nothing yet."
    assert warning(needed=True, requirement="e_visa") == "it changes nothing yet."


@pytest.mark.parametrize(
    ("requirement", "needed"),
    [("visa_free", False), ("eta", False), ("e_visa", True), ("visa_required", True), ("no_admission", True)],
)
def test_a_visa_is_needed_unless_the_answer_is_no(requirement: str, needed: bool) -> None:
    assert needs_visa(ask(grant(requirement))) is needed
    assert needs_visa(ask())
    assert not needs_visa(ask(passport="ISR"))


def test_a_noted_regime_in_effect_would_be_caught_by_these_tests() -> None:
    """The check above can fail: it refuses what claims to be in force, and what denies nothing."""
    assert not denies("An agreement on visa-free travel is in force.")
    assert not denies("An agreement on visa-free travel was signed on 27 January 2026.")
    assert not denies("It is not in force. Until then you need no visa for Israel.")
    assert isinstance(ask(grant("visa_free", "signed 2026")).pending[0], InactiveRule)

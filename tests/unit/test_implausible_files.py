"""Files that are well formed and cannot be right, as `visalookup data check` tells them."""

from __future__ import annotations

import pytest

from tests.unit.file_texts import POLICY, POLICY_FILE, WAIVER, WAIVER_FILE, changed, faults, read

ONE_MORE_LIST = """\
- passports: [KAZ]
  requirement: {requirement}
  source: authority
"""


def policy_with(entry: str) -> str:
    return changed(POLICY, "note: Overstaying", f"{entry}note: Overstaying")


def one_more_list(requirement: str, *more: str) -> str:
    return ONE_MORE_LIST.format(requirement=requirement) + "".join(f"  {line}\n" for line in more)


STAY = "stay: {days: 90, within_days: 180}"


def test_a_passport_listed_twice_with_different_requirements_contradicts_itself() -> None:
    text = policy_with(one_more_list("visa_free", STAY))
    [fault] = faults(POLICY_FILE, text)
    assert fault.message == "KAZ is listed twice for ISR, as visa_free and e_visa."
    assert text.splitlines()[fault.line - 1] == "- passports: [KAZ]"
    assert text.splitlines()[fault.line] == "  requirement: e_visa", "the less favourable list is shown"


def test_a_passport_of_a_bloc_listed_apart_contradicts_it_too() -> None:
    text = policy_with("- passports: [DEU]\n  requirement: e_visa\n  stay: {days: 30}\n  source: authority\n")
    [fault] = faults(POLICY_FILE, text)
    assert fault.message == "DEU is listed twice for ISR, as visa_free and e_visa."


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(one_more_list("visa_on_arrival", STAY), id="on arrival or online, as one likes"),
        pytest.param(one_more_list("visa_free", "stay: {days: 14}"), id="without a visa for a shorter stay"),
        pytest.param(one_more_list("visa_free", STAY, "documents: [service]"), id="for other documents"),
        pytest.param(one_more_list("visa_free", STAY, "purposes: [transit]"), id="for another purpose"),
        pytest.param(
            one_more_list("visa_free", STAY, "conditions:", "- kind: holds_visa", "  text: You hold a visa of Japan."),
            id="an exception for some",
        ),
        pytest.param(one_more_list("visa_required", "overriding: true"), id="a restriction that overrides"),
    ],
)
def test_two_lists_that_go_together_are_no_contradiction(entry: str) -> None:
    _, rules = read(POLICY_FILE, policy_with(entry))
    assert len([rule for rule in rules if rule.passport == "KAZ" and rule.passport_group is None]) == 2


IMPLAUSIBLE_POLICIES = [
    pytest.param(
        "[KAZ]", "[ISR, KAZ]", "passports: [ISR", "ISR is the destination itself", id="a state's own citizens"
    ),
    pytest.param(
        "accessed_on: 2026-11-23",
        "published_on: 2026-12\n    accessed_on: 2026-11-23",
        "kind: official",
        "cannot have been read on 2026-11-23, before it was published",
        id="read before it was published",
    ),
    pytest.param(
        "accessed_on: 2026-11-23",
        "accessed_on: 2026-11-23\n    state_on: '2027'",
        "kind: official",
        "cannot show the state of 2027",
        id="a state of the future",
    ),
    pytest.param(
        "    accessed_on: 2026-11-23\n",
        "",
        "requirement: visa_required",
        "the source has no accessed_on: nobody has read it",
        id="verified without reading",
    ),
    pytest.param(
        "    kind: official",
        "    kind: press",
        "requirement: visa_required",
        "is official, but the source is press",
        id="press is not official",
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "message"), IMPLAUSIBLE_POLICIES)
def test_what_cannot_be_right_is_told_with_its_line(old: str, new: str, at: str, message: str) -> None:
    text = changed(POLICY, old, new)
    found = faults(POLICY_FILE, text)
    assert message in found[0].message
    assert text.splitlines()[found[0].line - 1].strip(" -").startswith(at)


def test_a_source_without_an_address_names_no_place_to_look() -> None:
    text = "".join(line for line in POLICY.splitlines(keepends=True) if not line.startswith("    url:"))
    assert any("url: This is missing." in fault.message for fault in faults(POLICY_FILE, text))


def test_a_destination_without_an_authority_is_refused() -> None:
    start, end = POLICY.index("authority:"), POLICY.index("verification:")
    assert "This is missing" in faults(POLICY_FILE, POLICY[:start] + POLICY[end:])[0].message


def test_who_may_enter_must_be_told_for_how_long() -> None:
    text = changed(WAIVER, "  stay: {days: 30}\n", "")
    [fault] = faults(WAIVER_FILE, text)
    assert fault.message == "visa_free needs a stay; where no source states one, say so in the note."
    read(WAIVER_FILE, changed(WAIVER, "  stay: {days: 30}\n", "  note: The stay was not read.\n"))


def test_who_is_not_admitted_has_no_stay() -> None:
    text = changed(WAIVER, "requirement: visa_free", "requirement: no_admission")
    assert [fault.message for fault in faults(WAIVER_FILE, text)] == ["Who is not admitted has no stay."]


def test_a_verification_comes_after_its_source() -> None:
    text = changed(WAIVER, "verified_on: 2026-11-23", "verified_on: 2023-11-23")
    assert {fault.message for fault in faults(WAIVER_FILE, text)} == {
        "It cannot have been verified on 2023-11-23, before its source was published."
    }


def test_an_agreement_binds_both_sides() -> None:
    one_side = WAIVER[: WAIVER.index("- passports: [AZE]")]
    [fault] = faults(WAIVER_FILE, one_side)
    assert fault.message.startswith("An agreement binds both sides, but no rule says what AZE passports get at MAR")
    assert one_side.splitlines()[fault.line - 1] == "- passports: [MAR]"
    read(WAIVER_FILE, f"{one_side}note: Morocco grants this by its own law.\n")


def test_an_agreement_whose_terms_are_not_known_yet_has_no_side_missing() -> None:
    read(WAIVER_FILE, changed(WAIVER, WAIVER[WAIVER.index("rules:") :], ""))

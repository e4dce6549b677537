"""Every fault of a data file is reported, with its file and its line."""

from __future__ import annotations

import pytest

from tests.unit.file_texts import POLICY, POLICY_FILE, WAIVER, WAIVER_FILE, changed, faults, line_of

FAULTS_OF_A_WAIVER = [
    pytest.param("[AZE, MAR]", "[AZE, MAR", "verification", "This is not YAML", id="not YAML"),
    pytest.param(
        "kind: bi", "kind: unilateral_decision\nkind: bi", "kind: bi", "'kind' is given twice", id="key twice"
    ),
    pytest.param("parties", "colour: red\nparties", "colour", "colour: Unknown field", id="unknown key"),
    pytest.param("bilateral_agreement", "treaty", "kind: treaty", "'treaty' is not one of bilateral", id="wrong kind"),
    pytest.param("t: visa_free", "t: visa-free", "requirement", "'visa-free' is not one of freedom", id="wrong choice"),
    pytest.param("title: Agr", "note: Agr", "id", "title: This is missing", id="missing key"),
    pytest.param("[AZE, MAR]", "[AZE, XYZ]", "parties", "XYZ is neither the code of a place nor", id="unknown party"),
    pytest.param("[MAR]", "[XYZ]", "passports: [XYZ]", "XYZ is neither the code of", id="unknown passport"),
    pytest.param("s: [AZE]", "s: [XYZ]", "destinations: [XYZ]", "XYZ is neither", id="unknown destination"),
    pytest.param("[MAR]", "[EUROPE]\n  except: [XYZ]", "except", "XYZ is neither", id="unknown exception"),
    pytest.param("party: AZE", "party: XYZ", "party", "XYZ is neither", id="unknown party of a milestone"),
    pytest.param("s: [AZE]", "s: [XXB]", "destinations: [XXB]", "XXB", id="a document as a destination"),
    pytest.param("[MAR]", "[GRL]", "passports: [GRL]", "GRL issues no passports", id="no such passport"),
    pytest.param("[MAR]", "[MAR, MAR]", "passports: [MAR", "MAR is named twice", id="passport twice"),
    pytest.param("[MAR]", "[EUROPE, DEU]", "passports: [EUROPE", "DEU is named twice", id="twice through a group"),
    pytest.param("source: trend\n-", "source: gazette\n-", "source: gazette", "'gazette' is not a key", id="no source"),
    pytest.param("source: trend\n-", "note: x\n-", "status", "source: This is missing", id="source left out"),
    pytest.param("https://", "ftp://", "url", "Not a valid URL", id="wrong address"),
    pytest.param("trend:\n", "Trend News:\n", "kind: press", "lower-case letters, digits", id="wrong source key"),
    pytest.param("on: 2024-08-28", "on: 2024-13-01", "on: 2024-13-01", "is not a day of", id="no such day"),
    pytest.param("on: 2024-08-28", "on: 2024-08-28T15:00:00", "on: 2024-08-28T", "has no offset", id="no offset"),
    pytest.param("on: 2024-08-28", "on: 2024-08", "status: in_force", "needs a day or an instant", id="vague step"),
    pytest.param("status: in_force", "status: suspended", "status: signed", "may only become", id="refused step"),
    pytest.param("status: signed", "party: MAR", "party: MAR", "either a status or a milestone", id="no step"),
    pytest.param("status: signed", "status: signed\n  milestone: x", "status: signed", "either a st", id="two steps"),
    pytest.param("secondary, verified_on: 2026-11-23", "secondary", "verification", "needs the day", id="no day"),
    pytest.param("l: secondary", "l: unverified", "verification", "unverified has none", id="day of what was not read"),
    pytest.param("{days: 30}", "{days: 30, months: 1}", "stay: {days: 30,", "one of them", id="two measures"),
    pytest.param("{days: 30}", "{days: 0}", "stay: {days: 0}", "greater than or equal to 1", id="no days"),
    pytest.param("{days: 30}", "{days: 30, total: {days: 90}}", "stay: {days: 30,", "A total needs", id="no period"),
    pytest.param(
        "stay: {days: 30}",
        "conditions:\n  - {kind: holds_visa, text: You hold a visa., holds: [XYZ:visa]}",
        "{kind: holds_visa",
        "XYZ is neither the code of a place nor of a group",
        id="a visa of nowhere",
    ),
    pytest.param(
        "stay: {days: 30}",
        "conditions:\n  - {kind: funds, text: You have money., of: [AZE]}",
        "{kind: funds",
        "A condition funds has no argument of: it has none",
        id="an argument that the kind does not have",
    ),
    pytest.param(
        "stay: {days: 30}",
        "conditions:\n  - {kind: holds_visa, text: You hold a visa., holds: [AZE]}",
        "{kind: holds_visa",
        "'AZE' is no holding; write the issuer and one of visa",
        id="a holding without its kind",
    ),
    pytest.param("[MAR]", "[]", "passports: []", "must not be empty", id="nobody"),
    pytest.param("stay: {days: 30}", "documents: []", "documents: []", "must not be empty", id="no document"),
    pytest.param("id: mar-aze-2024", "id: mar-aze", "id", "named after its id: mar-aze.yaml", id="misnamed"),
]


@pytest.mark.parametrize(("old", "new", "at", "message"), FAULTS_OF_A_WAIVER)
def test_a_fault_of_a_regime_file_is_told_with_its_line(old: str, new: str, at: str, message: str) -> None:
    text = changed(WAIVER, old, new)
    first = faults(WAIVER_FILE, text)[0]
    assert message in first.message
    assert (first.file, first.line) == (WAIVER_FILE, line_of(text, at))


FAULTS_OF_A_POLICY = [
    pytest.param("destination: ISR", "destination: KAZ", "destination", "named after its destination", id="misnamed"),
    pytest.param("[KAZ]", "[ISL]", "passports: [ISL]", "ISL is neither the code of", id="unknown passport"),
    pytest.param(
        "  source: authority\nauthority",
        "  source: ministry\nauthority",
        "source: m",
        "'ministry' is not",
        id="no source",
    ),
    pytest.param("on: 2025-01-01", "on: 2025-01", "on: 2025-01", "needs a day or an instant", id="vague beginning"),
    pytest.param("note: Press", "remark: Press", "remark", "lists.1.remark: Unknown field", id="unknown key"),
    pytest.param(
        "kind: registration", "kind: arrival_card", "kind: arrival", "is not one of biometric", id="condition"
    ),
    pytest.param("[diplomatic, o", "[military, o", "documents", "Must be one of: ordinary", id="unknown document"),
    pytest.param(
        "{level: unverified}", "{level: official}", "verification: {level: official}", "needs the day", id="no day"
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "message"), FAULTS_OF_A_POLICY)
def test_a_fault_of_a_destination_file_is_told_with_its_line(old: str, new: str, at: str, message: str) -> None:
    text = changed(POLICY, old, new)
    found = faults(POLICY_FILE, text)
    assert message in found[0].message
    assert (found[0].file, found[0].line) == (POLICY_FILE, line_of(text, at))


def test_a_source_that_nothing_cites_is_a_leftover() -> None:
    spare = "sources:\n  gazette: {kind: official, publisher: X, title: Y, url: 'https://x.example'}\n"
    text = changed(WAIVER, "sources:\n", spare)
    [unused] = faults(WAIVER_FILE, text)
    assert unused.message == "The source 'gazette' is not cited by anything in this file."
    assert unused.line == line_of(text, "gazette")


def test_terms_without_any_verification_are_refused() -> None:
    text = changed(WAIVER, "verification: {level: secondary, verified_on: 2026-11-23}\n", "")
    found = faults(WAIVER_FILE, text)
    assert {fault.message for fault in found} == {"No verification is given, here or for the whole file."}
    assert len(found) == 2


def test_a_pair_listed_twice_on_the_same_terms_is_a_slip_of_the_pen() -> None:
    once = WAIVER[WAIVER.index("- passports: [MAR]") : WAIVER.index("- passports: [AZE]")]
    [repeated] = faults(WAIVER_FILE, WAIVER + once)
    assert repeated.message == "MAR is listed twice for AZE as visa_free."


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text\n"])
def test_what_is_no_mapping_is_no_regime(text: str) -> None:
    [fault] = faults(WAIVER_FILE, text)
    assert fault.line == 1
    assert fault.message.startswith("This must be keys with their values")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("id: a\n---\nid: b\n", id="two documents"),
        pytest.param("id: !!python/name:os.system x\n", id="a tag that would run code"),
        pytest.param("id: mar\x07aze\n", id="a control character"),
        pytest.param("id: *unknown\n", id="an alias of nothing"),
        pytest.param("id:\n\t- a\n", id="a tab"),
    ],
)
def test_what_is_not_our_yaml_is_a_fault_and_never_a_crash(text: str) -> None:
    assert faults(WAIVER_FILE, text)[0].message.startswith("This is not YAML")


def test_a_list_that_contains_itself_is_a_fault_and_never_a_crash() -> None:
    assert [fault.line for fault in faults(WAIVER_FILE, "id: &all [*all]\n")] == [1]


def test_every_fault_of_a_file_is_told_at_once_in_order_of_lines() -> None:
    text = changed(WAIVER, "[AZE, MAR]", "[AZE, XYZ]")
    text = changed(text, "source: trend\n-", "source: gazette\n-")
    text = changed(text, "{days: 30}", "{days: 30, months: 1}")
    found = faults(WAIVER_FILE, text)
    assert [fault.line for fault in found] == [
        line_of(text, start) for start in ("parties", "source: gazette", "stay: {days: 30, months")
    ]


def test_a_fault_reads_as_file_line_and_message() -> None:
    [fault] = faults(WAIVER_FILE, changed(WAIVER, "id: mar-aze-2024", "id: mar-aze"))
    assert str(fault) == "regimes/mar-aze-2024.yaml:1: The file must be named after its id: mar-aze.yaml."

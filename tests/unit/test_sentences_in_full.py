"""Sentences of an answer and of a change, word for word."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.builders import ISRAEL, UNITED_KINGDOM, Grant, ask, condition, days, grant, rulebook, step
from visalookup.domain.changes.answer_changes import compare_answers
from visalookup.domain.changes.impact import answer_changes
from visalookup.domain.changes.impact_groups import grouped
from visalookup.domain.date_phrases import describe_day, describe_instant, describe_partial
from visalookup.domain.documents import EVERY_DOCUMENT, DocumentType
from visalookup.domain.lifecycle import Transition
from visalookup.domain.moments import PartialDate
from visalookup.domain.wording.answers import answer_sentence, ended_sentence, pending_sentence
from visalookup.domain.wording.changes import change_sentence, listed
from visalookup.domain.wording.counting import counted

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
THEN: dict[str, Any] = {"passport": {"code": "KAZ"}, "answer": "yes", "stay": {"days": 30}, "note": "a", "sources": []}


def changed(**members: Any) -> str:
    return compare_answers(THEN, THEN | members).sentence


def test_of_an_answer_of_then_it_is_said_what_became_of_it() -> None:
    assert changed() == "The answer would be the same now."
    assert changed(note="b", sources=["gazette"]) == (
        "The answer would be the same now; what is said with it differs: note, sources."
    )
    assert changed(note="b", stay={"days": 90}) == ("The answer would be another now. What differs: stay.days, note.")


def test_a_member_that_differs_for_two_passports_is_named_once() -> None:
    german = {"passport": {"code": "DEU"}, "answer": "no"}
    found = compare_answers(
        THEN | {"other_passports": [german]}, THEN | {"answer": "no", "other_passports": [german | {"answer": "yes"}]}
    )
    assert [each.passport for each in found.differences] == ["KAZ", "DEU"]
    assert found.sentence == "The answer would be another now. What differs: answer."


def test_what_says_only_where_an_answer_is_from_counts_at_the_top_alone() -> None:
    assert changed(revision=3, as_of="2027", links={}, receipt="x") == "The answer would be the same now."
    nested = THEN | {"regime": {"revision": 1}}
    assert compare_answers(nested, THEN | {"regime": {"revision": 2}}).differences[0].member == "regime.revision"


PENDING = [
    (
        ("memorandum_of_intent 2026-01-27",),
        "A memorandum of intent on visa-free travel was signed on 27 January 2026. It is not in force: do not travel"
        " without a visa because of it.",
    ),
    (
        ("signed 2026-01-27", "in_force 2027-03-01"),
        "An agreement on visa-free travel was signed on 27 January 2026 and takes effect on 1 March 2027. It is not in"
        " force: do not travel without a visa because of it.",
    ),
    (
        ("signed 2026-01", "withdrawn 2027-03-01"),
        "An agreement on visa-free travel was signed in January 2026. It is not in force: do not travel without a visa"
        " because of it.",
    ),
    (
        ("signed 2027-01-27",),
        "An agreement on visa-free travel is dated for signature on 27 January 2027. It is not in force: do not travel"
        " without a visa because of it.",
    ),
    (
        ("in_force 2027-03-01T13:00:00+00:00",),
        "Visa-free travel is decided and takes effect on 1 March 2027, 15:00 (UTC+02:00). Until then it does not"
        " apply.",
    ),
]


@pytest.mark.parametrize(("steps", "sentence"), PENDING)
def test_what_is_pending_in_full(steps: tuple[str, ...], sentence: str) -> None:
    [noted] = ask(grant("visa_free", *steps)).pending
    assert pending_sentence(noted, ISRAEL) == sentence


def test_what_is_pending_spares_nobody_who_needs_no_visa() -> None:
    [noted] = ask(grant("visa_free", "signed 2026-01-27")).pending
    assert pending_sentence(noted, ISRAEL, needs_visa=False).endswith("It is not in force: it changes nothing yet.")
    [visa] = ask(grant("e_visa", "signed 2026-01-27")).pending
    assert pending_sentence(visa, ISRAEL).endswith("It is not in force: it changes nothing yet.")


def test_what_has_ended_in_full() -> None:
    grace = Transition(date(2026, 12, 1), "Tickets bought before are honoured.")
    ended = grant("visa_free", "in_force 2020-01-01", step("terminated", "2026-11-01", transition=grace))
    [noted] = ask(ended).ended
    assert ended_sentence(noted, ISRAEL) == (
        "Visa-free travel under “The instrument visa-free” ended on 1 November 2026."
        " Until 1 December 2026: Tickets bought before are honoured."
    )
    [later] = ask(ended, on="2026-12-02").ended
    assert ended_sentence(later, ISRAEL) == (
        "Visa-free travel under “The instrument visa-free” ended on 1 November 2026."
    )


def test_an_answer_with_what_is_too_short_in_full() -> None:
    answer = ask(grant("e_visa"), grant("visa_free", stay=days(30)), stay_days=31)
    assert answer_sentence(answer) == (
        "Yes. With an ordinary passport of Kazakhstan you need a visa for Israel; you can apply for it online."
        " The visa-free travel that would otherwise apply is for a stay of up to 30 days, not for the 31 days you plan."
    )


def test_an_answer_that_nothing_is_known_of_in_full() -> None:
    assert answer_sentence(ask(on="2026-11-23T22:30:00+00:00")) == (
        "We do not know. We hold no source on entry to Israel with an ordinary passport of Kazakhstan"
        " on 24 November 2026, 00:30 (UTC+02:00)."
    )


def test_days_and_instants_in_full() -> None:
    assert describe_day(date(2026, 1, 7)) == "7 January 2026"
    assert [describe_partial(PartialDate.parse(each)) for each in ("2024-05-08", "2024-05", "2024")] == [
        "8 May 2024",
        "May 2024",
        "2024",
    ]
    assert describe_instant(datetime(2026, 6, 1, 23, tzinfo=UTC), UNITED_KINGDOM) == "2 June 2026"
    for minute, second, words in ((1, 0, "00:01"), (0, 1, "00:00")):
        instant = datetime(2026, 6, 1, 23, minute, second, tzinfo=UTC)
        assert describe_instant(instant, UNITED_KINGDOM) == f"2 June 2026, {words} (UTC+01:00)"


def test_numbers_with_their_nouns() -> None:
    assert [counted(*each) for each in ((1, "rule"), (0, "rule"), (1200, "rule"))] == [
        "1 rule",
        "0 rules",
        "1,200 rules",
    ]
    assert [counted(*each) for each in ((1, "timeline entry"), (2, "timeline entry"))] == [
        "1 timeline entry",
        "2 timeline entries",
    ]


def test_words_in_a_list() -> None:
    assert [listed(each) for each in (["one"], ["one", "two"], ["one", "two", "three"])] == [
        "one",
        "one and two",
        "one, two and three",
    ]


STANDING = grant("visa_required", id_="standing", documents=EVERY_DOCUMENT)


def sentence_of(before: list[Grant], after: list[Grant]) -> str:
    ids = {each.id for each in (*before, *after)}
    [group] = grouped(answer_changes(rulebook(*before), rulebook(*after), ids, NOW))
    return change_sentence(group, NOW)


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        (frozenset({DocumentType.ORDINARY}), ""),
        (frozenset({DocumentType.ALIEN}), " (alien)"),
        (
            frozenset({DocumentType.STATELESS_1954, DocumentType.REFUGEE_1951, DocumentType.NATIONAL_ID_CARD}),
            " (refugee (1951), stateless (1954) and national identity card)",
        ),
        (EVERY_DOCUMENT, " (every document type)"),
        (
            frozenset(DocumentType) - {DocumentType.SERVICE, DocumentType.SPECIAL},
            " (every document type but service and special)",
        ),
    ],
)
def test_a_change_names_the_documents_it_is_for(documents: frozenset[DocumentType], words: str) -> None:
    waiver = grant("visa_free", "in_force 2026-12-01", documents=documents)
    assert sentence_of([], [waiver]) == (
        f"Kazakhstan to Israel{words}: unknown becomes visa-free from 1 December 2026."
    )


def test_a_change_of_conditions_gives_both() -> None:
    before = grant("visa_free", id_="waiver", conditions=(condition("registration", "You register."),))
    after = grant(
        "visa_free",
        id_="waiver",
        conditions=(condition("registration", "You register."), condition("funds", "You show funds.")),
    )
    assert sentence_of([before], [after]).endswith(
        " Conditions before: You register. Conditions after: You register. You show funds."
    )
    assert sentence_of([before], [grant("visa_free", id_="waiver")]).endswith(
        " Conditions before: You register. Conditions after: none."
    )

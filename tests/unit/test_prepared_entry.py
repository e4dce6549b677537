"""A prepared answer is made again when only what the destination asks of every visitor has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson

from tests.builders import EDITION, PLACES, grant
from tests.unit.test_entry_facts import FACTS, book, policy
from visalookup.api.v1.lookup.prepared_answers import AnswerKey, PreparedAnswers
from visalookup.domain.documents import DocumentType
from visalookup.domain.entry_facts import EntryFacts
from visalookup.domain.gazetteer import build_gazetteer
from visalookup.domain.rulebook import Rulebook
from visalookup.services.lookup.rulebook_store import LoadedRulebook

ASKED = AnswerKey("KAZ", "ISR", "2026-12-01", DocumentType.ORDINARY, None)
LATER = replace(EDITION, revision=418, recorded_at=EDITION.recorded_at + timedelta(hours=1))
GAZETTEER = build_gazetteer(PLACES.by_code.values())


def with_facts(rulebook: Rulebook, facts: EntryFacts | None) -> Rulebook:
    """The next edition, in which nothing but the entry facts of Israel is new."""
    regimes = {**rulebook.regimes, "isr-visa-policy": policy("ISR", facts).regime}
    return replace(rulebook, edition=replace(LATER), regimes=regimes)


def test_other_entry_facts_make_another_answer() -> None:
    prepared, first = PreparedAnswers(10), book(policy("ISR"), grant("visa_free"))
    answers = [
        prepared.answer(LoadedRulebook(rulebook, GAZETTEER), ASKED, EDITION.recorded_at)
        for rulebook in (first, with_facts(first, replace(FACTS, conditions=())), with_facts(first, None))
    ]
    entries = [orjson.loads(answer.body)["entry"] for answer in answers]
    assert [entry and len(entry["conditions"]) for entry in entries] == [2, 0, None]
    assert len({answer.etag for answer in answers}) == 3


def test_the_same_facts_in_a_later_edition_change_only_what_names_the_edition() -> None:
    prepared, first = PreparedAnswers(10), book(policy("ISR"), grant("visa_free"))
    before = prepared.answer(LoadedRulebook(first, GAZETTEER), ASKED, EDITION.recorded_at)
    after = prepared.answer(LoadedRulebook(replace(first, edition=LATER), GAZETTEER), ASKED, EDITION.recorded_at)
    one, other = orjson.loads(before.body), orjson.loads(after.body)
    assert {name for name in one if one[name] != other[name]} == {"as_of", "revision", "links"}

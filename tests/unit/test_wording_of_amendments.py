"""What an amendment writes, line by line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.builders import days, milestone, regime, source, step, terms
from visalookup.domain.lifecycle import Milestone, StatusEvent, build_timeline
from visalookup.domain.regimes import Rule, WholeRegime
from visalookup.domain.sources import Source, SourceKind, Verification, VerificationLevel
from visalookup.domain.wording.amendments import describe_differences, entry_words, rule_words

SIGNED = step("signed", "2026-01-27", key="signed-1")
RATIFIED = replace(milestone("ratified", "2026-02-01"), key="ratified-1")


def whole(
    *rules: Rule,
    entries: tuple[StatusEvent | Milestone, ...] = (SIGNED,),
    sources: tuple[Source, ...] = (source(),),
) -> WholeRegime:
    events = [each for each in entries if isinstance(each, StatusEvent)]
    milestones = [each for each in entries if isinstance(each, Milestone)]
    timeline = build_timeline(events, milestones)
    made = replace(regime("waiver"), timeline=timeline, sources={each.key: each for each in sources})
    return WholeRegime(made, rules)


def rule(key: str, **changes: Any) -> Rule:
    passport, destination = key.split("-")
    return Rule(key, "waiver", passport, destination, terms(**changes))


def test_a_step_and_a_milestone_in_a_few_words() -> None:
    assert entry_words(step("memorandum_of_intent", "2026-01")) == "Memorandum of intent, effective 2026-01"
    assert entry_words(milestone("entered_into_force", "2026-02-01")) == "Entered into force, 2026-02-01"
    assert entry_words(replace(RATIFIED, party="ISR")) == "Ratified by ISR, 2026-02-01"


def test_a_rule_in_a_few_words() -> None:
    assert rule_words(rule("KAZ-ISR")) == "Visa-free (official, 2026-11-23)"
    unread = Verification(VerificationLevel.UNVERIFIED)
    assert rule_words(rule("KAZ-ISR", stay=days(30), verification=unread)) == (
        "Visa-free, up to 30 days (unverified, not read)"
    )


def test_of_a_new_regime_everything_is_new() -> None:
    made = whole(rule("KAZ-ISR"), rule("ISR-KAZ"), entries=(SIGNED, RATIFIED))
    assert describe_differences(None, made) == (
        "New on the timeline: Signed, effective 2026-01-27",
        "New on the timeline: Ratified, 2026-02-01",
        "New rule ISR-KAZ: Visa-free (official, 2026-11-23)",
        "New rule KAZ-ISR: Visa-free (official, 2026-11-23)",
        "New source gazette (official): Official Gazette, Notice on entry, https://gazette.example/notice",
    )


def test_what_stays_as_it_was_is_not_named() -> None:
    made = whole(rule("KAZ-ISR"), entries=(SIGNED, RATIFIED))
    assert describe_differences(made, made) == ()


def test_a_step_that_is_new_altered_or_gone() -> None:
    in_force = step("in_force", "2026-03-01", key="in_force-1")
    moved = replace(SIGNED, effective=step("signed", "2026-01-28").effective)
    assert describe_differences(whole(), whole(entries=(SIGNED, in_force))) == (
        "New on the timeline: In force, effective 2026-03-01",
    )
    assert describe_differences(whole(), whole(entries=(moved,))) == (
        "On the timeline: Signed, effective 2026-01-27 becomes Signed, effective 2026-01-28",
    )
    assert describe_differences(whole(entries=(SIGNED, RATIFIED)), whole()) == (
        "No longer on the timeline: Ratified, 2026-02-01",
    )


def test_a_rule_that_is_new_altered_or_gone() -> None:
    before = whole(rule("KAZ-ISR"), rule("ISR-KAZ"), rule("FRA-ISR"))
    after = whole(rule("KAZ-ISR", stay=days(30)), rule("DEU-ISR"))
    assert describe_differences(before, after) == (
        "New rule DEU-ISR: Visa-free (official, 2026-11-23)",
        "Rule KAZ-ISR: Visa-free (official, 2026-11-23) becomes Visa-free, up to 30 days (official, 2026-11-23)",
        "Rule FRA-ISR is removed: Visa-free (official, 2026-11-23)",
        "Rule ISR-KAZ is removed: Visa-free (official, 2026-11-23)",
    )


def test_a_source_that_is_new_read_again_or_no_longer_cited() -> None:
    before = whole(sources=(source(), source("treaty"), source("decree"), source("note")))
    news = source("news", kind=SourceKind.PRESS, publisher="Agency", title="Headline", url="https://news.example/1")
    unread = replace(source("treaty"), accessed_on=None)
    after = whole(sources=(source(title="Notice, second edition"), unread, news))
    assert describe_differences(before, after) == (
        "Source gazette: read on 2026-11-23",
        "Source treaty: read on no day",
        "New source news (press): Agency, Headline, https://news.example/1",
        "Source decree is no longer cited",
        "Source note is no longer cited",
    )

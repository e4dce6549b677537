"""What an amendment writes, record by record, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from visalookup.domain.date_phrases import describe_period
from visalookup.domain.lifecycle import Milestone, StatusEvent
from visalookup.domain.regimes import Rule, WholeRegime
from visalookup.domain.timelines import entries_in_order
from visalookup.domain.wording.answers import describe_stay, status_label
from visalookup.domain.wording.requirements import requirement_label


def describe_differences(before: WholeRegime | None, after: WholeRegime) -> tuple[str, ...]:
    """One line for each step, rule or source that is new, altered or gone."""
    return tuple(chain(_entries(before, after), _rules(before, after), _sources(before, after)))


def entry_words(entry: StatusEvent | Milestone) -> str:
    """An entry of a timeline in a few words."""
    if isinstance(entry, StatusEvent):
        return f"{status_label(entry.status)}, effective {entry.effective}"
    name = entry.name.replace("_", " ").capitalize()
    return f"{name}{f' by {entry.party}' if entry.party else ''}, {entry.effective}"


def rule_words(rule: Rule) -> str:
    """What a rule gives, in a few words."""
    stay, dates = describe_stay(rule.terms.stay), describe_period(rule.terms.period)
    checked = f"{rule.terms.verification.level}, {rule.terms.verification.verified_on or 'not read'}"
    parts = (requirement_label(rule.terms.requirement), stay, dates)
    return f"{', '.join(part for part in parts if part)} ({checked})"


def _entries(before: WholeRegime | None, after: WholeRegime) -> Iterator[str]:
    old = {entry.key: entry for entry in entries_in_order(before.regime)} if before else {}
    new = {entry.key: entry for entry in entries_in_order(after.regime)}
    for key, entry in new.items():
        if key not in old:
            yield f"New on the timeline: {entry_words(entry)}"
        elif old[key] != entry:
            yield f"On the timeline: {entry_words(old[key])} becomes {entry_words(entry)}"
    for key in old.keys() - new.keys():
        yield f"No longer on the timeline: {entry_words(old[key])}"


def _rules(before: WholeRegime | None, after: WholeRegime) -> Iterator[str]:
    old = {rule.key: rule for rule in before.rules} if before else {}
    new = {rule.key: rule for rule in after.rules}
    for key, rule in sorted(new.items()):
        if key not in old:
            yield f"New rule {key}: {rule_words(rule)}"
        elif old[key] != rule:
            yield f"Rule {key}: {rule_words(old[key])} becomes {rule_words(rule)}"
    for key in sorted(old.keys() - new.keys()):
        yield f"Rule {key} is removed: {rule_words(old[key])}"


def _sources(before: WholeRegime | None, after: WholeRegime) -> Iterator[str]:
    old = before.regime.sources if before else {}
    for key, source in after.regime.sources.items():
        if key not in old:
            yield f"New source {key} ({source.kind}): {source.publisher}, {source.title}, {source.url}"
        elif old[key] != source:
            yield f"Source {key}: read on {source.accessed_on or 'no day'}"
    for key in sorted(old.keys() - after.regime.sources.keys()):
        yield f"Source {key} is no longer cited"

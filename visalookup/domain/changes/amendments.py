"""What staff may do to a regime: each amendment gives the regime as it would be after it.

Nothing is written here. The timeline is checked whole each time, so an amendment that the lifecycle does not allow
is refused before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from visalookup.domain.errors import InvalidValue, StepRefused, quoted
from visalookup.domain.lifecycle import Milestone, StatusEvent, Timeline, build_timeline
from visalookup.domain.regimes import Regime, Rule, Terms, WholeRegime
from visalookup.domain.sources import Source, SourceKind, Verification, VerificationLevel
from visalookup.domain.timelines import entries_in_order

Entry = StatusEvent | Milestone


def entry_key(regime: Regime, entry: Entry, taken: Collection[str] = ()) -> str:
    """The next free key among the entries of this name; `taken` are the keys of those that were removed."""
    name = str(entry.status) if isinstance(entry, StatusEvent) else entry.name
    known = {*taken, *(entry.key for entry in entries_in_order(regime))}
    return next(key for number in range(1, len(known) + 2) if (key := f"{name}-{number}") not in known)


def with_entry(regime: Regime, entry: Entry, *, missed: bool = False) -> Regime:
    """The regime with one more step or milestone.

    Raise StepRefused for a step the lifecycle does not allow, or one before the last step already known, unless it
    was `missed` and is now put in its place.
    """
    check_has_lifecycle(regime)
    if isinstance(entry, Milestone):
        return replace(regime, timeline=_rebuilt(regime.timeline, milestones=(*regime.timeline.milestones, entry)))
    if not missed:
        _check_order(regime, entry)
    return replace(regime, timeline=_rebuilt(regime.timeline, events=(*regime.timeline.events, entry)))


def check_has_lifecycle(regime: Regime) -> None:
    """Raise InvalidValue for a destination's standing policy: what has dates is a regime of its own."""
    if regime.policy_of is not None:
        raise InvalidValue(
            f"{regime.id} is a standing policy, which has no lifecycle of its own: change its rules, or write"
            " a regime for what has dates."
        )


def _check_order(regime: Regime, step: StatusEvent) -> None:
    last = regime.timeline.events[-1] if regime.timeline.events else None
    if last is not None and step.effective.is_before(last.effective):
        raise StepRefused(
            f"{_words(step)} comes before the last step, {_words(last)}."
            " Give a later date; or say that the step was missed, and it is put in its place."
        )


def _words(step: StatusEvent) -> str:
    return f"{step.status.replace('_', ' ')} on {step.effective}"


def with_corrected_entry(regime: Regime, key: str, entry: Entry | None) -> Regime:
    """The regime with a past entry as it should have been recorded, or without it."""
    timeline = regime.timeline
    if key not in {entry.key for entry in entries_in_order(regime)}:
        raise InvalidValue(f"{regime.id} has no entry {quoted(key)} on its timeline; its page lists them.")
    events = tuple(event for event in timeline.events if event.key != key)
    milestones = tuple(milestone for milestone in timeline.milestones if milestone.key != key)
    if isinstance(entry, StatusEvent):
        events = (*events, entry)
    elif entry is not None:
        milestones = (*milestones, entry)
    if not events:
        raise InvalidValue(f"{regime.id} would be left without any step; a regime has one at least.")
    return replace(regime, timeline=_rebuilt(timeline, events, milestones))


def _rebuilt(
    timeline: Timeline,
    events: tuple[StatusEvent, ...] | None = None,
    milestones: tuple[Milestone, ...] | None = None,
) -> Timeline:
    return build_timeline(
        timeline.events if events is None else events, timeline.milestones if milestones is None else milestones
    )


def with_source(regime: Regime, source: Source) -> Regime:
    """The regime with one more source; raise InvalidValue where its key stands for another one."""
    known = regime.sources.get(source.key)
    if known is not None and known != source:
        raise InvalidValue(f"{regime.id} has a source {quoted(source.key)} already; give another key.")
    return replace(regime, sources={**regime.sources, source.key: source})


def check_cited(regime: Regime, key: str) -> None:
    """Raise InvalidValue unless `key` is that of a source of the regime."""
    if key not in regime.sources:
        keys = ", ".join(regime.sources)
        raise InvalidValue(f"{regime.id} has no source {quoted(key)}; it has {keys}, or give a new one.")


def with_rule(whole: WholeRegime, rule: Rule) -> WholeRegime:
    """The regime with this rule, in place of the one of the same key if there is one."""
    others = tuple(known for known in whole.rules if known.key != rule.key)
    return replace(whole, rules=(*others, rule))


def without_rule(whole: WholeRegime, key: str) -> WholeRegime:
    """The regime without the rule of this key; raise InvalidValue where it has none."""
    rule_of(whole, key)
    return replace(whole, rules=tuple(rule for rule in whole.rules if rule.key != key))


def rule_of(whole: WholeRegime, key: str) -> Rule:
    """The rule of this key; raise InvalidValue where there is none."""
    found = next((rule for rule in whole.rules if rule.key == key), None)
    if found is None:
        raise InvalidValue(f"{whole.regime.id} has no rule {quoted(key)}; its page lists them.")
    return found


def confirmed(whole: WholeRegime, keys: Collection[str], on: date, source: Source | None = None) -> WholeRegime:
    """The regime after these rules were checked on a day and found still true.

    They were checked against the source each of them cites, or against `source`. The level becomes what such a
    source bears out. A source that was read again shows the state of that day; where other rules rest on an
    earlier reading of it, the new reading becomes a source of its own beside it, so that they look no fresher
    than they are.
    """
    wanted = set(keys) or {rule.key for rule in whole.rules}
    for key in wanted:
        rule_of(whole, key)
    readings = _readings(whole, wanted, on, source)
    rules = tuple(
        replace(rule, terms=_confirmed_terms(rule.terms, readings[_cited(rule, source)], on))
        if rule.key in wanted
        else rule
        for rule in whole.rules
    )
    sources = {**whole.regime.sources, **{reading.key: reading for reading in readings.values()}}
    return WholeRegime(replace(whole.regime, sources=sources), rules)


def _cited(rule: Rule, source: Source | None) -> str:
    return source.key if source else rule.terms.source_key


def _readings(whole: WholeRegime, wanted: set[str], on: date, source: Source | None) -> dict[str, Source]:
    """Each source as it was read on the day, by the key under which the rules cited it before."""
    if source is not None:
        return {source.key: replace(source, accessed_on=on, state_on=None)}
    cited = {rule.terms.source_key for rule in whole.rules if rule.key in wanted}
    shared = {rule.terms.source_key for rule in whole.rules if rule.key not in wanted}
    shared |= _cited_beside_rules(whole.regime)
    return {key: _read_anew(whole.regime, key, on, apart=key in shared) for key in cited}


def _cited_beside_rules(regime: Regime) -> set[str]:
    """The keys of the sources that the timeline and the entry facts cite."""
    steps = {entry.source_key for entry in entries_in_order(regime)}
    return steps | regime.entry.source_keys if regime.entry else steps


def _read_anew(regime: Regime, key: str, on: date, *, apart: bool) -> Source:
    known = regime.sources[key]
    fresh = replace(known, accessed_on=on, state_on=None)
    if not apart or known.state_on is None:
        return fresh
    return replace(fresh, key=free_source_key(regime, f"{key}-{on.year}"))


def _confirmed_terms(terms: Terms, source: Source, on: date) -> Terms:
    return replace(terms, source_key=source.key, verification=Verification(level_borne_out(source), on))


def level_borne_out(source: Source) -> VerificationLevel:
    """The level that reading such a source can reach: only an official text makes an official verification."""
    return VerificationLevel.OFFICIAL if source.kind is SourceKind.OFFICIAL else VerificationLevel.SECONDARY


def free_source_key(regime: Regime | None, wanted: str) -> str:
    """`wanted`, or the same with a number behind it where the regime has a source of that key."""
    known = set(regime.sources) if regime else set()
    if wanted not in known:
        return wanted
    return next(key for number in range(2, len(known) + 3) if (key := f"{wanted}-{number}") not in known)


def without_uncited_sources(whole: WholeRegime) -> WholeRegime:
    """The regime without sources that nothing cites any more: a leftover says nothing."""
    cited = {rule.terms.source_key for rule in whole.rules} | _cited_beside_rules(whole.regime)
    sources = {key: reading for key, reading in whole.regime.sources.items() if key in cited}
    return replace(whole, regime=replace(whole.regime, sources=sources))

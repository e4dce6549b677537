"""The impact of a change: which answers it alters, for whom and from when.

Two rulebooks are compared, before and after, at every moment at which either of them changes an answer: past ones
too, for a correction alters what was the law on days gone by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby, zip_longest

from visalookup.domain.answer_aspects import Aspect, differing_aspects
from visalookup.domain.documents import DocumentType
from visalookup.domain.lookup import Question, Verdict, bearing_rules, judge, look_up, moments_of_change, outcome
from visalookup.domain.places import Place, PlaceKind, is_own_country
from visalookup.domain.rulebook import Rulebook


class ChangeKind(StrEnum):
    """What a change alters."""

    ANSWER = "answer"
    """What is asked of the traveller: the requirement, the stay, the conditions, or whether it is known."""
    SHOWN = "shown"
    """What is shown beside it: what is announced, the source, how well it was checked."""


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """One answer that a change alters, from `since` until before `until`; None is for good.

    `documents` are the document types it is so for. `before` and `after` are the verdicts at `since`. Where the
    answer stays and only what is shown with it differs, `aspects` says what, and `since` is never in the past.
    """

    kind: ChangeKind
    passport: Place
    destination: Place
    documents: frozenset[DocumentType]
    since: datetime
    until: datetime | None
    before: Verdict
    after: Verdict
    aspects: frozenset[Aspect] = frozenset()

    def is_past(self, now: datetime) -> bool:
        """Whether it alters only answers about days gone by."""
        return self.until is not None and self.until <= now


def answer_changes(
    before: Rulebook, after: Rulebook, regime_ids: Iterable[str], now: datetime
) -> tuple[AnswerChange, ...]:
    """Which answers differ where these regimes have rules, before or after, pair by pair and in order of time.

    Changes of kind `shown` are those seen from `now` on, and are left out where the answer itself changes then.
    """
    comparison = _Comparison(before, after, frozenset(regime_ids), now)
    return tuple(change for pair in comparison.pairs() for change in comparison.changes(*pair))


@dataclass(frozen=True, slots=True)
class _Comparison:
    before: Rulebook
    after: Rulebook
    regime_ids: frozenset[str]
    now: datetime

    def pairs(self) -> list[tuple[str, str]]:
        """The pairs these regimes reach and for which anything differs."""
        altered = {
            regime_id
            for regime_id in self.regime_ids
            if self.before.regimes.get(regime_id) != self.after.regimes.get(regime_id)
        }
        reached = {
            (rule.passport, rule.destination)
            for book in self.books
            for regime_id in self.regime_ids
            for rule in book.by_regime.get(regime_id, ())
        }
        return sorted(pair for pair in reached if self.differ(pair, altered))

    def differ(self, pair: tuple[str, str], altered: set[str]) -> bool:
        rules = self.before.rules(*pair)
        return rules != self.after.rules(*pair) or any(rule.regime_id in altered for rule in rules)

    def changes(self, passport: str, destination: str) -> list[AnswerChange]:
        """The changes for one pair; those that are alike for several document types are one."""
        documents: defaultdict[tuple[object, ...], set[DocumentType]] = defaultdict(set)
        found: dict[tuple[object, ...], AnswerChange] = {}
        for held in self.documents_treated_alike(passport, destination):
            for change in self.changes_for(self.question(passport, destination, min(held))):
                documents[_effect(change)] |= held
                found.setdefault(_effect(change), change)
        merged = (replace(change, documents=frozenset(documents[key])) for key, change in found.items())
        return sorted(merged, key=lambda change: (change.since, sorted(change.documents)))

    def documents_treated_alike(self, passport: str, destination: str) -> list[set[DocumentType]]:
        """The document types these regimes name for the pair, together where the same rules bear on them."""
        alike: defaultdict[tuple[object, ...], set[DocumentType]] = defaultdict(set)
        for document in sorted(self.documents_named(passport, destination)):
            question = self.question(passport, destination, document)
            rules = (tuple((rule.regime_id, rule.key) for rule in bearing_rules(book, question)) for book in self.books)
            at_home = is_own_country(question.passport, question.destination, document)
            alike[at_home, *rules].add(document)
        return list(alike.values())

    def documents_named(self, passport: str, destination: str) -> set[DocumentType]:
        """What these regimes name; a document that is no citizen's passport is asked for no type."""
        if self.place(passport).kind is PlaceKind.DOCUMENT:
            return {DocumentType.ORDINARY}
        rules = (rule for book in self.books for rule in book.rules(passport, destination))
        return {document for rule in rules if rule.regime_id in self.regime_ids for document in rule.terms.documents}

    def changes_for(self, question: Question) -> list[AnswerChange]:
        moments = sorted(set().union(*(moments_of_change(book, question) for book in self.books)))
        changes = list(self.answers_changed(question, moments))
        if all(change.is_past(self.now) for change in changes):
            changes += self.shown_changed(question, [moment for moment in moments if moment > self.now])
        return changes

    def answers_changed(self, question: Question, moments: Iterable[datetime]) -> Iterator[AnswerChange]:
        """The stretches of time in which the answers differ; before the first step nothing is known in either."""
        judged = [(moment, *self.verdicts(question, moment)) for moment in moments]
        runs = [
            next(run) for _, run in groupby(judged, key=lambda verdicts: (outcome(verdicts[1]), outcome(verdicts[2])))
        ]
        for (since, one, other), following in zip_longest(runs, runs[1:]):
            if outcome(one) != outcome(other):
                until = following[0] if following else None
                yield _change(ChangeKind.ANSWER, question, since, until, one, other)

    def verdicts(self, question: Question, moment: datetime) -> tuple[Verdict, Verdict]:
        at = replace(question, on=moment)
        return judge(self.before, at), judge(self.after, at)

    def shown_changed(self, question: Question, ahead: Iterable[datetime]) -> Iterator[AnswerChange]:
        """The first stretch of time from now on in which something shown differs."""
        differing = [(moment, self.aspects(question, moment)) for moment in (self.now, *ahead)]
        first = next((place for place, (_, aspects) in enumerate(differing) if aspects), None)
        if first is None:
            return
        end = next((place for place in range(first, len(differing)) if not differing[place][1]), None)
        since, until = differing[first][0], differing[end][0] if end is not None else None
        one, other = self.verdicts(question, since)
        change = _change(ChangeKind.SHOWN, question, since, until, one, other)
        yield replace(change, aspects=differing[first][1])

    def aspects(self, question: Question, moment: datetime) -> frozenset[Aspect]:
        at = replace(question, on=moment)
        return differing_aspects(look_up(self.before, at), look_up(self.after, at))

    def question(self, passport: str, destination: str, document: DocumentType) -> Question:
        return Question(self.place(passport), self.place(destination), self.now, document)

    def place(self, code: str) -> Place:
        return self.after.places.by_code.get(code) or self.before.places.by_code[code]

    @property
    def books(self) -> tuple[Rulebook, Rulebook]:
        return self.before, self.after


def _change(
    kind: ChangeKind, question: Question, since: datetime, until: datetime | None, before: Verdict, after: Verdict
) -> AnswerChange:
    documents = frozenset({question.document})
    return AnswerChange(kind, question.passport, question.destination, documents, since, until, before, after)


def _effect(change: AnswerChange) -> tuple[object, ...]:
    """What a change does and when, apart from whom it reaches."""
    outcomes = (outcome(change.before), outcome(change.after))
    return (change.kind, change.since, change.until, *outcomes, change.aspects)

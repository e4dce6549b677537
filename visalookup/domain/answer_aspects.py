"""What is shown beside an answer, and in which parts of it two answers differ that ask the same."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from visalookup.domain.inactive_rules import InactiveRule
from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.lookup import ActiveRule, Answer
from visalookup.domain.sources import Source


class Aspect(StrEnum):
    """A part of what is shown beside an answer."""

    PENDING = "pending"
    """What is announced and not law."""
    ENDED = "ended"
    """What no longer applies."""
    ALSO_APPLIES = "also_applies"
    """What else is open to the traveller, or to some."""
    BASIS = "basis"
    """The regime the answer rests on."""
    IN_FORCE_FROM = "in_force_from"
    """Since when that has been so."""
    SOURCES = "sources"
    VERIFICATION = "verification"
    NOTE = "note"


def differing_aspects(one: Answer, other: Answer) -> frozenset[Aspect]:
    """In which parts these two differ."""
    return frozenset(aspect for aspect, part in _PARTS.items() if part(one) != part(other))


def _pending(answer: Answer) -> object:
    return [_noted(rule) for rule in answer.pending]


def _ended(answer: Answer) -> object:
    return [_noted(rule) for rule in answer.ended]


def _noted(noted: InactiveRule) -> tuple[object, ...]:
    terms = noted.rule.terms
    step = noted.event or noted.upcoming
    return (
        *(noted.regime.id, noted.regime.title, noted.regime.kind),
        *(terms.requirement, terms.stay, terms.conditions),
        *(_step(noted.event), _step(noted.upcoming), noted.starts_on, noted.ended_on),
        *(_source(noted, terms.source_key), step and _source(noted, step.source_key)),
    )


def _step(event: StatusEvent | None) -> tuple[object, ...] | None:
    return (event.status, event.effective, event.transition) if event else None


def _source(noted: InactiveRule, key: str) -> Source:
    return noted.regime.sources[key]


def _also_applies(answer: Answer) -> object:
    return [_applied(rule) for rule in answer.verdict.also_applies]


def _applied(applied: ActiveRule) -> tuple[object, ...]:
    terms = applied.rule.terms
    return (
        *(*_regime(applied), *_in_force(applied), *applied.sources),
        *terms.shown,
    )


def _regime(applied: ActiveRule) -> tuple[object, ...]:
    return applied.regime.id, applied.regime.title, applied.regime.kind


def _in_force(applied: ActiveRule) -> tuple[object, ...]:
    return applied.event.status, applied.in_force_from, applied.dates


def _basis(answer: Answer) -> object:
    return answer.verdict.best and _regime(answer.verdict.best)


def _in_force_from(answer: Answer) -> object:
    return answer.verdict.best and _in_force(answer.verdict.best)


def _sources(answer: Answer) -> object:
    return answer.sources


def _verification(answer: Answer) -> object:
    return answer.verification


def _note(answer: Answer) -> object:
    return answer.verdict.best and answer.verdict.best.rule.terms.note


_PARTS: dict[Aspect, Callable[[Answer], object]] = {
    Aspect.PENDING: _pending,
    Aspect.ENDED: _ended,
    Aspect.ALSO_APPLIES: _also_applies,
    Aspect.BASIS: _basis,
    Aspect.IN_FORCE_FROM: _in_force_from,
    Aspect.SOURCES: _sources,
    Aspect.VERIFICATION: _verification,
    Aspect.NOTE: _note,
}

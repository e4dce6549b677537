"""What is shown beside an answer, and in which parts of it two answers differ that ask the same."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.lookup import Answer, Applied, Noted
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
    """The regime the answer rests on, and since when."""
    SOURCES = "sources"
    VERIFICATION = "verification"
    NOTE = "note"


def differing_aspects(one: Answer, other: Answer) -> frozenset[Aspect]:
    """In which parts these two differ."""
    return frozenset(aspect for aspect, part in _PARTS.items() if part(one) != part(other))


def _pending(answer: Answer) -> object:
    return [_noted(each) for each in answer.pending]


def _ended(answer: Answer) -> object:
    return [_noted(each) for each in answer.ended]


def _noted(noted: Noted) -> tuple[object, ...]:
    terms = noted.rule.terms
    step = noted.event or noted.upcoming
    return (
        *(noted.regime.id, noted.regime.title, noted.regime.kind),
        *(terms.requirement, terms.stay, terms.conditions, noted.transition_runs),
        *(_step(noted.event), _step(noted.upcoming)),
        *(_source(noted, terms.source_key), step and _source(noted, step.source_key)),
    )


def _step(event: StatusEvent | None) -> tuple[object, ...] | None:
    return (event.status, event.effective, event.transition) if event else None


def _source(noted: Noted, key: str) -> Source:
    return noted.regime.sources[key]


def _also_applies(answer: Answer) -> object:
    return [(_applied(each), *_checked(each)) for each in answer.verdict.also_applies]


def _applied(applied: Applied) -> tuple[object, ...]:
    regime, terms = applied.regime, applied.rule.terms
    return (
        *(regime.id, regime.title, regime.kind, applied.event.status, applied.in_force_from),
        *(terms.requirement, terms.stay, terms.conditions),
    )


def _checked(applied: Applied) -> tuple[object, ...]:
    return applied.sources, applied.rule.terms.verification, applied.rule.terms.note


def _basis(answer: Answer) -> object:
    return answer.verdict.best and _applied(answer.verdict.best)


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
    Aspect.SOURCES: _sources,
    Aspect.VERIFICATION: _verification,
    Aspect.NOTE: _note,
}

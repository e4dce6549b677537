"""Policy changes in the order in which they became known, for those who follow them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.errors import InvalidValue
from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.regimes import Regime
from visalookup.services.library import Library
from visalookup.services.questions import Reading, read_number
from visalookup.storage.changes import RecordedStep, read_steps

MOST_CHANGES = 500
USUAL_CHANGES = 100
_LARGEST_CURSOR = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A step of a regime as it became known; a correction names the step it corrects."""

    cursor: int
    regime: Regime
    event: StatusEvent | None
    step: RecordedStep
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes after a cursor, the cursor to go on from, and whether there are more."""

    changes: tuple[PolicyChange, ...]
    cursor: int
    more: bool


def list_changes(session: Session, library: Library, since: str | None, limit: str | None) -> ChangePage:
    """The changes after `since`, oldest first; raise BadQuestion for a cursor that never was one."""
    volume = library.current(session)
    reading = Reading(volume.gazetteer, volume.rulebook.places)
    cursor = reading.value("since", since, _read_cursor, 0)
    size = reading.value("limit", limit, _read_limit, USUAL_CHANGES)
    reading.finish()
    steps = read_steps(session, cursor, size + 1)
    regimes = volume.rulebook.regimes
    shown = [
        PolicyChange(
            step.cursor, regimes[step.regime_id], _event(regimes[step.regime_id], step), step, step.recorded_at
        )
        for step in steps[:size]
        if step.regime_id in regimes
    ]
    last = steps[:size][-1].cursor if steps else cursor
    return ChangePage(tuple(shown), last, len(steps) > size)


def _event(regime: Regime, step: RecordedStep) -> StatusEvent | None:
    return next((event for event in regime.timeline.events if event.key == step.key), None)


def _read_cursor(text: str) -> int:
    cursor = read_number(text, 0, _LARGEST_CURSOR)
    if cursor is None:
        raise InvalidValue(
            f"{text[:20]!r} is not a cursor; leave it out to begin, then send the one you were given."
        )
    return cursor


def _read_limit(text: str) -> int:
    limit = read_number(text, 1, MOST_CHANGES)
    if limit is None:
        raise InvalidValue(f"{text[:20]!r} is not a number from 1 to {MOST_CHANGES}.")
    return limit

"""Policy changes in the order in which they became known, for those who follow them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.regimes import Regime
from visalookup.domain.rulebook import Rulebook
from visalookup.services.library import Library
from visalookup.services.questions import Reading, read_number
from visalookup.storage.changes import RecordedStep, read_newest_steps, read_steps
from visalookup.storage.snapshot import read_retracted_regime

MOST_CHANGES = 500
USUAL_CHANGES = 100
_LARGEST_CURSOR = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A step of a regime as it became known. `event` is the step as it stands now, None where it was retracted."""

    regime: Regime
    event: StatusEvent | None
    step: RecordedStep


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
    shown = tuple(_change(session, volume.rulebook, step) for step in steps[:size])
    return ChangePage(shown, shown[-1].step.cursor if shown else cursor, len(steps) > size)


def newest_changes(session: Session, library: Library, limit: int) -> list[PolicyChange]:
    """The changes that became known last, the newest first."""
    rulebook = library.current(session).rulebook
    return [_change(session, rulebook, step) for step in read_newest_steps(session, limit)]


def _change(session: Session, rulebook: Rulebook, step: RecordedStep) -> PolicyChange:
    """A step with its regime; one that is no longer held is read as it last stood."""
    regime = rulebook.regimes.get(step.regime_id) or read_retracted_regime(session, step.regime_id)
    return PolicyChange(regime, _event(regime, step), step)


def _event(regime: Regime, step: RecordedStep) -> StatusEvent | None:
    return next((event for event in regime.timeline.events if event.key == step.key), None)


def _read_cursor(text: str) -> int:
    cursor = read_number(text, 0, _LARGEST_CURSOR)
    if cursor is None:
        raise InvalidValue(
            f"{quoted(text)} is not a cursor; leave it out to begin, then send the one you were given."
        )
    return cursor


def _read_limit(text: str) -> int:
    limit = read_number(text, 1, MOST_CHANGES)
    if limit is None:
        raise InvalidValue(f"{quoted(text)} is not a number from 1 to {MOST_CHANGES}.")
    return limit

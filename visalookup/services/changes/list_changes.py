"""The feed of policy changes, in the order in which they became known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.lifecycle import StatusEvent
from visalookup.domain.regimes import Regime
from visalookup.domain.rulebook import Rulebook
from visalookup.services.lookup.questions import MOST_PASSPORTS, InputFault, InputReader, read_number
from visalookup.services.lookup.rulebook_store import LoadedRulebook, RulebookStore
from visalookup.storage.policy_changes import PairFilter, RecordedStep, read_newest_steps, read_steps
from visalookup.storage.snapshot import read_regime, read_retracted_regime

MAX_CHANGES = 500
DEFAULT_CHANGES = 100
_LARGEST_CURSOR = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A step of a regime as it became known. `event` is its current version, None if it was retracted."""

    regime: Regime
    event: StatusEvent | None
    step: RecordedStep


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes after a cursor, the cursor of the next page, and whether there are more."""

    changes: tuple[PolicyChange, ...]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class PairFilterForm:
    """The requested filter as text: passports and destinations. An empty filter matches all changes."""

    passports: Sequence[str] = ()
    destinations: Sequence[str] = ()


def list_changes(
    session: Session,
    rulebook_store: RulebookStore,
    since: str | None,
    limit: str | None,
    filter_form: PairFilterForm = PairFilterForm(),
) -> ChangePage:
    """Return the changes after `since`, the oldest first; raise BadQuestion for an invalid cursor or place."""
    loaded = rulebook_store.current(session)
    reading = InputReader(loaded.gazetteer, loaded.rulebook.places)
    cursor = reading.value("since", since, _read_cursor, 0)
    size = reading.value("limit", limit, _read_limit, DEFAULT_CHANGES)
    pair_filter = _read_filter(reading, filter_form)
    steps = read_steps(session, cursor, size + 1, pair_filter)
    shown = tuple(_changes(session, rulebook_store, loaded, steps[:size]))
    return ChangePage(shown, shown[-1].step.cursor if shown else cursor, len(steps) > size)


def newest_changes(
    session: Session, rulebook_store: RulebookStore, limit: int, filter_form: PairFilterForm = PairFilterForm()
) -> list[PolicyChange]:
    """Return the latest changes, the newest first; raise BadQuestion for an unknown place."""
    loaded = rulebook_store.current(session)
    pair_filter = _read_filter(InputReader(loaded.gazetteer, loaded.rulebook.places), filter_form)
    return _changes(session, rulebook_store, loaded, read_newest_steps(session, limit, pair_filter))


def change_as_written(session: Session, step: RecordedStep) -> PolicyChange:
    """Return a step with its regime as both were when it was written, read from the ledger, not from a rulebook."""
    regime = read_regime(session, step.regime_id, step.revision) or read_retracted_regime(session, step.regime_id)
    return PolicyChange(regime, _event(regime, step), step)


def _read_filter(reading: InputReader, filter_form: PairFilterForm) -> PairFilter:
    """Read the places of the filter; raise BadQuestion for every fault that `reading` has collected."""
    for name, texts in (("passport", filter_form.passports), ("destination", filter_form.destinations)):
        if len(texts) > MOST_PASSPORTS:
            reading.faults.append(InputFault(name, f"Send at most {MOST_PASSPORTS} of them."))
    passports = [reading.passport(text) for text in filter_form.passports[:MOST_PASSPORTS]]
    destinations = [reading.destination(text) for text in filter_form.destinations[:MOST_PASSPORTS]]
    reading.raise_if_invalid()
    return PairFilter([place.code for place in passports if place], [place.code for place in destinations if place])


def _changes(
    session: Session, rulebook_store: RulebookStore, loaded: LoadedRulebook, steps: Sequence[RecordedStep]
) -> list[PolicyChange]:
    """Combine steps with their regimes; reload the rulebook if a step is newer than it."""
    if any(step.revision > loaded.rulebook.edition.revision for step in steps):
        loaded = rulebook_store.renew(session)
    return [_change(session, loaded.rulebook, step) for step in steps]


def _change(session: Session, rulebook: Rulebook, step: RecordedStep) -> PolicyChange:
    """Combine a step with its regime; a retracted regime is read in its last version."""
    regime = rulebook.regimes.get(step.regime_id) or read_retracted_regime(session, step.regime_id)
    return PolicyChange(regime, _event(regime, step), step)


def _event(regime: Regime, step: RecordedStep) -> StatusEvent | None:
    return next((event for event in regime.timeline.events if event.key == step.key), None)


def _read_cursor(text: str) -> int:
    cursor = read_number(text, 0, _LARGEST_CURSOR)
    if cursor is None:
        raise InvalidValue(f"{quoted(text)} is not a cursor; leave it out to begin, then send the one you were given.")
    return cursor


def _read_limit(text: str) -> int:
    limit = read_number(text, 1, MAX_CHANGES)
    if limit is None:
        raise InvalidValue(f"{quoted(text)} is not a number from 1 to {MAX_CHANGES}.")
    return limit

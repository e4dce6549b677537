"""Policy changes in the order in which they became known, for those who follow them."""

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


@dataclass(frozen=True, slots=True)
class PairFilterForm:
    """Whose changes are wanted, as it was sent: passports and destinations in text; none of them is everybody."""

    passports: Sequence[str] = ()
    destinations: Sequence[str] = ()


def list_changes(
    session: Session,
    rulebook_store: RulebookStore,
    since: str | None,
    limit: str | None,
    pair_filter_form: PairFilterForm = PairFilterForm(),
) -> ChangePage:
    """The changes after `since`, oldest first; raise BadQuestion for a cursor or place that never was one."""
    loaded = rulebook_store.current(session)
    reading = InputReader(loaded.gazetteer, loaded.rulebook.places)
    cursor = reading.value("since", since, _read_cursor, 0)
    size = reading.value("limit", limit, _read_limit, DEFAULT_CHANGES)
    pair_filter = _concerning(reading, pair_filter_form)
    steps = read_steps(session, cursor, size + 1, pair_filter)
    shown = tuple(_changes(session, rulebook_store, loaded, steps[:size]))
    return ChangePage(shown, shown[-1].step.cursor if shown else cursor, len(steps) > size)


def newest_changes(
    session: Session, rulebook_store: RulebookStore, limit: int, pair_filter_form: PairFilterForm = PairFilterForm()
) -> list[PolicyChange]:
    """The changes that became known last, the newest first; raise BadQuestion for a place that is none."""
    loaded = rulebook_store.current(session)
    pair_filter = _concerning(InputReader(loaded.gazetteer, loaded.rulebook.places), pair_filter_form)
    return _changes(session, rulebook_store, loaded, read_newest_steps(session, limit, pair_filter))


def change_as_written(session: Session, step: RecordedStep) -> PolicyChange:
    """A step with its regime as both stood when it was written, read from the ledger and not from a rulebook."""
    regime = read_regime(session, step.regime_id, step.revision) or read_retracted_regime(session, step.regime_id)
    return PolicyChange(regime, _event(regime, step), step)


def _concerning(reading: InputReader, pair_filter_form: PairFilterForm) -> PairFilter:
    """The places meant; it ends the reading, so raise BadQuestion for whatever was wrong in it."""
    for name, texts in (("passport", pair_filter_form.passports), ("destination", pair_filter_form.destinations)):
        if len(texts) > MOST_PASSPORTS:
            reading.faults.append(InputFault(name, f"Send at most {MOST_PASSPORTS} of them."))
    passports = [reading.passport(text) for text in pair_filter_form.passports[:MOST_PASSPORTS]]
    destinations = [reading.destination(text) for text in pair_filter_form.destinations[:MOST_PASSPORTS]]
    reading.raise_if_invalid()
    return PairFilter([each.code for each in passports if each], [each.code for each in destinations if each])


def _changes(
    session: Session, rulebook_store: RulebookStore, loaded: LoadedRulebook, steps: Sequence[RecordedStep]
) -> list[PolicyChange]:
    """The steps with their regimes; a step newer than the current rulebook waits until that is renewed."""
    if any(step.revision > loaded.rulebook.edition.revision for step in steps):
        loaded = rulebook_store.renew(session)
    return [_change(session, loaded.rulebook, step) for step in steps]


def _change(session: Session, rulebook: Rulebook, step: RecordedStep) -> PolicyChange:
    """A step with its regime; one that is no longer held is read as it last stood."""
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

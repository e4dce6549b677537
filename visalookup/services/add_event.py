"""Move a regime one step along its lifecycle, or note a milestone, with its source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.lifecycle import Milestone, Status, StatusEvent, Transition, build_timeline
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.regimes import Regime
from visalookup.domain.sources import Source
from visalookup.services.regimes import NoSuchRegime
from visalookup.storage.ledger import (
    Author,
    Change,
    Conflict,
    Stored,
    add_identities,
    append,
    last_change_of_regime,
    latest_edition,
    lock_for_writing,
    names_a_place_or_group,
)
from visalookup.storage.models import Origin, SourceVersion, TimelineEntryVersion
from visalookup.storage.records import RecordId, event_columns, milestone_columns, source_columns
from visalookup.storage.snapshot import read_regime, read_regime_records


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A step or a milestone to record: exactly one of `status` and `milestone`.

    `source` is the key of one of the regime's sources, or a new source. `expected_version` is the version of
    the regime the writer has seen (what `regime show` prints); None accepts any.
    """

    regime_id: str
    effective: EffectiveDate
    source: str | Source
    status: Status | None = None
    milestone: str | None = None
    party: str | None = None
    note: str | None = None
    transition: Transition | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The regime after the step, and the revision it was written in."""

    regime: Regime
    revision: int


def add_event(session: Session, new: NewEvent, actor: str, now: datetime) -> Recorded:
    """Record the step as one revision; the caller commits.

    Raise NoSuchRegime, StepRefused where the lifecycle does not allow it, InvalidValue for a source or date that
    cannot be, and Conflict where somebody changed the regime since it was seen. Nothing is written then.
    """
    lock_for_writing(session)
    edition = latest_edition(session)
    regime = read_regime(session, new.regime_id, edition.revision) if edition else None
    if edition is None or regime is None:
        raise NoSuchRegime(f"No regime has the id {quoted(new.regime_id)}.")
    if regime.policy_of is not None:
        raise InvalidValue(
            f"{regime.id} is a standing policy, which has no lifecycle of its own: change its file, or write"
            " a regime for what has dates."
        )
    _check_version(session, new)
    if new.party is not None and not names_a_place_or_group(session, new.party):
        raise InvalidValue(f"{quoted(new.party)} is neither the code of a place nor of a group.")
    stored = read_regime_records(session, new.regime_id, edition.revision)
    source, changes = _source(regime, new, stored)
    entry = _entry(new, source.key, _free_key(new, stored))
    after = _with(regime, entry, source)
    record = RecordId(TimelineEntryVersion, (regime.id, entry.key))
    columns = event_columns(entry) if isinstance(entry, StatusEvent) else milestone_columns(entry)
    changes.append(Change(record, columns))
    add_identities(session, (change.record for change in changes))
    reason = f"{new.status or new.milestone} of {regime.id}, effective {new.effective}"
    return Recorded(after, append(session, Author(actor, Origin.STAFF, reason), now, changes))


def _check_version(session: Session, new: NewEvent) -> None:
    version = last_change_of_regime(session, new.regime_id)
    if new.expected_version is not None and new.expected_version != version:
        raise Conflict(
            f"{new.regime_id} is at version {version}, not {new.expected_version}: somebody changed it since you"
            " read it. Read it again and repeat; nothing was written."
        )


def _source(regime: Regime, new: NewEvent, stored: dict[RecordId, Stored]) -> tuple[Source, list[Change]]:
    if isinstance(new.source, Source):
        record = RecordId(SourceVersion, (regime.id, new.source.key))
        if record in stored:
            raise InvalidValue(f"{regime.id} has a source {new.source.key!r} already; give another key.")
        return new.source, [Change(record, source_columns(new.source))]
    if new.source not in regime.sources:
        keys = ", ".join(regime.sources)
        raise InvalidValue(f"{regime.id} has no source {new.source!r}; it has {keys}, or give a new one.")
    return regime.sources[new.source], []


def _free_key(new: NewEvent, stored: dict[RecordId, Stored]) -> str:
    """The next free key among the entries of this name, retracted ones counted."""
    name = str(new.status or new.milestone)
    taken = {record.identity[1] for record in stored if record.table is TimelineEntryVersion}
    return next(key for number in range(1, len(taken) + 2) if (key := f"{name}-{number}") not in taken)


def _entry(new: NewEvent, source_key: str, key: str) -> StatusEvent | Milestone:
    if (new.status is None) == (new.milestone is None):
        raise InvalidValue("An event is either a status or a milestone.")
    if new.status is not None:
        return StatusEvent(key, new.status, new.effective, source_key, new.note, new.transition)
    return Milestone(key, new.milestone or "", new.effective, source_key, new.party, new.note)


def _with(regime: Regime, entry: StatusEvent | Milestone, source: Source) -> Regime:
    events, milestones = regime.timeline.events, regime.timeline.milestones
    if isinstance(entry, StatusEvent):
        timeline = build_timeline((*events, entry), milestones)
    else:
        timeline = build_timeline(events, (*milestones, entry))
    return replace(regime, timeline=timeline, sources={**regime.sources, source.key: source})

"""Move a regime one step along its lifecycle, or note a milestone, with its source; written at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.changes.amendments import Entry, check_cited, entry_key, with_entry, with_source
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.lifecycle import Milestone, Status, StatusEvent, Transition
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.regimes import Regime, WholeRegime
from visalookup.domain.sources import Source
from visalookup.services.changes.current_regime import read_current_regime
from visalookup.services.changes.put_regime import put_regime
from visalookup.services.lookup.regimes import NoSuchRegime
from visalookup.storage.ledger import Author, Conflict, lock_for_writing, names_a_place_or_group
from visalookup.storage.models import Origin


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A step or a milestone to record: exactly one of `status` and `milestone`.

    `source` is the key of one of the regime's sources, or a new source. `expected_version` is the version of
    the regime the writer has seen (what `regime show` prints); None accepts any. `missed` says that the step
    belongs before one already recorded.
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
    missed: bool = False


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
    current = read_current_regime(session, new.regime_id)
    if current.whole is None:
        raise NoSuchRegime(f"No regime has the id {quoted(new.regime_id)}.")
    _check_version(new, current.version)
    if new.party is not None and not names_a_place_or_group(session, new.party):
        raise InvalidValue(f"{quoted(new.party)} is neither the code of a place nor of a group.")
    regime, source_key = _cited(current.whole.regime, new.source)
    entry = _entry(new, source_key)
    regime = with_entry(regime, replace(entry, key=entry_key(regime, entry, current.taken)), missed=new.missed)
    step = f"{new.status or new.milestone} of {regime.id}, effective {new.effective}"
    reason = f"{step} (recorded at the command line, without a second person)"
    revision = _write(session, replace(current.whole, regime=regime), Author(actor, Origin.STAFF, reason), now)
    return Recorded(regime, revision)


def _check_version(new: NewEvent, version: int) -> None:
    if new.expected_version is not None and new.expected_version != version:
        raise Conflict(
            f"{new.regime_id} is at version {version}, not {new.expected_version}: somebody changed it since you"
            " read it. Read it again and repeat; nothing was written."
        )


def _cited(regime: Regime, source: str | Source) -> tuple[Regime, str]:
    if isinstance(source, Source):
        if source.key in regime.sources:
            raise InvalidValue(f"{regime.id} has a source {source.key!r} already; give another key.")
        return with_source(regime, source), source.key
    check_cited(regime, source)
    return regime, source


def _entry(new: NewEvent, source_key: str) -> Entry:
    if (new.status is None) == (new.milestone is None):
        raise InvalidValue("An event is either a status or a milestone.")
    if new.status is not None:
        return StatusEvent("", new.status, new.effective, source_key, new.note, new.transition)
    return Milestone("", new.milestone or "", new.effective, source_key, new.party, new.note)


def _write(session: Session, whole: WholeRegime, author: Author, now: datetime) -> int:
    revision = put_regime(session, whole.regime.id, DataSet(regimes=(whole.regime,), rules=whole.rules), author, now)
    assert revision is not None  # noqa: S101 - a timeline with one more entry is another one
    return revision

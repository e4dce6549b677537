"""Move a regime one step along its lifecycle, or note a milestone, with its source; written at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from visalookup.domain.changes.proposals import ProposalKind
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.errors import InvalidValue
from visalookup.domain.lifecycle import Status, Transition
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.regimes import Regime, WholeRegime
from visalookup.domain.sources import Source
from visalookup.formats.converter import payload_of
from visalookup.formats.faults import FaultyData
from visalookup.services.changes.amendments import amend
from visalookup.services.changes.amendments.context import AmendmentContext
from visalookup.services.changes.current_regime import read_current_regime
from visalookup.services.changes.put_regime import put_regime
from visalookup.services.lookup.regimes import no_such_regime
from visalookup.storage.ledger import Author, Conflict, lock_for_writing
from visalookup.storage.models import Origin
from visalookup.storage.snapshot import read_places


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
    """Record the step as one revision, by the rules that a proposal of this step would meet; the caller commits.

    Raise NotFound, InvalidValue for a step, source or date that cannot be, and Conflict where the regime was
    changed since it was seen. Nothing is written then.
    """
    lock_for_writing(session)
    current = read_current_regime(session, new.regime_id)
    if current.whole is None:
        raise no_such_regime(new.regime_id)
    _check_version(new, current.version)
    whole = _amended(current.whole, new, AmendmentContext(read_places(session), current.used_keys))
    step = f"{new.status or new.milestone} of {new.regime_id}, effective {new.effective}"
    reason = f"{step} (recorded at the command line, without a second person)"
    wanted = DataSet(regimes=(whole.regime,), rules=whole.rules)
    revision = put_regime(session, new.regime_id, wanted, Author(actor, Origin.STAFF, reason), now)
    assert revision is not None  # noqa: S101 - a timeline with one more entry is another one
    return Recorded(whole.regime, revision)


def _check_version(new: NewEvent, version: int) -> None:
    if new.expected_version is not None and new.expected_version != version:
        raise Conflict(
            f"{new.regime_id} is at version {version}, not {new.expected_version}: it was changed since you"
            " read it. Read it again and repeat; nothing was written."
        )


def _amended(before: WholeRegime, new: NewEvent, context: AmendmentContext) -> WholeRegime:
    try:
        return amend(ProposalKind.STEP, before, _payload(new), context).whole
    except FaultyData as error:
        raise InvalidValue(" ".join(fault.message for fault in error.faults)) from error


def _payload(new: NewEvent) -> dict[str, Any]:
    """The step as a proposal states it."""
    transition = new.transition
    stated = {
        "status": new.status and str(new.status),
        "milestone": new.milestone,
        "party": new.party,
        "on": str(new.effective),
        "source": _source_payload(new.source),
        "transition": transition and {"until": transition.until.isoformat(), "text": transition.text},
        "note": new.note,
        "missed": new.missed,
    }
    return {name: value for name, value in stated.items() if value is not None}


def _source_payload(source: str | Source) -> str | dict[str, Any]:
    return source if isinstance(source, str) else {"key": source.key, **payload_of(source)}

"""The lifecycle of a regime: memorandum of intent, signed, in force, and its ends.

Only a regime that is in force or provisionally applied changes an answer (Vienna Convention on the Law of
Treaties, articles 24 and 25: a treaty binds from its entry into force, or while provisionally applied).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from visalookup.domain.errors import InvalidValue, StepRefused
from visalookup.domain.moments import YEARS_OF_LAW, EffectiveDate


class Status(StrEnum):
    """Where a regime stands."""

    MEMORANDUM_OF_INTENT = "memorandum_of_intent"
    SIGNED = "signed"
    PROVISIONALLY_APPLIED = "provisionally_applied"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"

    @property
    def has_effect(self) -> bool:
        """Whether a regime in this status changes an answer."""
        return self in (Status.IN_FORCE, Status.PROVISIONALLY_APPLIED)

    @property
    def is_pending(self) -> bool:
        """Announced, and not yet law."""
        return self in (Status.MEMORANDUM_OF_INTENT, Status.SIGNED)


ALLOWED_STEPS: dict[Status | None, tuple[Status, ...]] = {
    None: (Status.MEMORANDUM_OF_INTENT, Status.SIGNED, Status.IN_FORCE),
    Status.MEMORANDUM_OF_INTENT: (Status.SIGNED, Status.WITHDRAWN),
    Status.SIGNED: (Status.PROVISIONALLY_APPLIED, Status.IN_FORCE, Status.WITHDRAWN),
    Status.PROVISIONALLY_APPLIED: (Status.IN_FORCE, Status.SUSPENDED, Status.TERMINATED),
    Status.IN_FORCE: (Status.SUSPENDED, Status.TERMINATED),
    Status.SUSPENDED: (Status.IN_FORCE, Status.TERMINATED),
    Status.TERMINATED: (),
    Status.WITHDRAWN: (),
}
"""Which steps may follow each status; None is a regime that has taken none yet."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A grace period that a withdrawal carries: `text` says for whom, `until` is its last day."""

    until: date
    text: str

    def __post_init__(self) -> None:
        """Refuse a day that no calendar of ours reaches."""
        YEARS_OF_LAW.check(self.until)


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One dated step of a regime, with the key of its source."""

    key: str
    status: Status
    effective: EffectiveDate
    source_key: str
    note: str | None = None
    transition: Transition | None = None

    def __post_init__(self) -> None:
        """Refuse a vague date where the answer depends on the day."""
        if not self.effective.is_exact and self.status not in _MAY_BE_VAGUE:
            raise InvalidValue(
                f"{self.status} changes an answer, so it needs a day or an instant, not {self.effective}."
            )


_MAY_BE_VAGUE = frozenset({Status.MEMORANDUM_OF_INTENT, Status.SIGNED, Status.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of one party (ratified, notified, ...): shown on the timeline, but not a status."""

    key: str
    name: str
    effective: EffectiveDate
    source_key: str
    party: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The status events of a regime in order of time, and its milestones."""

    events: tuple[StatusEvent, ...]
    milestones: tuple[Milestone, ...] = ()

    def event_at(self, moment: datetime, zone: ZoneInfo) -> StatusEvent | None:
        """The last step taken at or before `moment`, at a destination in `zone`; None before the first."""
        last = None
        for event in self.events:
            if event.effective.moment(zone) > moment:
                break
            last = event
        return last

    def in_force_since(self, moment: datetime, zone: ZoneInfo) -> EffectiveDate | None:
        """Since when the regime has had effect without a break at `moment`; None where it has none."""
        since = None
        for event in self.events:
            if event.effective.moment(zone) > moment:
                break
            if not event.status.has_effect:
                since = None
            elif since is None:
                since = event.effective
        return since

    def upcoming(self, moment: datetime, zone: ZoneInfo) -> tuple[StatusEvent, ...]:
        """The steps already known that take effect after `moment`."""
        return tuple(event for event in self.events if event.effective.moment(zone) > moment)


def build_timeline(events: Iterable[StatusEvent], milestones: Iterable[Milestone] = ()) -> Timeline:
    """Order the steps by time and check every one of them; raise StepRefused for one that is not allowed."""
    ordered = tuple(_in_order(events))
    check_steps(ordered)
    return Timeline(
        ordered, tuple(sorted(milestones, key=lambda milestone: (_day_of(milestone.effective), milestone.key)))
    )


def check_steps(events: Sequence[StatusEvent]) -> None:
    """Raise StepRefused unless each step may follow the one before it."""
    before: Status | None = None
    for event in events:
        if event.status not in ALLOWED_STEPS[before]:
            raise StepRefused(_refusal(before, event))
        before = event.status


def _refusal(before: Status | None, event: StatusEvent) -> str:
    allowed = ALLOWED_STEPS[before]
    step = f"{event.status} on {event.effective} is refused"
    here = f"a regime in status {before}" if before else "a new regime"
    if not allowed:
        return f"{step}: {here} has ended and takes no further step."
    return f"{step}: {here} may only become {', '.join(allowed)}."


_SPINE = {status: place for place, status in enumerate(Status)}


def _in_order(events: Iterable[StatusEvent]) -> list[StatusEvent]:
    """By time; on one moment along the spine of the lifecycle, as a treaty signed and applied the same day goes.

    A step of which only the month or year is known stands where the spine has it within that time.
    """
    ordered: list[StatusEvent] = []
    for event in sorted(events, key=lambda step: (not step.effective.is_exact, *_place(step))):
        ordered.insert(_position(event, ordered), event)
    return ordered


def _position(event: StatusEvent, ordered: Sequence[StatusEvent]) -> int:
    """Before the first step that comes later, or that follows on the spine within the time it can mean."""
    start, end = event.effective.span
    for position, other in enumerate(ordered):
        begins = other.effective.span[0]
        follows = _SPINE[other.status] > _SPINE[event.status]
        within = not event.effective.is_exact and start <= begins < end
        if _place(other) > _place(event) and not within:
            return position
        if within and follows:
            return position
    return len(ordered)


def _place(event: StatusEvent) -> tuple[datetime, int]:
    return event.effective.span[0], _SPINE[event.status]


def _day_of(effective: EffectiveDate) -> datetime:
    return effective.moment(_UTC)


_UTC = ZoneInfo("UTC")

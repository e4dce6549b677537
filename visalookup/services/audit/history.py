"""The history of all changes: who did what and when, and what it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from visalookup.domain.errors import InvalidValue, NotFound
from visalookup.domain.moments import YEARS_OF_QUESTIONS, parse_day
from visalookup.domain.sources import Source
from visalookup.domain.wording.counting import counted
from visalookup.services.audit.history_changes import RecordedChange, grouped_changes
from visalookup.services.lookup.questions import BadQuestion, InputFault, read_number
from visalookup.storage.audit.chain import REVISION_RECORDED, NewAuditEntry
from visalookup.storage.history.audit_trail import read_entry
from visalookup.storage.history.entries import (
    HistoryFilter,
    RevisionRow,
    is_about_accounts,
    pair_of_regime,
    read_history,
    read_revision,
    regimes_of_revisions,
)

ENTRIES_PER_PAGE = 50
_ENTRIES_PER_REGIME = 20
_MAX_CHANGES_PER_NOUN = 12
"""How many changes of each kind of record a page shows."""
_LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """An entry of the audit trail, described in words, with the regimes it concerns."""

    number: int
    recorded_at: datetime
    actor: str
    action: str
    subject: str
    summary: str
    regimes: tuple[str, ...]
    revision: int | None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Items, the newest first; `older` and `newer` are the entry numbers from which the next pages start."""

    items: tuple[HistoryItem, ...]
    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True)
class ShownRevision:
    """A revision with its changes, similar ones grouped, and their sources.

    `left_out` counts the changes that the page omits. `pair` is a passport and a destination whose answer it may
    have changed.
    """

    row: RevisionRow
    changes: tuple[RecordedChange, ...]
    sources: tuple[Source, ...]
    left_out: int
    pair: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry in full: its details by label, its place in the chain, and the revision that it seals, if any."""

    item: HistoryItem
    details: tuple[tuple[str, str], ...]
    hash: str
    previous_hash: str
    revision: ShownRevision | None


def list_history(
    session: Session,
    wanted: HistoryFilter,
    limit: int = ENTRIES_PER_PAGE,
    before: int | None = None,
    after: int | None = None,
) -> HistoryPage:
    """Return a page of the history: the newest entries, or those before or after an entry number."""
    found = read_history(session, wanted, limit, before=before, after=after)
    if not found:
        return HistoryPage((), None, None)
    newest, oldest = found[0].number, found[-1].number
    return HistoryPage(
        _items(session, found),
        oldest if read_history(session, wanted, 1, before=oldest) else None,
        newest if read_history(session, wanted, 1, after=newest) else None,
    )


def walk_history(session: Session, wanted: HistoryFilter) -> Iterator[tuple[HistoryItem, NewAuditEntry]]:
    """Yield every matching item with its entry, the newest first."""
    before: int | None = None
    while found := read_history(session, wanted, ENTRIES_PER_PAGE, before=before):
        yield from zip(_items(session, found), found, strict=True)
        before = found[-1].number


def history_of_regime(session: Session, regime_id: str) -> tuple[HistoryItem, ...]:
    """Return the latest entries about a regime, such as proposals, decisions and revisions; the newest first."""
    return list_history(session, HistoryFilter(regime_id=regime_id), _ENTRIES_PER_REGIME).items


def show_entry(session: Session, number: int, *, with_accounts: bool = False) -> ShownEntry:
    """Return one entry with everything it changed; raise NotFound."""
    entry = _find_entry(session, number, with_accounts=with_accounts)
    (item,) = _items(session, [entry])
    return ShownEntry(
        item=item,
        details=tuple((_with_spaces(name), _value(value)) for name, value in sorted(entry.details.items()) if value),
        hash=entry.hash,
        previous_hash=entry.previous_hash,
        revision=_shown_revision(session, entry.revision) if entry.revision else None,
    )


def moment_of_entry(session: Session, number: int) -> datetime:
    """Return when the entry's revision was recorded, or else the entry itself; raise NotFound."""
    entry = _find_entry(session, number, with_accounts=False)
    row = read_revision(session, entry.revision) if entry.revision else None
    return row.recorded_at if row else entry.recorded_at


def _find_entry(session: Session, number: int, *, with_accounts: bool) -> NewAuditEntry:
    entry = read_entry(session, number) if number <= _LARGEST_NUMBER else None
    if entry is None or (is_about_accounts(entry.action) and not with_accounts):
        raise NotFound(
            "entry", number, f"The history has no entry {number} that you may see", "its list shows all that you may"
        )
    return entry


def read_filter(given: Mapping[str, str], *, with_accounts: bool) -> HistoryFilter:
    """Read the filter form; its days are in UTC, both included. Raise BadQuestion."""
    faults: list[InputFault] = []
    first, last = (_day(given, name, faults) for name in ("from", "until"))
    if first and last and last < first:
        faults.append(InputFault("until", "It is before the first day; send a later one, or leave it out."))
    if faults:
        raise BadQuestion(faults)
    return HistoryFilter(
        regime_id=given.get("regime", "").strip() or None,
        actor=given.get("actor") or None,
        action=given.get("action") or None,
        start=_midnight(first) if first else None,
        end=_midnight(last) + timedelta(days=1) if last else None,
        with_accounts=with_accounts,
    )


def read_entry_number(text: str | None) -> int | None:
    """Read the entry number from which a page starts; None for anything else."""
    return read_number(text or "", 0, _LARGEST_NUMBER)


def action_label(action: str) -> str:
    """Return an action as a page shows it, such as "Role changed"."""
    return _with_spaces("recorded" if action == REVISION_RECORDED else action).capitalize()


def _items(session: Session, entries: Iterable[NewAuditEntry]) -> tuple[HistoryItem, ...]:
    listed = list(entries)
    touched = regimes_of_revisions(session, {entry.revision for entry in listed if entry.revision is not None})
    return tuple(_item(entry, touched) for entry in listed)


def _item(entry: NewAuditEntry, touched: Mapping[int, list[str]]) -> HistoryItem:
    regimes = [str(entry.details["regime"])] if entry.details.get("regime") else []
    if entry.revision is not None:
        regimes = touched.get(entry.revision, [])
    return HistoryItem(
        number=entry.number,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        summary=_summary(entry),
        regimes=tuple(regimes),
        revision=entry.revision,
    )


def _summary(entry: NewAuditEntry) -> str:
    details = entry.details
    if entry.revision is not None:
        written = ", ".join(counted(number, noun) for noun, number in details.get("records", {}).items())
        return f"{details.get('reason') or entry.subject}{f' ({written})' if written else ''}"
    if details.get("summary"):
        text = f"{action_label(entry.action)}: {details['summary']}"
        return f"{text} ({details['comment']})" if details.get("comment") else text
    described = ", ".join(f"{_with_spaces(name)} {_value(value)}" for name, value in details.items() if value)
    return f"{action_label(entry.action)}: {entry.subject}{f' ({described})' if described else ''}"


def _shown_revision(session: Session, number: int) -> ShownRevision | None:
    row = read_revision(session, number)
    if row is None:
        return None
    shown, left_out = _limit_changes(grouped_changes(session, number))
    cited = dict.fromkeys(source for change in shown for source in change.sources)
    return ShownRevision(row, shown, tuple(cited), left_out, _pair(session, shown, number))


def _pair(session: Session, changes: Iterable[RecordedChange], revision: int) -> tuple[str, str] | None:
    """The pair of a changed rule, or else of any rule of a changed regime."""
    listed = list(changes)
    changed = next((change.pairs[0] for change in listed if change.pairs), None)
    regime_id = next((change.regime_id for change in listed if change.regime_id), None)
    return changed or (pair_of_regime(session, regime_id, revision) if regime_id else None)


def _limit_changes(changes: Iterable[RecordedChange]) -> tuple[tuple[RecordedChange, ...], int]:
    """Split off the changes that a page shows; return them and the number of records left out."""
    shown: list[RecordedChange] = []
    seen: Counter[str] = Counter()
    left_out = 0
    for change in changes:
        seen[change.noun] += 1
        if seen[change.noun] <= _MAX_CHANGES_PER_NOUN:
            shown.append(change)
        else:
            left_out += len(change.names)
    return tuple(shown), left_out


def _day(given: Mapping[str, str], name: str, faults: list[InputFault]) -> date | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        day = parse_day(text)
    except InvalidValue as error:
        faults.append(InputFault(name, str(error), text))
        return None
    if day not in YEARS_OF_QUESTIONS:
        faults.append(InputFault(name, f"Send a year from {YEARS_OF_QUESTIONS}.", text))
        return None
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _with_spaces(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_value(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value)
    return "yes" if value is True else str(value)

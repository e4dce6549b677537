"""The history: what was done, by whom and when, and what it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from visalookup.domain.errors import InvalidValue
from visalookup.domain.moments import parse_day
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
"""So many changes of each kind of record a page shows."""
_LARGEST_NUMBER = 2**31 - 1
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


class NoSuchEntry(Exception):
    """The trail has no entry of this number, or none that this member of staff may see."""


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """An entry of the trail in words, with the regimes it is about."""

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
    """Items, the newest first; `older` and `newer` are the numbers to go on from, where there is more."""

    items: tuple[HistoryItem, ...]
    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True)
class ShownRevision:
    """A revision with what it changed, like changes together, and the sources of what it changed.

    `left_out` counts further changes that a page has no room for. `pair` is a passport and a destination whose
    answer it may have changed.
    """

    row: RevisionRow
    changes: tuple[RecordedChange, ...]
    sources: tuple[Source, ...]
    left_out: int
    pair: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry whole: its details by label, its place in the chain, and what it changed if it is a revision."""

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
    """A page of the history: the newest entries, those before a number, or those after one."""
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
    """Every item that matches, the newest first."""
    before: int | None = None
    while found := read_history(session, wanted, ENTRIES_PER_PAGE, before=before):
        yield from zip(_items(session, found), found, strict=True)
        before = found[-1].number


def history_of_regime(session: Session, regime_id: str) -> tuple[HistoryItem, ...]:
    """What was last done to a regime: proposed, decided, recorded; the newest first."""
    return list_history(session, HistoryFilter(regime_id=regime_id), _ENTRIES_PER_REGIME).items


def show_entry(session: Session, number: int, *, with_accounts: bool = False) -> ShownEntry:
    """One entry with everything it changed; raise NoSuchEntry."""
    entry = _find_entry(session, number, with_accounts=with_accounts)
    (item,) = _items(session, [entry])
    return ShownEntry(
        item=item,
        details=tuple((_spaced(name), _value(each)) for name, each in sorted(entry.details.items()) if each),
        hash=entry.hash,
        previous_hash=entry.previous_hash,
        revision=_shown_revision(session, entry.revision) if entry.revision else None,
    )


def moment_of_entry(session: Session, number: int) -> datetime:
    """The moment from which an entry's revision was known, or when the entry was made; raise NoSuchEntry."""
    entry = _find_entry(session, number, with_accounts=False)
    row = read_revision(session, entry.revision) if entry.revision else None
    return row.recorded_at if row else entry.recorded_at


def _find_entry(session: Session, number: int, *, with_accounts: bool) -> NewAuditEntry:
    entry = read_entry(session, number) if number <= _LARGEST_NUMBER else None
    if entry is None or (is_about_accounts(entry.action) and not with_accounts):
        raise NoSuchEntry(f"The history has no entry {number} for you to see; its list names those there are.")
    return entry


def read_filter(given: Mapping[str, str], *, with_accounts: bool) -> HistoryFilter:
    """The filter that a form asks for; its days are days of UTC, both included. Raise BadQuestion."""
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
    """The number of an entry to go on from; None for anything else."""
    return read_number(text or "", 0, _LARGEST_NUMBER)


def action_label(action: str) -> str:
    """An action as a page shows it: "Role changed"."""
    return _spaced("recorded" if action == REVISION_RECORDED else action).capitalize()


def _items(session: Session, entries: Iterable[NewAuditEntry]) -> tuple[HistoryItem, ...]:
    listed = list(entries)
    touched = regimes_of_revisions(session, {each.revision for each in listed if each.revision is not None})
    return tuple(_item(each, touched) for each in listed)


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
        said = f"{action_label(entry.action)}: {details['summary']}"
        return f"{said} ({details['comment']})" if details.get("comment") else said
    told = ", ".join(f"{_spaced(name)} {_value(each)}" for name, each in details.items() if each)
    return f"{action_label(entry.action)}: {entry.subject}{f' ({told})' if told else ''}"


def _shown_revision(session: Session, number: int) -> ShownRevision | None:
    row = read_revision(session, number)
    if row is None:
        return None
    shown, left_out = _room_for(grouped_changes(session, number))
    cited = dict.fromkeys(source for change in shown for source in change.sources)
    return ShownRevision(row, shown, tuple(cited), left_out, _pair(session, shown, number))


def _pair(session: Session, changes: Iterable[RecordedChange], revision: int) -> tuple[str, str] | None:
    """That of a rule that was changed, or of one of a regime of which anything was."""
    listed = list(changes)
    changed = next((each.pairs[0] for each in listed if each.pairs), None)
    regime_id = next((each.regime_id for each in listed if each.regime_id), None)
    return changed or (pair_of_regime(session, regime_id, revision) if regime_id else None)


def _room_for(changes: Iterable[RecordedChange]) -> tuple[tuple[RecordedChange, ...], int]:
    """The changes that a page shows, and how many records it leaves out."""
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
    if not _FIRST_YEAR <= day.year < _LAST_YEAR:
        faults.append(InputFault(name, f"Send a year from {_FIRST_YEAR} to {_LAST_YEAR - 1}.", text))
        return None
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_value(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    return "yes" if value is True else str(value)

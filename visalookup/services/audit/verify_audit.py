"""Check the audit trail: no entry was altered, removed, moved or slipped in, and what it seals still stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.wording.counting import plural
from visalookup.storage.audit.chain import NO_HASH, REVISION_RECORDED, ChainHead, NewAuditEntry, read_head
from visalookup.storage.audit.content_digest import Content
from visalookup.storage.history.audit_trail import (
    UnreadableEntry,
    altered_terms,
    contents_of,
    count_entries,
    missing_terms,
    read_entry,
    revisions_without_row,
    unsealed_revisions,
    walk_entries,
)

Progress = Callable[[int, int], None]
"""Told how many entries were checked, of how many."""

_MAX_MOVED = 200
"""So many entries are tried under each other's numbers, to say which were moved."""


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """Something that is not as it was written; `entry` is the number of the entry it was found at."""

    entry: int | None
    fault: str

    def __str__(self) -> str:
        return self.fault if self.entry is None else f"entry {self.entry}: {self.fault}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was checked and what was found. `head` is where the chain ends; None where that is not recorded."""

    entries: int
    head: ChainHead | None
    breaks: tuple[ChainBreak, ...]


@dataclass(slots=True)
class _Walk:
    """How far the walk has come: the hash and moment of the last entry, and what is wrong so far."""

    number: int = 0
    hash: str = NO_HASH
    recorded_at: datetime | None = None
    faulty: list[NewAuditEntry] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    breaks: list[ChainBreak] = field(default_factory=list)

    def fault(self, entry: int | None, text: str) -> None:
        self.breaks.append(ChainBreak(entry, text))


def verify_audit(session: Session, kept: ChainHead | None = None, progress: Progress | None = None) -> AuditReport:
    """Walk the whole trail and compute everything anew.

    `kept` is a head that was noted elsewhere: it finds a trail that was written anew, or cut off with its head.
    """
    walk = _Walk()
    total, done = count_entries(session), 0
    for batch in walk_entries(session):
        _check_batch(session, walk, batch)
        done += len(batch)
        if progress:
            progress(done, total)
    _name_moved(walk)
    head = read_head(session)
    _check_end(walk, head)
    if kept:
        _check_kept(session, walk, kept)
    walk.breaks.extend(_around_the_trail(session))
    ordered = sorted(walk.breaks, key=lambda each: (each.entry is None, each.entry or 0, each.fault))
    return AuditReport(done, head, tuple(ordered))


def parse_head(text: str) -> ChainHead:
    """A head as `audit head` prints it, its two parts parted by a colon or a space; raise InvalidValue."""
    matched = re.fullmatch(r"([0-9]{1,9})[: ]([0-9a-f]{64})", text.strip())
    if matched is None:
        raise InvalidValue(f"{quoted(text)} is not a head; write NUMBER:HASH, as `visalookup audit head` prints it.")
    return ChainHead(int(matched[1]), matched[2])


def _check_batch(session: Session, walk: _Walk, batch: list[NewAuditEntry | UnreadableEntry]) -> None:
    entries = [each for each in batch if isinstance(each, NewAuditEntry)]
    contents = contents_of(session, {each.revision for each in entries if each.revision is not None})
    for each in batch:
        _check_gap(walk, each.number)
        walk.number = each.number
        if isinstance(each, UnreadableEntry):
            walk.fault(each.number, "it was altered: it holds what cannot be read")
            walk.hash = ""
            continue
        _check_entry(walk, each)
        _check_seal(walk, each, contents)


def _check_gap(walk: _Walk, number: int) -> None:
    missing = list(range(walk.number + 1, number))
    for each in missing[:_MAX_MOVED]:
        walk.fault(each, "it is missing")
    if len(missing) > _MAX_MOVED:
        walk.fault(number, f"{len(missing) - _MAX_MOVED} more entries before it are missing")
    if number < 1:
        walk.fault(number, "it was slipped in before the first entry")
    walk.missing.extend(missing[:_MAX_MOVED])


def _check_entry(walk: _Walk, entry: NewAuditEntry) -> None:
    if entry.computed_hash() != entry.hash:
        walk.faulty.append(entry)
    if walk.hash and entry.previous_hash != walk.hash:
        walk.fault(entry.number, "it does not follow the entry before it: one of the two was replaced or moved")
    if walk.recorded_at and entry.recorded_at < walk.recorded_at:
        walk.fault(entry.number, "it is dated before the entry it follows")
    walk.hash, walk.recorded_at = entry.hash, entry.recorded_at


def _check_seal(walk: _Walk, entry: NewAuditEntry, contents: dict[int, Content]) -> None:
    if entry.revision is None:
        if entry.action == REVISION_RECORDED:
            walk.fault(entry.number, "it seals a revision and does not say which")
        return
    content = contents.get(entry.revision)
    if content is None:
        walk.fault(entry.number, f"revision {entry.revision}, which it seals, is missing or cannot be read")
    elif content.digest != entry.details.get("content_digest"):
        walk.fault(entry.number, f"revision {entry.revision}, which it seals, was altered{_counted(entry, content)}")


def _counted(entry: NewAuditEntry, content: Content) -> str:
    """How many records of a noun there were and are, where that differs."""
    sealed = entry.details.get("records")
    if not isinstance(sealed, dict):
        return ""
    differ = [
        f"{plural(noun)}: {sealed.get(noun, 0)} were sealed, {content.records[noun]} are there"
        for noun in sorted({*sealed, *content.records})
        if sealed.get(noun, 0) != content.records[noun]
    ]
    return f" ({'; '.join(differ)})" if differ else " (a value in it was changed)"


def _name_moved(walk: _Walk) -> None:
    """Say of each entry that does not give its hash whether it stands under another's number, or was altered."""
    places = [*(each.number for each in walk.faulty), *walk.missing][:_MAX_MOVED]
    for entry in walk.faulty:
        tried = places if len(walk.faulty) <= _MAX_MOVED else []
        own = next((number for number in tried if entry.computed_hash(number) == entry.hash), None)
        if own is None:
            walk.fault(entry.number, "it was altered: its content does not give its hash")
        else:
            walk.fault(entry.number, f"it was moved: it was written as entry {own}")


def _check_end(walk: _Walk, head: ChainHead | None) -> None:
    if head is None:
        if walk.number:
            walk.fault(None, f"The end of the trail is not recorded; its last entry is {walk.number}.")
        return
    if head.number > walk.number:
        last = f", with all up to entry {head.number}" if head.number > walk.number + 1 else ""
        walk.fault(walk.number + 1, f"it is missing{last}: the end of the trail was cut off")
    elif head.number < walk.number:
        walk.fault(head.number + 1, f"it stands after the end of the trail, which is entry {head.number}")
    elif head.hash != walk.hash:
        walk.fault(head.number, "it is not the one that the end of the trail names")


def _check_kept(session: Session, walk: _Walk, kept: ChainHead) -> None:
    if kept.number > walk.number:
        walk.fault(kept.number, f"its hash was kept, and the trail ends at {walk.number}: its end was cut off")
        return
    found = read_entry(session, kept.number)
    if found is not None and found.hash != kept.hash:
        walk.fault(kept.number, "its hash is not the one that was kept: the trail was written anew, here or before")


def _around_the_trail(session: Session) -> Iterator[ChainBreak]:
    """What is in the ledger and not in the trail, or no longer what it was written as."""
    yield from _unsealed(unsealed_revisions(session))
    for number in revisions_without_row(session):
        yield ChainBreak(None, f"Records were slipped in under revision {number}, which does not exist.")
    for digest in altered_terms(session):
        yield ChainBreak(None, f"The terms {digest[:12]} were altered: their content does not give their digest.")
    for digest in missing_terms(session):
        yield ChainBreak(None, f"The terms {digest[:12]}, which rules give, are missing.")


def _unsealed(revisions: Iterable[int]) -> Iterator[ChainBreak]:
    for number in revisions:
        yield ChainBreak(
            None,
            f"Revision {number} has no entry. If you know it was written by a version of the program that kept"
            " no trail, enter it with `visalookup audit seal`; otherwise somebody slipped it in.",
        )

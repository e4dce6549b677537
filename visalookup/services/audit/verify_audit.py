"""Verify the audit trail: no entry was altered, removed, moved or inserted, and what it seals is unchanged."""

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
"""Called with the number of entries checked so far, and their total."""

_MAX_MOVED = 200
"""Up to this many entries are compared with each other's numbers, to find those that were moved."""


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """A difference from what was written; `entry` is the number of the entry where it was found."""

    entry: int | None
    fault: str

    def __str__(self) -> str:
        return self.fault if self.entry is None else f"entry {self.entry}: {self.fault}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The result of a verification. `head` is the recorded end of the chain; None if it is not recorded."""

    entries: int
    head: ChainHead | None
    breaks: tuple[ChainBreak, ...]


@dataclass(slots=True)
class _Walk:
    """The progress of the verification: the hash and time of the last entry, and the faults found so far."""

    number: int = 0
    hash: str = NO_HASH
    recorded_at: datetime | None = None
    faulty: list[NewAuditEntry] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    breaks: list[ChainBreak] = field(default_factory=list)

    def fault(self, entry: int | None, text: str) -> None:
        self.breaks.append(ChainBreak(entry, text))


def verify_audit(session: Session, kept: ChainHead | None = None, progress: Progress | None = None) -> AuditReport:
    """Walk the whole trail and recompute all hashes.

    `kept` is a head that was noted elsewhere: with it a trail is detected that was rewritten, or truncated together
    with its head.
    """
    walk = _Walk()
    total, done = count_entries(session), 0
    for batch in walk_entries(session):
        _check_batch(session, walk, batch)
        done += len(batch)
        if progress:
            progress(done, total)
    _report_faulty(walk)
    head = read_head(session)
    _check_end(walk, head)
    if kept:
        _check_kept(session, walk, kept)
    walk.breaks.extend(_check_ledger(session))
    ordered = sorted(walk.breaks, key=lambda fault: (fault.entry is None, fault.entry or 0, fault.fault))
    return AuditReport(done, head, tuple(ordered))


def parse_head(text: str) -> ChainHead:
    """Parse a head as `audit head` prints it: number and hash, separated by a colon or a space. Raise InvalidValue."""
    matched = re.fullmatch(r"([0-9]{1,9})[: ]([0-9a-f]{64})", text.strip())
    if matched is None:
        raise InvalidValue(f"{quoted(text)} is not a head; write NUMBER:HASH, as `visalookup audit head` prints it.")
    return ChainHead(int(matched[1]), matched[2])


def _check_batch(session: Session, walk: _Walk, batch: list[NewAuditEntry | UnreadableEntry]) -> None:
    entries = [entry for entry in batch if isinstance(entry, NewAuditEntry)]
    contents = contents_of(session, {entry.revision for entry in entries if entry.revision is not None})
    for entry in batch:
        _check_gap(walk, entry.number)
        walk.number = entry.number
        if isinstance(entry, UnreadableEntry):
            walk.fault(entry.number, "it was altered: it holds what cannot be read")
            walk.hash = ""
            continue
        _check_entry(walk, entry)
        _check_seal(walk, entry, contents)


def _check_gap(walk: _Walk, number: int) -> None:
    missing = list(range(walk.number + 1, number))
    for missed in missing[:_MAX_MOVED]:
        walk.fault(missed, "it is missing")
    if len(missing) > _MAX_MOVED:
        walk.fault(number, f"{len(missing) - _MAX_MOVED} more entries before it are missing")
    if number < 1:
        walk.fault(number, "it was inserted before the first entry")
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
    """Describe how many records of each kind were sealed and are there now, where the numbers differ."""
    sealed = entry.details.get("records")
    if not isinstance(sealed, dict):
        return ""
    differ = [
        f"{plural(noun)}: {sealed.get(noun, 0)} were sealed, {content.records[noun]} are there"
        for noun in sorted({*sealed, *content.records})
        if sealed.get(noun, 0) != content.records[noun]
    ]
    return f" ({'; '.join(differ)})" if differ else " (a value in it was changed)"


def _report_faulty(walk: _Walk) -> None:
    """Report for each entry whose hash does not match whether it was moved to another number, or altered."""
    numbers = [*(entry.number for entry in walk.faulty), *walk.missing][:_MAX_MOVED]
    for entry in walk.faulty:
        candidates = numbers if len(walk.faulty) <= _MAX_MOVED else []
        own = next((number for number in candidates if entry.computed_hash(number) == entry.hash), None)
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
        walk.fault(kept.number, "its hash is not the one that was kept: the trail was rewritten, here or before")


def _check_ledger(session: Session) -> Iterator[ChainBreak]:
    """Check the ledger against the trail: revisions without entry, and missing or altered terms."""
    yield from _unsealed(unsealed_revisions(session))
    for number in revisions_without_row(session):
        yield ChainBreak(None, f"Records were inserted under revision {number}, which does not exist.")
    for digest in altered_terms(session):
        yield ChainBreak(None, f"The terms {digest[:12]} were altered: their content does not give their digest.")
    for digest in missing_terms(session):
        yield ChainBreak(None, f"The terms {digest[:12]}, which rules give, are missing.")


def _unsealed(revisions: Iterable[int]) -> Iterator[ChainBreak]:
    for number in revisions:
        yield ChainBreak(
            None,
            f"Revision {number} has no entry. If you know it was written by a version of the program that kept"
            " no trail, enter it with `visalookup audit seal`; otherwise someone inserted it.",
        )

"""The history as CSV (RFC 4180): one line for each record that an entry changed, and one for any other entry."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from visalookup.domain.moments import format_instant
from visalookup.domain.sources import Source
from visalookup.services.audit.history import HistoryItem, walk_history
from visalookup.services.audit.history_changes import RecordedChange, changes_of_revision
from visalookup.storage.audit.chain import NewAuditEntry
from visalookup.storage.history.entries import HistoryFilter

COLUMNS = (
    "number",
    "recorded_at",
    "actor",
    "action",
    "subject",
    "regime",
    "record",
    "before",
    "after",
    "reason",
    "sources",
)

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection)."""

_LINES_PER_CHUNK = 200


def export_history(session: Session, wanted: HistoryFilter) -> Iterator[str]:
    """The history that matches, as pieces of CSV: the newest entry first."""
    yield from _written(_rows(session, wanted))


def plain_cell(text: str) -> str:
    """The text, made safe for a spreadsheet: what would be a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def _rows(session: Session, wanted: HistoryFilter) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for item, entry in walk_history(session, wanted):
        if item.revision is None:
            yield _row_of_entry(item, entry)
        else:
            for change in changes_of_revision(session, item.revision, wanted.regime_id):
                yield _row_of_change(item, entry, change)


def _row_of_entry(item: HistoryItem, entry: NewAuditEntry) -> tuple[str, ...]:
    told = {name: str(entry.details.get(name) or "") for name in ("before", "after", "reason")}
    regimes = " ".join(item.regimes)
    return (*_about(item), regimes, "", told["before"], told["after"], told["reason"] or item.summary, "")


def _row_of_change(item: HistoryItem, entry: NewAuditEntry, change: RecordedChange) -> tuple[str, ...]:
    before = "; ".join(f"{each.label}: {each.before}" for each in change.fields if each.before)
    after = "; ".join(f"{each.label}: {each.after}" for each in change.fields if each.after)
    record = f"{change.noun} {', '.join(change.names)}"
    reason = change.reason or str(entry.details.get("reason") or "")
    sources = " | ".join(_cited(each) for each in change.sources)
    return (*_about(item), change.regime_id or "", record, before, after, reason, sources)


def _about(item: HistoryItem) -> tuple[str, ...]:
    return str(item.number), format_instant(item.recorded_at), item.actor, item.action, item.subject


def _cited(source: Source) -> str:
    return f"{source.publisher}: {source.title} {source.url}"


def _written(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, row in enumerate(rows, 1):
        writer.writerow(plain_cell(each) for each in row)
        if number % _LINES_PER_CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text

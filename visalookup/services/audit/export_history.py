"""The history as CSV (RFC 4180): one line for each record that a revision changed, and one for each other entry."""

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

_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell starts that a spreadsheet treats as a formula (OWASP, CSV Injection)."""

_LINES_PER_CHUNK = 200


def export_history(session: Session, wanted: HistoryFilter) -> Iterator[str]:
    """Yield the matching history in chunks of CSV, the newest entry first."""
    yield from _csv_chunks(_rows(session, wanted))


def plain_cell(text: str) -> str:
    """Make a text safe for a spreadsheet: put an apostrophe before what would be a formula."""
    return f"'{text}" if text.startswith(_FORMULA_PREFIXES) else text


def _rows(session: Session, wanted: HistoryFilter) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for item, entry in walk_history(session, wanted):
        if item.revision is None:
            yield _row_of_entry(item, entry)
        else:
            for change in changes_of_revision(session, item.revision, wanted.regime_id):
                yield _row_of_change(item, entry, change)


def _row_of_entry(item: HistoryItem, entry: NewAuditEntry) -> tuple[str, ...]:
    described = {name: str(entry.details.get(name) or "") for name in ("before", "after", "reason")}
    regimes = " ".join(item.regimes)
    return (
        *_about(item),
        regimes,
        "",
        described["before"],
        described["after"],
        described["reason"] or item.summary,
        "",
    )


def _row_of_change(item: HistoryItem, entry: NewAuditEntry, change: RecordedChange) -> tuple[str, ...]:
    before = "; ".join(f"{field.label}: {field.before}" for field in change.fields if field.before)
    after = "; ".join(f"{field.label}: {field.after}" for field in change.fields if field.after)
    record = f"{change.noun} {', '.join(change.names)}"
    reason = change.reason or str(entry.details.get("reason") or "")
    sources = " | ".join(_cited(source) for source in change.sources)
    return (*_about(item), change.regime_id or "", record, before, after, reason, sources)


def _about(item: HistoryItem) -> tuple[str, ...]:
    return str(item.number), format_instant(item.recorded_at), item.actor, item.action, item.subject


def _cited(source: Source) -> str:
    return f"{source.publisher}: {source.title} {source.url}"


def _csv_chunks(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, row in enumerate(rows, 1):
        writer.writerow(plain_cell(cell) for cell in row)
        if number % _LINES_PER_CHUNK == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text

"""Usage of agencies: counted in memory, stored every few seconds, listed by key and day."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from visalookup.domain.agencies.agency import Agency, DayOfUse
from visalookup.storage.agencies.usage import KeyDay, UsageDelta, add_usage, read_usage

SECONDS_BETWEEN_STORES = 2.0
DAYS_SHOWN = 31
_ZERO = UsageDelta(0, 0)


class UsageCounter:
    """Usage in this process that is not stored yet. Safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._stored_at = monotonic()
        self._lock = threading.Lock()
        self._unstored: dict[KeyDay, UsageDelta] = {}

    def count(self, key_id: int, now: datetime, questions: int, requests: int = 1) -> None:
        """Count a request with this key, and the questions in it."""
        key_day = KeyDay(key_id, now.astimezone(UTC).date())
        with self._lock:
            before = self._unstored.get(key_day, _ZERO)
            self._unstored[key_day] = UsageDelta(before.requests + requests, before.questions + questions)

    def store(self, session: Session) -> None:
        """Store the counts since the last time, and commit; if that fails, the counts are kept."""
        with self._lock:
            pending, self._unstored = self._unstored, {}
        self._stored_at = self._monotonic()
        if not pending:
            return
        try:
            add_usage(session, pending)
            session.commit()
        except DBAPIError:
            session.rollback()
            self._restore(pending)
            raise

    def store_if_due(self, engine: Engine) -> None:
        """Store the counts if it is time to; while the database is unavailable they are kept."""
        if self._monotonic() - self._stored_at >= SECONDS_BETWEEN_STORES:
            self.store_now(engine)

    def store_now(self, engine: Engine) -> None:
        """Store the counts with a separate session; while the database is unavailable they are kept."""
        with Session(engine) as session:
            try:
                self.store(session)
            except DBAPIError:
                return

    def _restore(self, pending: dict[KeyDay, UsageDelta]) -> None:
        for (key_id, day), delta in pending.items():
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            self.count(key_id, noon, delta.questions, delta.requests)


def list_usage(session: Session, today: date, agency: Agency | None = None) -> list[DayOfUse]:
    """Return the usage of the last month, the latest day first."""
    return read_usage(session, today - timedelta(days=DAYS_SHOWN - 1), agency.id if agency else None)


def export_usage(session: Session, since: date) -> Iterator[str]:
    """Export the usage of all agencies since a day as CSV, with one line per key and day."""
    yield _line(["day", "agency", "key", "requests", "questions"])
    for usage in read_usage(session, since):
        yield _line([usage.day.isoformat(), usage.agency, usage.beginning, usage.requests, usage.questions])


def _line(cells: list[str | int]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()

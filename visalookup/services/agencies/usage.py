"""What agencies ask: counted in the process, stored a few at a time, listed per key and day."""

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
    """What was asked in this process and is not stored yet. Safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._stored_at = monotonic()
        self._lock = threading.Lock()
        self._asked: dict[KeyDay, UsageDelta] = {}

    def count(self, key_id: int, now: datetime, questions: int, requests: int = 1) -> None:
        """Note a request with this key, and how many questions it asked."""
        key_day = KeyDay(key_id, now.astimezone(UTC).date())
        with self._lock:
            before = self._asked.get(key_day, _ZERO)
            self._asked[key_day] = UsageDelta(before.requests + requests, before.questions + questions)

    def store(self, session: Session) -> None:
        """Store what was asked since the last time, and commit; where that fails, nothing is forgotten."""
        with self._lock:
            taken, self._asked = self._asked, {}
        self._stored_at = self._monotonic()
        if not taken:
            return
        try:
            add_usage(session, taken)
            session.commit()
        except DBAPIError:
            session.rollback()
            self._restore(taken)
            raise

    def store_if_due(self, engine: Engine) -> None:
        """Store it if that was not done lately; while the database is away it is kept."""
        if self._monotonic() - self._stored_at >= SECONDS_BETWEEN_STORES:
            self.store_now(engine)

    def store_now(self, engine: Engine) -> None:
        """Store it with a session of its own; while the database is away it is kept."""
        with Session(engine) as session:
            try:
                self.store(session)
            except DBAPIError:
                return

    def _restore(self, taken: dict[KeyDay, UsageDelta]) -> None:
        for (key_id, day), asked in taken.items():
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            self.count(key_id, noon, asked.questions, asked.requests)


def list_usage(session: Session, today: date, agency: Agency | None = None) -> list[DayOfUse]:
    """What was asked in the last month, the latest day first."""
    return read_usage(session, today - timedelta(days=DAYS_SHOWN - 1), agency.id if agency else None)


def export_usage(session: Session, since: date) -> Iterator[str]:
    """What every agency asked since a day, as CSV: a line per key and day."""
    yield _line(["day", "agency", "key", "requests", "questions"])
    for each in read_usage(session, since):
        yield _line([each.day.isoformat(), each.agency, each.beginning, each.requests, each.questions])


def _line(cells: list[str | int]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()

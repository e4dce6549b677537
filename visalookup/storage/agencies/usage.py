"""Rows of usage by key and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from visalookup.domain.agencies.agency import DayOfUse
from visalookup.storage.agencies.models import AgencyKeyRow, AgencyRow, AgencyUsage
from visalookup.storage.engine import begin_writing


class KeyDay(NamedTuple):
    """A key on one day in UTC."""

    key_id: int
    day: date


class UsageDelta(NamedTuple):
    """Numbers of requests, and of the questions in them."""

    requests: int
    questions: int


def add_usage(session: Session, usage: Mapping[KeyDay, UsageDelta]) -> None:
    """Add to the stored usage, in a transaction that starts as a write; the caller commits."""
    begin_writing(session)
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for (key_id, day), (requests, questions) in sorted(usage.items()):  # a fixed order prevents deadlocks
        query = insert(AgencyUsage).values(key_id=key_id, day=day, requests=requests, questions=questions)
        sums = {
            "requests": AgencyUsage.requests + query.excluded.requests,
            "questions": AgencyUsage.questions + query.excluded.questions,
        }
        session.execute(query.on_conflict_do_update(index_elements=["key_id", "day"], set_=sums))


def read_usage(session: Session, since: date, agency_id: int | None = None) -> list[DayOfUse]:
    """Return the usage since a day, of one agency or all: the latest day first, then by agency and key."""
    query = (
        select(AgencyRow.name, AgencyKeyRow.id, AgencyKeyRow.beginning, AgencyUsage)
        .join(AgencyKeyRow, AgencyKeyRow.id == AgencyUsage.key_id)
        .join(AgencyRow, AgencyRow.id == AgencyKeyRow.agency_id)
        .where(AgencyUsage.day >= since)
        .order_by(AgencyUsage.day.desc(), AgencyRow.name, AgencyKeyRow.id)
    )
    if agency_id is not None:
        query = query.where(AgencyRow.id == agency_id)
    return [
        DayOfUse(name, key_id, beginning, row.day, row.requests, row.questions)
        for name, key_id, beginning, row in session.execute(query)
    ]

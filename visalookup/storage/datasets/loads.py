"""Rows of the loads of the data files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.storage.datasets.models import DataLoadRow
from visalookup.storage.migrations import current_schema


def add_load(session: Session, actor: str, fingerprint: str | None, now: datetime) -> None:
    """Record a load into the schema that the database has."""
    schema = current_schema(session.connection())
    assert schema is not None  # noqa: S101 - an empty database has no table to load into
    session.add(DataLoadRow(loaded_at=now, loaded_by=actor, schema=schema, fingerprint=fingerprint))
    session.flush()

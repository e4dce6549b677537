"""The digest of a revision's content, which changes if any of its rows is altered, removed or added.

The digest is SHA-256 (FIPS 180-4) over lines of canonical JSON, each ended by a line feed: the revision's own row,
then the rows of each table of versions in the order of `VERSION_TABLES`, by their ids. A line is an object of the
columns, those without a value left out, so that a column added by a later migration changes no digest.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Table, select
from sqlalchemy.orm import Session

from visalookup.storage.audit.canonical import canonical
from visalookup.storage.models import VERSION_TABLES, Revision
from visalookup.storage.records import NOUNS

_ROWS_PER_BATCH = 10_000


@dataclass(slots=True)
class Content:
    """The content of a revision: the number of versions of each kind, and their hash so far."""

    actor: str
    records: Counter[str] = field(default_factory=Counter)
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """The digest in hexadecimal."""
        return str(self._hash.hexdigest())

    def add_row(self, names: tuple[str, ...], row: Row[Any]) -> None:
        """Add a row to the hash."""
        columns = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        self._hash.update(canonical(columns))
        self._hash.update(b"\n")


def read_contents(session: Session, first: int, last: int) -> dict[int, Content]:
    """Return the content of each revision from `first` to `last`, by number; missing ones are left out.

    Raise ValueError, LookupError or TypeError for a row with values that our program never writes.
    """
    found: dict[int, Content] = {}
    revisions: Table = Revision.__table__  # type: ignore[assignment]
    names = tuple(revisions.columns.keys())
    query = select(*revisions.columns).where(revisions.c.number.between(first, last))
    for row in session.execute(query):
        found[row.number] = Content(row.actor)
        found[row.number].add_row(names, row)
    for version_table in VERSION_TABLES:
        table: Table = version_table.__table__  # type: ignore[attr-defined]
        names = tuple(table.columns.keys())
        position, noun = names.index("revision"), NOUNS[version_table]
        for row in _rows(session, table, first, last):
            content = found.get(row[position])
            if content is not None:
                content.add_row(names, row)
                content.records[noun] += 1
    return found


def _rows(session: Session, table: Table, first: int, last: int) -> Iterator[Row[Any]]:
    query = select(*table.columns).where(table.c.revision.between(first, last)).order_by(table.c.id)
    with session.execute(query, execution_options={"yield_per": _ROWS_PER_BATCH}) as rows:
        yield from rows

"""Somebody with the rights of the database's owner, who alters what must not be altered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from visalookup.storage.audit.chain import NO_HASH, NewAuditEntry
from visalookup.storage.audit.models import AuditEntry
from visalookup.storage.schema import metadata


@contextmanager
def broken_in(session: Session) -> Iterator[Connection]:
    """A connection without the guards of the database: triggers, checks and foreign keys.

    Triggers and PostgreSQL's constraints come back when the transaction is rolled back.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _unguard_postgresql(connection)
        yield connection
        return
    for (name,) in _rows(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        _run(connection, f"DROP TRIGGER {name}")
    _run(connection, "PRAGMA defer_foreign_keys = ON")
    _run(connection, "PRAGMA ignore_check_constraints = ON")
    try:
        yield connection
    finally:  # the setting is the connection's, not the transaction's, and others use the connection after us
        _run(connection, "PRAGMA ignore_check_constraints = OFF")


def _unguard_postgresql(connection: Connection) -> None:
    _run(connection, "SET LOCAL session_replication_role = replica")
    for table, name in _rows(
        connection,
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE contype = 'c' AND connamespace = 'public'::regnamespace",
    ):
        _run(connection, f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def tamper(session: Session, *statements: str) -> None:
    """Alter the database past its guards."""
    with broken_in(session) as connection:
        for statement in statements:
            _run(connection, statement)


def rewrite_trail(session: Session) -> None:
    """Compute the whole trail anew after an alteration, so that it is sound in itself."""
    previous = NO_HASH
    columns = AuditEntry.__table__.columns
    for row in session.execute(metadata.tables["audit_entry"].select().order_by(columns["number"])).all():
        entry = NewAuditEntry(**{**row._mapping, "previous_hash": previous})
        previous_of_this, previous = previous, entry.computed_hash()
        tamper(
            session,
            f"UPDATE audit_entry SET previous_hash = '{previous_of_this}', hash = '{previous}'"  # noqa: S608
            f" WHERE number = {entry.number}",
            f"UPDATE audit_head SET number = {entry.number}, hash = '{previous}'",  # noqa: S608 - our own values
        )


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


def _rows(connection: Connection, query: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]

"""Somebody with the rights of the database's owner, who alters what must not be altered."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from visalookup.storage.audit_chain import NO_HASH, Entry
from visalookup.storage.audit_models import AuditEntry
from visalookup.storage.schema import metadata


def break_in(connection: Connection) -> None:
    """Take away the guards of the database while the transaction lasts: triggers, checks and foreign keys."""
    if connection.dialect.name == "postgresql":
        _run(connection, "SET LOCAL session_replication_role = replica")
        for table, name in _rows(
            connection,
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace",
        ):
            _run(connection, f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        return
    for (name,) in _rows(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        _run(connection, f"DROP TRIGGER {name}")
    _run(connection, "PRAGMA defer_foreign_keys = ON")
    _run(connection, "PRAGMA ignore_check_constraints = ON")


def tamper(session: Session, *statements: str) -> None:
    """Alter the database past its guards, and leave no trace in it."""
    connection = session.connection()
    break_in(connection)
    for statement in statements:
        _run(connection, statement)
    if connection.dialect.name == "sqlite":
        _run(connection, "PRAGMA ignore_check_constraints = OFF")


def rewrite_trail(session: Session) -> None:
    """Compute the whole trail anew after an alteration, so that it is sound in itself."""
    previous = NO_HASH
    columns = AuditEntry.__table__.columns
    for row in session.execute(metadata.tables["audit_entry"].select().order_by(columns["number"])).all():
        entry = Entry(**{**row._mapping, "previous_hash": previous})
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

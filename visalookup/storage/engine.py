"""Engines for the two supported databases, with the same guarantees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from visalookup.domain.errors import InvalidValue

_NOT_A_DATABASE = "DATABASE_URL names no supported database; write postgresql://user@host/name or sqlite:///file."

WRITING = "visalookup_writing"
"""Execution option of a connection that is about to write."""


def database_url(text: str) -> URL:
    """Parse a database URL: choose psycopg for `postgresql://`, and create the folder of a SQLite file."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise InvalidValue(_NOT_A_DATABASE) from None
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise InvalidValue(_NOT_A_DATABASE)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return url


def engine_options(url: URL) -> dict[str, Any]:
    """Return the options of `create_engine` for this database."""
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 15}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}


def make_engine(text: str) -> Engine:
    """Create an engine for the database at this URL."""
    url = database_url(text)
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


def make_polling_engine(text: str, timeout: float) -> Engine:
    """Create an engine for polling, which detects quickly that the database does not respond.

    Connections are not tested before use: a broken one fails, and the next poll opens another.
    """
    url = database_url(text)
    options = engine_options(url)
    if url.get_backend_name() == "postgresql":
        options |= {"pool_pre_ping": False, "connect_args": {"connect_timeout": 2}}
    engine = create_engine(url, **options)
    prepare_engine(engine)
    limit_statement_time(engine, timeout)
    return engine


def begin_writing(session: Session) -> Connection:
    """Start a transaction that will write, ending the current one, whose reads may be outdated."""
    if session.in_transaction():
        session.commit()
    return session.connection(execution_options={WRITING: True})


def prepare_engine(engine: Engine) -> None:
    """On SQLite: enforce foreign keys, allow reads during a write, and take the write lock at the start."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver does not start transactions itself
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA recursive_triggers = ON")  # so that INSERT OR REPLACE fires the trigger against DELETE
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class DatabaseAway(Exception):
    """The database has not responded for a while, so nothing waits for it until polling finds it again."""

    def __init__(self) -> None:
        super().__init__(
            "Our database cannot be reached, so nothing was read and nothing was saved. Lookups continue from memory;"
            " for everything else, try again in a little while."
        )


class TimeLimitedConnection(psycopg.Connection[Any]):
    """A connection that gives up on a server that does not respond, whether it is frozen or unreachable.

    A timeout on the server cannot do that, because the server itself no longer acts.
    """

    statement_timeout = 10.0
    """Seconds to wait for the response to one statement."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait as psycopg does, but no longer than our timeout, after which the connection is closed."""
        try:
            return super().wait(gen, interval, self.statement_timeout if timeout is None else timeout)
        except psycopg.OperationalError:
            self.pgconn.finish()
            raise


def limit_statement_time(engine: Engine, timeout: float, is_away: Callable[[], bool] = lambda: False) -> None:
    """Limit the seconds that a statement may take; raise DatabaseAway immediately while `is_away()`."""

    def connect(_dialect: object, _record: object, arguments: list[Any], named: dict[str, Any]) -> Any:
        if is_away():
            raise DatabaseAway
        if engine.dialect.name != "postgresql":
            return None
        connection = TimeLimitedConnection.connect(*arguments, **named)
        connection.statement_timeout = timeout
        return connection

    event.listen(engine, "do_connect", connect)

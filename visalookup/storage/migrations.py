"""Migrations of the database to the schema that this code expects."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

ROOT = Path(__file__).resolve().parents[2]


def _config() -> Config:
    return Config(ROOT / "alembic.ini")


def expected_schema() -> str:
    """Return the schema revision that this code expects."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - there is always a migration
    return head


def current_schema(connection: Connection) -> str | None:
    """Return the schema revision of a database; None if it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> bool:
    """Migrate to the newest schema; return whether there was anything to do."""
    with engine.begin() as connection:
        if current_schema(connection) == expected_schema():
            return False
        migrate(connection, "head")
    return True


def migrate(connection: Connection, target: str) -> None:
    """Migrate up or down to `target` on a connection, within its transaction."""
    config = _config()
    config.attributes["connection"] = connection
    if target == "base":
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)

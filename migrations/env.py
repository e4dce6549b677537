"""Runs migrations, on a connection we are given, on the database at DATABASE_URL, or offline as SQL."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection

from visalookup.storage.engine import database_url, make_engine
from visalookup.storage.schema import metadata

DEFAULT_URL = "sqlite:///instance/visalookup.sqlite"


def run_offline(url: str) -> None:
    """Print the SQL for the dialect of `url`."""
    context.configure(url=database_url(url), target_metadata=metadata, literal_binds=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online(connection: Connection) -> None:
    """Run on a connection; the caller's transaction is kept if there is one."""
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Choose where to run."""
    given = context.config.attributes.get("connection")
    url = os.environ.get("DATABASE_URL", DEFAULT_URL)
    if context.is_offline_mode():
        run_offline(url)
    elif given is not None:
        run_online(given)
    else:
        with make_engine(url).connect() as connection:
            run_online(connection)
            connection.commit()


main()

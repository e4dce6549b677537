"""`visalookup db`: the database schema."""

from __future__ import annotations

import click
from rich.console import Console

from visalookup.cli.context import clear_errors
from visalookup.config import settings_from
from visalookup.storage.engine import make_engine
from visalookup.storage.migrations import expected_schema, upgrade


@click.group("db")
def database() -> None:
    """Manage the database schema."""


@database.command("upgrade")
def upgrade_schema() -> None:
    """Upgrade the database to the schema this version expects."""
    with clear_errors(), Console(stderr=True).status("Preparing the database ..."):
        engine = make_engine(settings_from().database_url)
        try:
            changed = upgrade(engine)
        finally:
            engine.dispose()
    click.echo(f"The database is {'now ' if changed else ''}on schema {expected_schema()}.")

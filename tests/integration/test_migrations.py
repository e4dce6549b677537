"""Migrations: up, down and up again, no drift from the models, and SQL for those who run it by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url

from tests.conftest import Backend, MakeDatabase, opened
from visalookup.config import ROOT
from visalookup.storage.migrations import current_schema, expected_schema, migrate, upgrade
from visalookup.storage.schema import metadata

OURS = set(metadata.tables)


@pytest.fixture
def empty_engine(backend: Backend) -> Iterator[Engine]:
    with opened(backend.empty_url()) as engine:
        yield engine


@pytest.fixture(scope="module")
def offline_sql() -> str:
    """What `alembic upgrade head --sql` prints for PostgreSQL."""
    command = [sys.executable, "-m", "alembic", "upgrade", "head", "--sql"]
    environment = {**os.environ, "DATABASE_URL": "postgresql://"}
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def guards(engine: Engine) -> set[str]:
    """The triggers and functions that keep the ledger append-only."""
    asked = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }[engine.dialect.name]
    with engine.connect() as connection:
        return set(connection.scalars(text(asked)))


def go(engine: Engine, target: str) -> None:
    with engine.begin() as connection:
        migrate(connection, target)


def test_an_empty_database_is_migrated_up_down_and_up_again(empty_engine: Engine) -> None:
    go(empty_engine, "head")
    first = tables(empty_engine), guards(empty_engine)
    assert first[0] >= OURS
    assert first[1]

    go(empty_engine, "base")
    assert tables(empty_engine) == {"alembic_version"}
    assert guards(empty_engine) == set()

    go(empty_engine, "head")
    assert (tables(empty_engine), guards(empty_engine)) == first


@pytest.mark.parametrize(("table", "column"), [("terms", "requirement"), ("flagged_difference", "theirs")])
def test_a_document_may_be_not_accepted_since_the_migration_that_allows_it(
    empty_engine: Engine, table: str, column: str
) -> None:
    for target, is_allowed in (("008", False), ("009", True), ("head", True)):
        go(empty_engine, target)
        [check] = [
            check
            for check in inspect(empty_engine).get_check_constraints(table)
            if check["name"] == f"ck_{table}_requirement"
        ]
        assert column in check["sqltext"]
        assert ("document_not_accepted" in check["sqltext"]) is is_allowed


def test_upgrading_says_whether_there_was_anything_to_do(empty_engine: Engine) -> None:
    with empty_engine.connect() as connection:
        assert current_schema(connection) is None
    assert upgrade(empty_engine)
    assert not upgrade(empty_engine)
    with empty_engine.connect() as connection:
        assert current_schema(connection) == expected_schema()


def test_a_migration_that_fails_halfway_leaves_nothing_behind(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.execute(text("CREATE TABLE terms (in_the_way TEXT)"))
    with pytest.raises(Exception, match="terms"):
        upgrade(empty_engine)
    assert tables(empty_engine) == {"terms"}


def test_the_models_are_what_the_migrations_build(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("table", sorted(OURS))
def test_every_check_of_the_models_is_kept_by_the_database(engine: Engine, table: str) -> None:
    """Alembic does not compare checks, so we do."""
    wanted = {
        str(constraint.name)
        for constraint in metadata.tables[table].constraints
        if type(constraint).__name__ == "CheckConstraint"
    }
    kept = {str(check["name"]) for check in inspect(engine).get_check_constraints(table)}
    assert kept == wanted


def test_the_sql_printed_for_postgresql_builds_the_same_schema(
    offline_sql: str, make_postgres: MakeDatabase, postgres_url: str
) -> None:
    url = make_postgres(None)
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(offline_sql.encode())
    with opened(url) as by_hand, opened(postgres_url) as migrated:
        assert not upgrade(by_hand)
        assert tables(by_hand) == tables(migrated)
        assert guards(by_hand) == guards(migrated)

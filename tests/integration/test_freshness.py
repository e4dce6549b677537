"""`make run` loads the data files again if, and only if, the database does not hold them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from scripts import freshness
from tests.conftest import MORNING, Backend, opened
from tests.integration.world import DataFiles, load, new_event, record
from visalookup.domain.lifecycle import Status
from visalookup.services.datasets.load_data import LoadOrder, load_data
from visalookup.storage.migrations import migrate


@pytest.fixture
def url(backend: Backend, files: DataFiles, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database into which the files were loaded, by a load that stored its fingerprint."""
    monkeypatch.setenv("DATA_FOLDER", str(files.folder))
    url = backend.own_url()
    assert not freshness.is_fresh(url)
    with opened(url) as engine, Session(engine) as session:
        load(session, files, MORNING)
        assert not freshness.is_fresh(url)
        load(session, files, MORNING, fingerprint=freshness.fingerprint())
    assert freshness.is_fresh(url)
    return url


def change(engine: Engine, sql: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(sql))


def test_what_staff_record_does_not_call_for_a_load(url: str) -> None:
    with opened(url) as engine, Session(engine) as session:
        record(session, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), MORNING)
    assert freshness.is_fresh(url)


def test_a_changed_file_does(url: str, files: DataFiles) -> None:
    files.edit("places.csv", "Morocco,,,", "Morocco,,Maroc,")
    assert not freshness.is_fresh(url)


def test_a_file_more_or_less_does(url: str, files: DataFiles) -> None:
    files.remove("regimes/jor-gbr-eta.yaml")
    assert not freshness.is_fresh(url)


def test_a_load_of_other_files_does(url: str, files: DataFiles) -> None:
    before = (files.folder / "places.csv").read_text("utf-8")
    files.edit("places.csv", "Morocco,,,", "Morocco,,Maroc,")
    with opened(url) as engine, Session(engine) as session:
        load(session, files, MORNING)
    files.write("places.csv", before)
    assert not freshness.is_fresh(url)


def test_a_database_without_tables_does(url: str) -> None:
    with opened(url) as engine, engine.begin() as connection:
        migrate(connection, "base")
    assert not freshness.is_fresh(url)


def test_a_database_on_another_schema_does(url: str) -> None:
    with opened(url) as engine:
        change(engine, "UPDATE alembic_version SET version_num = '000'")
    assert not freshness.is_fresh(url)


def test_another_database_loaded_from_the_same_files_does(url: str, backend: Backend, files: DataFiles) -> None:
    other = backend.own_url()
    assert not freshness.is_fresh(other)
    with opened(other) as engine, Session(engine) as session:
        load(session, files, MORNING.replace(minute=1))
    assert not freshness.is_fresh(other)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_a_deleted_file_does_and_looking_for_it_makes_none(url: str) -> None:
    path = Path(str(make_url(url).database))
    path.unlink()
    assert not freshness.is_fresh(url)
    assert not path.exists()


def test_a_preview_leaves_the_last_load_as_it_was(url: str, files: DataFiles) -> None:
    with opened(url) as engine, Session(engine) as session:
        load(session, files, MORNING, preview=True)
    assert freshness.is_fresh(url)


def test_a_load_that_is_rolled_back_leaves_no_fingerprint(url: str, files: DataFiles) -> None:
    files.edit("places.csv", "Morocco,,,", "Morocco,,Maroc,")
    with opened(url) as engine, Session(engine) as session:
        load_data(session, files.read(), LoadOrder("ana", "Again", fingerprint=freshness.fingerprint()), MORNING)
        session.rollback()
    assert not freshness.is_fresh(url)

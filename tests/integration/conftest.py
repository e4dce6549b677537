"""What the stories begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.conftest import MORNING, Backend, MakeDatabase, opened, rolled_back
from tests.integration.command_line import CommandLine
from tests.integration.world import FILES, DataFiles, load


def written(folder: Path) -> DataFiles:
    files = DataFiles(folder)
    for name, text in FILES.items():
        files.write(name, text)
    return files


@pytest.fixture
def files(tmp_path: Path) -> DataFiles:
    """The small world, in files."""
    return written(tmp_path / "files")


@pytest.fixture(scope="session")
def small_engine(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database into which the small world has been loaded, as revision 1."""
    with opened(backend.own_url()) as engine:
        with Session(engine) as session:
            load(session, written(tmp_path_factory.mktemp("small")), MORNING)
        yield engine


@pytest.fixture
def ledger(small_engine: Engine) -> Iterator[Session]:
    """A session on a ledger that holds the small world; whatever it commits is undone."""
    with rolled_back(small_engine) as session:
        yield session


@pytest.fixture
def real(loaded_sqlite_url: str) -> CommandLine:
    """The program on the real data; only to be read."""
    return CommandLine(loaded_sqlite_url)


@pytest.fixture
def small(make_sqlite: MakeDatabase, sqlite_template: str, files: DataFiles) -> CommandLine:
    """The program on the small world, loaded by the program itself."""
    line = CommandLine(make_sqlite(sqlite_template), files.folder)
    assert "Revision 1 written." in line.says("data", "load")
    return line


@pytest.fixture
def empty(make_sqlite: MakeDatabase, files: DataFiles) -> CommandLine:
    """The program on a file that is not there yet."""
    return CommandLine(make_sqlite(None), files.folder)

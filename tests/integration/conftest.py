"""What the stories begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.conftest import MORNING, Backend, opened, rolled_back
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

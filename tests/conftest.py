"""Databases for tests: real PostgreSQL and SQLite, built by our migrations. Nothing is made until it is asked for.

Most tests write inside a transaction that is rolled back at the end (`session`, `loaded_session`). One that must
commit for real takes a database of its own (`own_engine`, `loaded_url`), copied from one that was built before.
"""

from __future__ import annotations

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from scripts.postgres import private_server
from scripts.tools import find_postgres
from tests.made_once import SharedFolder, folder_of_this_run
from tests.unit import real_data as shipped
from visalookup.config import ROOT
from visalookup.domain.datasets.dataset import DataSet
from visalookup.services.accounts import passwords
from visalookup.services.datasets.load_data import LoadOrder, load_data
from visalookup.services.receipts import keys
from visalookup.storage.engine import WRITING, database_url, make_engine
from visalookup.storage.migrations import upgrade

DATA = ROOT / "data"
MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
UNLIMITED = 1_000_000_000
"""Questions a minute, where a test is not about limits."""

MakeDatabase = Callable[[str | None], str]
"""Makes a database, empty or as a copy of the one given, and returns its URL."""


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is moved."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def move(self, to: datetime | None = None, **by: float) -> datetime:
        """Set it, or move it by days, hours, minutes, ..."""
        self.now = to if to is not None else self.now + timedelta(**by)
        return self.now


def pytest_collection_finish() -> None:
    """Modules and collected tests stay until the end, so the garbage collector may leave them alone."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def receipt_key_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test signs with the key of the instance folder, or makes one there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "DEFAULT_KEY_FILE", tmp_path_factory.mktemp("receipts") / "receipt-key.pem")
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> SharedFolder:
    """Where the processes of this run share what takes long to make."""
    folder = folder_of_this_run(tmp_path_factory)
    shipped.shared[:] = [folder]
    return folder


@pytest.fixture
def clock() -> FixedClock:
    """Nine in the morning of 23 November 2026, in UTC."""
    return FixedClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A real server: the one at TEST_DATABASE_URL, or one of our own while the tests of this process run."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield database_url(given)
        return
    programs = find_postgres()
    if programs is None:
        pytest.fail("There is no PostgreSQL server here: `make test` installs one, or set TEST_DATABASE_URL.")
    with private_server(programs) as url:
        yield database_url(url)


@pytest.fixture(scope="session")
def make_postgres(postgres_server: URL) -> Iterator[MakeDatabase]:
    """Makes databases on the server, and drops them at the end; no two processes share one."""
    administrator = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    names: list[str] = []

    def make(template: str | None) -> str:
        name = f"visalookup_{uuid.uuid4().hex}"
        copied = f' TEMPLATE "{make_url(template).database}"' if template else ""
        with administrator.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"{copied}'))
        names.append(name)
        return postgres_server.set(database=name).render_as_string(hide_password=False)

    yield make
    with administrator.connect() as connection:
        for name in names:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    administrator.dispose()


@pytest.fixture(scope="session")
def make_sqlite(tmp_path_factory: pytest.TempPathFactory) -> MakeDatabase:
    """Makes SQLite files."""
    folder = tmp_path_factory.mktemp("sqlite")

    def make(template: str | None) -> str:
        path = folder / f"{uuid.uuid4().hex}.sqlite"
        if template:
            shutil.copy(str(make_url(template).database), path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture(scope="session")
def real_data() -> DataSet:
    """What the files in data/ say."""
    return shipped.data()


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine, and no connection left open."""
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def build(url: str, data: DataSet | None = None, moment: datetime = MORNING) -> str:
    """Bring a database to our schema by migrations, and load data if it is given."""
    with opened(url) as engine:
        upgrade(engine)
        if data is not None:
            with Session(engine) as session:
                load_data(session, data, LoadOrder("tests", "The data files"), moment)
                session.commit()
    return url


# Nobody connects to these two kinds of database, so that they can be copied.


@pytest.fixture(scope="session")
def postgres_template(make_postgres: MakeDatabase) -> str:
    return build(make_postgres(None))


@pytest.fixture(scope="session")
def sqlite_template(make_sqlite: MakeDatabase) -> str:
    return build(make_sqlite(None))


@pytest.fixture(scope="session")
def loaded_postgres_template(
    make_postgres: MakeDatabase, postgres_template: str, postgres_server: URL, shared_folder: SharedFolder
) -> Iterator[str]:
    """Filled by one process, copied by the others: each has its own, as the first drops its at its end."""
    name = f"loaded-{uuid.uuid5(uuid.NAMESPACE_URL, str(postgres_server))}"
    with shared_folder.alone_with(name) as note:
        fills_it = not note.exists()
        if fills_it:
            note.write_text(build(make_postgres(postgres_template), shipped.data()))
        template = make_postgres(note.read_text())
    yield template
    if fills_it:
        with shared_folder.alone_with(name) as note:
            note.unlink()


@pytest.fixture(scope="session")
def loaded_sqlite_template(shared_folder: SharedFolder) -> str:
    path = shared_folder.file("loaded.sqlite", lambda path: build(f"sqlite:///{path}", shipped.data()))
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_url(make_postgres: MakeDatabase, postgres_template: str) -> str:
    """A PostgreSQL database built by our migrations, one for each process; who writes to it rolls back."""
    return make_postgres(postgres_template)


@pytest.fixture(scope="session")
def sqlite_url(make_sqlite: MakeDatabase, sqlite_template: str) -> str:
    """A SQLite file built by our migrations; who writes to it rolls back."""
    return make_sqlite(sqlite_template)


@pytest.fixture(scope="session")
def loaded_postgres_url(make_postgres: MakeDatabase, loaded_postgres_template: str) -> str:
    """A PostgreSQL database that holds the real data; who writes to it rolls back."""
    return make_postgres(loaded_postgres_template)


@pytest.fixture(scope="session")
def loaded_sqlite_url(make_sqlite: MakeDatabase, loaded_sqlite_template: str) -> str:
    """A SQLite file that holds the real data; who writes to it rolls back."""
    return make_sqlite(loaded_sqlite_template)


@dataclass(frozen=True, slots=True)
class Backend:
    """One of the two kinds of database. What it gives is made on first use."""

    name: str
    request: pytest.FixtureRequest

    def url(self, *, loaded: bool = False) -> str:
        """The database that tests of this process share and leave as it was."""
        return str(self.request.getfixturevalue(f"{'loaded_' if loaded else ''}{self.name}_url"))

    def own_url(self, *, loaded: bool = False) -> str:
        """A new database, copied from a built one."""
        return self._make(str(self.request.getfixturevalue(f"{'loaded_' if loaded else ''}{self.name}_template")))

    def empty_url(self) -> str:
        """A new database without any table."""
        return self._make(None)

    def _make(self, template: str | None) -> str:
        make: MakeDatabase = self.request.getfixturevalue(f"make_{self.name}")
        return make(template)


@pytest.fixture(scope="session", params=["postgres", "sqlite"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each of the two kinds of database in turn."""
    return Backend(request.param, request)


@pytest.fixture(scope="session")
def engine(backend: Backend) -> Iterator[Engine]:
    """A migrated database without data; who writes to it rolls back, as `session` does."""
    with opened(backend.url()) as engine:
        yield engine


@pytest.fixture(scope="session")
def loaded_engine(backend: Backend) -> Iterator[Engine]:
    """A database with the real data; who writes to it rolls back, as `loaded_session` does."""
    with opened(backend.url(loaded=True)) as engine:
        yield engine


@pytest.fixture
def own_engine(backend: Backend) -> Iterator[Engine]:
    """A migrated database without data, for one test alone: it may commit."""
    with opened(backend.own_url()) as engine:
        yield engine


@pytest.fixture
def loaded_url(backend: Backend) -> str:
    """A database with the real data, for one test alone: it may commit."""
    return backend.own_url(loaded=True)


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints of a transaction that is rolled back at the end."""
    with engine.connect().execution_options(**{WRITING: True}) as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on an empty ledger; whatever it commits is undone."""
    with rolled_back(engine) as session:
        yield session


@pytest.fixture
def loaded_session(loaded_engine: Engine) -> Iterator[Session]:
    """A session on a ledger with the real data; whatever it commits is undone."""
    with rolled_back(loaded_engine) as session:
        yield session


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A copy of data/ for one test alone."""
    return shutil.copytree(DATA, tmp_path / "data")


@pytest.fixture(scope="session")
def quick_passwords() -> Iterator[None]:
    """Hashes of passwords that take no time: what they cost protects real people, and only slows tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords._dummy_hash.cache_clear()
        yield
    passwords._dummy_hash.cache_clear()

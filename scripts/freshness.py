"""Whether a database holds the content of the data files, determined in milliseconds.

Each load stores a fingerprint of everything it depended on in the database itself, in the same transaction. A load is
skipped only if the last one into this database has the present fingerprint and the schema is still that of the load: a
database that was deleted, emptied, restored to an earlier state, migrated or loaded from other files has another.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from scripts.shell import ROOT, tool

DEFAULT_URL = f"sqlite:///{ROOT / 'instance' / 'visalookup.sqlite'}"
_DEPENDENCIES = (
    "migrations",
    "visalookup/domain",
    "visalookup/formats",
    "visalookup/storage",
    "visalookup/services/changes/record_differences.py",
    "visalookup/services/datasets/load_data.py",
)
_LAST_LOAD = (
    "SELECT CASE WHEN schema = version_num THEN fingerprint END"
    " FROM data_load CROSS JOIN alembic_version ORDER BY id DESC LIMIT 1"
)


def is_fresh(url: str) -> bool:
    """Whether loading the data files into this database would change nothing."""
    return last_fingerprint(url) == fingerprint()


def fingerprint() -> str:
    """A digest of the data files, the migrations and the code that reads and writes them."""
    digest = hashlib.sha256()
    for path in covered_files():
        digest.update(f"{path}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def covered_files() -> Iterator[Path]:
    """Every file that the fingerprint covers, in a fixed order."""
    return _files(os.environ.get("DATA_FOLDER") or "data", *_DEPENDENCIES)


def _files(*names: str) -> Iterator[Path]:
    for name in names:
        start = ROOT / name
        found = start.rglob("*") if start.is_dir() else [start]
        yield from sorted(path for path in found if path.is_file() and path.suffix != ".pyc")


def last_fingerprint(url: str) -> str | None:
    """The fingerprint of the last load into a database, on the schema it has; None where it cannot be known."""
    if url.startswith("sqlite"):
        return _query_sqlite(url.partition(":///")[2].partition("?")[0])
    return _query_postgres(url)


def _query_sqlite(path: str) -> str | None:
    try:
        with closing(sqlite3.connect(f"file:{ROOT / path}?mode=rw", uri=True)) as connection:
            row = connection.execute(_LAST_LOAD).fetchone()
    except sqlite3.Error:
        return None
    return row[0] if row else None


def _query_postgres(url: str) -> str | None:
    """Queried through the project's environment, which has the driver."""
    scheme, _, rest = url.partition("://")
    command = [tool("python"), "-c", _QUERY_POSTGRES, f"{scheme.partition('+')[0]}://{rest}", _LAST_LOAD]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    return completed.stdout.strip() or None if completed.returncode == 0 else None


_QUERY_POSTGRES = """
import sys, psycopg
with psycopg.connect(sys.argv[1], connect_timeout=5) as connection:
    row = connection.execute(sys.argv[2]).fetchone()
    print(row[0] or "" if row else "")
"""

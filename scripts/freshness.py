"""Whether a database holds the content of the data files, determined in milliseconds.

After each load a stamp in instance/ keeps a fingerprint of everything the load depended on, and the state that the
database reported. A load is skipped only if both are still the same: a database that was deleted, emptied, restored
to an earlier state, migrated or loaded from other files reports another state.
"""

from __future__ import annotations

import hashlib
import json
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
_STATE_QUERIES = (
    "SELECT version_num FROM alembic_version",
    "SELECT number, recorded_at FROM revision WHERE origin = 'file' ORDER BY number DESC LIMIT 1",
)


def is_fresh(url: str) -> bool:
    """Whether loading the data files into this database would change nothing."""
    try:
        stamp = json.loads(_stamp(url).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(stamp == {"fingerprint": fingerprint(), "database": state(url)} and stamp["database"])


def remember(url: str) -> None:
    """Stamp this database as loaded."""
    stamp = _stamp(url)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(json.dumps({"fingerprint": fingerprint(), "database": state(url)}), "utf-8")


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


def _stamp(url: str) -> Path:
    return ROOT / "instance" / f"loaded-{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"


def state(url: str) -> list[str] | None:
    """The state that a database reports: its schema, and the last revision from files; None if it has none."""
    if url.startswith("sqlite"):
        return _state_of_sqlite(url.partition(":///")[2].partition("?")[0])
    return _state_of_postgres(url)


def _state_of_sqlite(path: str) -> list[str] | None:
    try:
        with closing(sqlite3.connect(f"file:{ROOT / path}?mode=rw", uri=True)) as connection:
            return _values([connection.execute(query).fetchone() for query in _STATE_QUERIES])
    except sqlite3.Error:
        return None


def _state_of_postgres(url: str) -> list[str] | None:
    """Queried through the project's environment, which has the driver."""
    scheme, _, rest = url.partition("://")
    command = [tool("python"), "-c", _QUERY_POSTGRES, f"{scheme.partition('+')[0]}://{rest}", *_STATE_QUERIES]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    return _values(json.loads(completed.stdout)) if completed.returncode == 0 else None


_QUERY_POSTGRES = """
import json, sys, psycopg
with psycopg.connect(sys.argv[1], connect_timeout=5) as connection:
    print(json.dumps([connection.execute(query).fetchone() for query in sys.argv[2:]], default=str))
"""


def _values(rows: list[list[object] | None]) -> list[str] | None:
    """The values of all rows; None if one of them is missing."""
    return [str(value) for row in rows if row for value in row] if all(rows) else None

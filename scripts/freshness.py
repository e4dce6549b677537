"""Whether a database holds what the data files say, found out in milliseconds.

After each load a stamp in instance/ keeps a fingerprint of everything the load rested on, and what the database
said of itself. A load is skipped only if both are still the same: a database that was deleted, emptied, put back
to an earlier state, migrated or loaded from other files says something else.
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
_RESTED_ON = ("migrations", "visalookup/domain", "visalookup/storage", "visalookup/services/datasets/load_data.py")
_QUESTIONS = (
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
    data = os.environ.get("DATA_FOLDER") or "data"
    for path in _files(data, *_RESTED_ON):
        digest.update(f"{path}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(*names: str) -> Iterator[Path]:
    for name in names:
        start = ROOT / name
        found = start.rglob("*") if start.is_dir() else [start]
        yield from sorted(path for path in found if path.is_file() and path.suffix != ".pyc")


def _stamp(url: str) -> Path:
    return ROOT / "instance" / f"loaded-{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"


def state(url: str) -> list[str] | None:
    """What a database says of itself: its schema, and the last revision that came from files; None if nothing."""
    if url.startswith("sqlite"):
        return _state_of_sqlite(url.partition(":///")[2].partition("?")[0])
    return _state_of_postgres(url)


def _state_of_sqlite(path: str) -> list[str] | None:
    try:
        with closing(sqlite3.connect(f"file:{ROOT / path}?mode=rw", uri=True)) as connection:
            return _told([connection.execute(question).fetchone() for question in _QUESTIONS])
    except sqlite3.Error:
        return None


def _state_of_postgres(url: str) -> list[str] | None:
    """Asked through the project's environment, where the driver is."""
    scheme, _, rest = url.partition("://")
    asked = [tool("python"), "-c", _ASK_POSTGRES, f"{scheme.partition('+')[0]}://{rest}", *_QUESTIONS]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return _told(json.loads(answer.stdout)) if answer.returncode == 0 else None


_ASK_POSTGRES = """
import json, sys, psycopg
with psycopg.connect(sys.argv[1], connect_timeout=5) as connection:
    print(json.dumps([connection.execute(question).fetchone() for question in sys.argv[2:]], default=str))
"""


def _told(rows: list[list[object] | None]) -> list[str] | None:
    """The values of all rows, or None where one of them is missing."""
    return [str(value) for row in rows if row for value in row] if all(rows) else None

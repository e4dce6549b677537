"""The fingerprint of a load covers all the code that reads the data files and writes them into the database."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from scripts import freshness
from visalookup.config import ROOT

READS_AND_WRITES = ("visalookup/formats/data_folder.py", "visalookup/services/datasets/load_data.py")
LEFT_OUT = frozenset({"visalookup/config.py"})
"""Modules that change nothing of what a load writes: settings."""


def imported(path: str) -> Iterator[str]:
    """The files of this project that a file imports by their full names."""
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("visalookup"):
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                file = f"{name.replace('.', '/')}.py"
                if (ROOT / file).is_file():
                    yield file


def reached_from(*paths: str) -> set[str]:
    """The files themselves, and all that they import directly or indirectly."""
    found: set[str] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(imported(path))
    return found


def test_the_fingerprint_covers_the_code_of_a_load(monkeypatch: pytest.MonkeyPatch) -> None:
    before = freshness.fingerprint()
    code = reached_from(*READS_AND_WRITES) - LEFT_OUT
    assert {"visalookup/formats/from_payload.py", "visalookup/storage/ledger.py"} <= code
    covered = {path.relative_to(ROOT).as_posix() for path in freshness.covered_files()}
    assert code <= covered
    monkeypatch.setattr(freshness, "_DEPENDENCIES", ())
    assert freshness.fingerprint() != before

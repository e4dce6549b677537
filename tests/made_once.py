"""What is made once in a run of tests, and shared by all its processes (the workers of pytest-xdist)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A folder that all processes of a run have in common."""

    folder: Path

    def file(self, name: str, make: Callable[[Path], object]) -> Path:
        """The file of that name: the first process that asks has it made, the others wait until it is."""
        path = self.folder / name
        with self.alone_with(f"{name}.made") as is_made:
            if not is_made.exists():
                path.unlink(missing_ok=True)  # what a process left that failed halfway
                make(path)
                is_made.touch()
        return path

    @contextmanager
    def alone_with(self, name: str) -> Iterator[Path]:
        """The path of a file that no other process of the run has meanwhile, whether it exists or not."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.folder / name


def folder_of_this_run(factory: pytest.TempPathFactory) -> SharedFolder:
    """Each worker has a temporary folder of its own within that of the run."""
    own = factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made-once"
    shared.mkdir(exist_ok=True)
    return SharedFolder(shared)

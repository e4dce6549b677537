"""Files of keys: put in their place whole, and secret ones readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OWNER_ONLY = 0o600
WORLD_READABLE = 0o644


def write_if_absent(path: Path, text: str) -> None:
    """Put the text in its place, readable by its owner alone, unless another process was first; raise OSError."""
    with _beside(path, text, OWNER_ONLY) as written, suppress(FileExistsError):
        path.hardlink_to(written)


def replace_atomically(path: Path, text: str, mode: int) -> None:
    """Put the text in place of what is there; whoever reads meanwhile gets one or the other. Raise OSError."""
    with _beside(path, text, mode) as written:
        written.replace(path)


@contextmanager
def _beside(path: Path, text: str, mode: int) -> Iterator[Path]:
    """A file next to the path with the text in it, gone in the end unless it was moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)

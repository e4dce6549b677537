"""Key files, written atomically. Secret ones are readable only by their owner."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OWNER_ONLY = 0o600
WORLD_READABLE = 0o644


def write_if_absent(path: Path, text: str) -> None:
    """Write the text, readable only by its owner, unless the file exists by then. Raise OSError."""
    with _temporary_file(path, text, OWNER_ONLY) as temporary, suppress(FileExistsError):
        path.hardlink_to(temporary)


def replace_atomically(path: Path, text: str, mode: int) -> None:
    """Replace the file; a concurrent reader sees either the old or the new content. Raise OSError."""
    with _temporary_file(path, text, mode) as temporary:
        temporary.replace(path)


@contextmanager
def _temporary_file(path: Path, text: str, mode: int) -> Iterator[Path]:
    """Write the text to a temporary file next to the path, and remove that file unless it was moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)

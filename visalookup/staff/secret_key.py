"""The key that signs the console's cookies, where none is given: drawn once, then kept in a file."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from visalookup.config import ROOT
from visalookup.domain.errors import InvalidValue

KEPT_AT = ROOT / "instance" / "secret-key"
_BYTES = 32


def kept_key(path: Path = KEPT_AT) -> str:
    """The key in the file, drawn now if there is none yet; only the owner of the file may read it.

    However many processes begin at once, one key is kept and all get that one. Raise InvalidValue where the file
    can be neither read nor written.
    """
    try:
        if not path.exists():
            _keep(path, secrets.token_urlsafe(_BYTES))
        return path.read_text().strip()
    except OSError as error:
        raise InvalidValue(
            f"{path} cannot be used ({error.strerror}): set SECRET_KEY to a long random text."
        ) from error


def _keep(path: Path, key: str) -> None:
    """Write the key beside the file and put it in its place whole, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(key)
        with suppress(FileExistsError):
            path.hardlink_to(beside)
    finally:
        beside.unlink()

"""The key that signs the console's cookies, where none is given: drawn once, then kept in a file."""

from __future__ import annotations

import secrets
from pathlib import Path

from visalookup.config import ROOT
from visalookup.domain.errors import InvalidValue
from visalookup.services.key_files import write_if_absent

KEPT_AT = ROOT / "instance" / "secret-key"
_BYTES = 32


def kept_key(path: Path = KEPT_AT) -> str:
    """The key in the file, drawn now if there is none yet; only the owner of the file may read it.

    However many processes begin at once, one key is kept and all get that one. Raise InvalidValue where the file
    can be neither read nor written.
    """
    try:
        if not path.exists():
            write_if_absent(path, secrets.token_urlsafe(_BYTES))
        return path.read_text().strip()
    except OSError as error:
        raise InvalidValue(
            f"{path} cannot be used ({error.strerror}): set SECRET_KEY to a long random text."
        ) from error

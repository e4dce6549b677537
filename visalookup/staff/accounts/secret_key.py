"""The key that signs the console's cookies if none is configured: generated once, then stored in a file."""

from __future__ import annotations

import secrets
from pathlib import Path

from visalookup.config import ROOT
from visalookup.domain.errors import InvalidValue
from visalookup.services.key_files import write_if_absent

DEFAULT_PATH = ROOT / "instance" / "secret-key"
_BYTES = 32


def load_or_create_key(path: Path = DEFAULT_PATH) -> str:
    """The key in the file, generated now if there is none yet; only the owner of the file may read it.

    If several processes start at once, one key is stored and all of them get it. Raise InvalidValue if the file
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

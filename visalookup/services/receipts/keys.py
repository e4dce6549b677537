"""The keys of receipts: a private key that signs, and the public keys of earlier ones, so that old receipts hold.

The private key is a file (PEM, PKCS 8). Beside it, in the folder `receipt-keys`, is the public part of each
other key as a JSON Web Key (RFC 7517), named by its thumbprint (RFC 7638). Every process looks whether the files
changed, so all of them use a new key at once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from visalookup.config import ROOT
from visalookup.domain.errors import InvalidValue
from visalookup.domain.moments import format_instant, parse_instant
from visalookup.services.key_files import OWNER_ONLY, WORLD_READABLE, replace_atomically, write_if_absent

DEFAULT_KEY_FILE = ROOT / "instance" / "receipt-key.pem"
CURVE: Final = "Ed25519"
_NEVER = datetime.max.replace(tzinfo=UTC)
log = logging.getLogger(__name__)

_UNREADABLE = (OSError, ValueError, KeyError, JoseError)
"""What reading a file of keys may raise: it is not there, or holds something else."""


class KeysAway(Exception):
    """The keys of receipts cannot be read; why is in the log, and whoever asks is told what they can do."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public part of a key; `retired_at` is when another took its place, None if none has."""

    kid: str
    key: OKPKey
    retired_at: datetime | None = None

    def as_jwk(self) -> dict[str, str]:
        """The JSON Web Key (RFC 8037, section 2)."""
        public = self.key.as_dict(private=False)
        return {"kty": "OKP", "crv": CURVE, "x": str(public["x"]), "kid": self.kid, "use": "sig", "alg": CURVE}


class ReceiptKeys:
    """The keys in a file and the folder beside it; safe to share between threads and processes."""

    def __init__(self, file: Path, *, create_if_missing: bool) -> None:
        """`create_if_missing` lets the first key be drawn when it is needed."""
        self._file = file
        self._create_if_missing = create_if_missing
        self._read: tuple[tuple[int, int], OKPKey] | None = None

    @property
    def folder(self) -> Path:
        """Where the public parts of earlier keys are kept."""
        return self._file.parent / "receipt-keys"

    def signing_key(self) -> OKPKey:
        """The private key that signs now; raise KeysAway where it cannot be read."""
        try:
            if self._create_if_missing and not self._file.exists():
                write_if_absent(self._file, _written(OKPKey.generate_key(CURVE)))
            return self._current()
        except _UNREADABLE as error:
            log.error("the key of receipts %s cannot be read: %s", self._file, error)  # noqa: TRY400 - no trace wanted
            raise KeysAway(
                "Receipts can neither be given nor checked now. Ask without a receipt, or try again later."
            ) from error

    def public_keys(self) -> tuple[PublicKey, ...]:
        """The public parts of all keys, the one that signs first; raise KeysAway where that cannot be read."""
        current = _public(self.signing_key())
        others = (each for each in self._others() if each.kid != current.kid)
        return (current, *sorted(others, key=lambda each: each.retired_at or _NEVER, reverse=True))

    def find(self, kid: str) -> PublicKey | None:
        """The key of this thumbprint, if it is one of ours."""
        return next((each for each in self.public_keys() if each.kid == kid), None)

    def replace(self, now: datetime) -> PublicKey:
        """Let a new key sign from now on, and keep the public part of the one before.

        Raise InvalidValue where the files cannot be written, or hold something else; nothing is lost then.
        """
        try:
            drawn = OKPKey.generate_key(CURVE)
            self._publish(_public(drawn))
            if self._file.exists():
                self._publish(_public(self._current(), now.replace(microsecond=0)))
            replace_atomically(self._file, _written(drawn), OWNER_ONLY)
            return _public(drawn)
        except _UNREADABLE as error:
            raise InvalidValue(
                f"No new key was made, as {self._file} or {self.folder} cannot be used ({error});"
                " set RECEIPT_KEY_FILE to a file that may be written."
            ) from error

    def _current(self) -> OKPKey:
        found = self._file.stat()
        state = (found.st_mtime_ns, found.st_ino)
        if self._read is None or self._read[0] != state:
            key = OKPKey.import_key(self._file.read_bytes())
            if key.curve_name != CURVE or not key.is_private:
                raise ValueError(f"it is not a private key of {CURVE}")
            self._read = state, key
        return self._read[1]

    def _publish(self, key: PublicKey) -> None:
        """Keep the public part, before anything is signed with a new key and before the private part is gone."""
        retired = {"retired_at": format_instant(key.retired_at)} if key.retired_at else {}
        text = json.dumps({**key.as_jwk(), **retired}, indent=2)
        replace_atomically(self.folder / f"{key.kid}.json", f"{text}\n", WORLD_READABLE)

    def _others(self) -> Iterator[PublicKey]:
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob("*.json")):
            try:
                yield _public_key(json.loads(path.read_text()))
            except (*_UNREADABLE, InvalidValue) as error:
                log.error("%s is not a public key of receipts: %s", path, error)  # noqa: TRY400 - no trace wanted


def receipt_keys_of(file: Path | None) -> ReceiptKeys:
    """The keys in the file of the settings, or else those of the instance folder, the first of which is drawn."""
    return ReceiptKeys(file or DEFAULT_KEY_FILE, create_if_missing=file is None)


def _written(key: OKPKey) -> str:
    return key.as_pem(private=True).decode()


def _public(key: OKPKey, retired_at: datetime | None = None) -> PublicKey:
    return PublicKey(key.thumbprint(), key, retired_at)


def _public_key(read: Any) -> PublicKey:
    """The key in a file; one that names no time of retirement may be a key of another machine, or one to come."""
    if not isinstance(read, dict) or read.get("crv") != CURVE:
        raise ValueError(f"it is not a key of {CURVE}")
    key = OKPKey.import_key({"kty": "OKP", "crv": CURVE, "x": str(read["x"])})
    retired_at = read.get("retired_at")
    return _public(key, parse_instant(str(retired_at)) if retired_at else None)

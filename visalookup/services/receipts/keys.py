"""The keys of receipts: the private key that signs, and the public keys that verify older receipts.

The private key is a file (PEM, PKCS 8). The folder `receipt-keys` beside it holds the public part of each other key as
a JSON Web Key (RFC 7517), named by its thumbprint (RFC 7638). Every process checks whether the files have changed, so
a new key takes effect immediately everywhere.
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
"""What reading a key file may raise: it is missing, or holds something else."""


class KeysAway(Exception):
    """The keys of receipts cannot be content. The reason is logged; the client learns what it can do."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public part of a key; `retired_at` is when another key replaced it, None if none has."""

    kid: str
    key: OKPKey
    retired_at: datetime | None = None

    def as_jwk(self) -> dict[str, str]:
        """Return the JSON Web Key (RFC 8037, section 2)."""
        public = self.key.as_dict(private=False)
        return {"kty": "OKP", "crv": CURVE, "x": str(public["x"]), "kid": self.kid, "use": "sig", "alg": CURVE}


class ReceiptKeys:
    """The keys in a file and the folder beside it; safe to share between threads and processes."""

    def __init__(self, file: Path, *, create_if_missing: bool) -> None:
        """`create_if_missing` lets the first key be generated when it is needed."""
        self._file = file
        self._create_if_missing = create_if_missing
        self._read: tuple[tuple[int, int], OKPKey] | None = None

    @property
    def folder(self) -> Path:
        """Where the public parts of earlier keys are kept."""
        return self._file.parent / "receipt-keys"

    def signing_key(self) -> OKPKey:
        """Return the current private key; raise KeysAway if it cannot be content."""
        try:
            if self._create_if_missing and not self._file.exists():
                write_if_absent(self._file, _pem(OKPKey.generate_key(CURVE)))
            return self._current()
        except _UNREADABLE as error:
            log.error("the key of receipts %s cannot be content: %s", self._file, error)  # noqa: TRY400 - no trace wanted
            raise KeysAway(
                "Receipts can neither be given nor checked now. Ask without a receipt, or try again later."
            ) from error

    def public_keys(self) -> tuple[PublicKey, ...]:
        """Return all public keys, the current one first; raise KeysAway if that cannot be content."""
        current = _public(self.signing_key())
        others = (key for key in self._others() if key.kid != current.kid)
        return (current, *sorted(others, key=lambda key: key.retired_at or _NEVER, reverse=True))

    def find(self, kid: str) -> PublicKey | None:
        """Return the public key with this thumbprint, if it is one of ours."""
        return next((key for key in self.public_keys() if key.kid == kid), None)

    def replace(self, now: datetime) -> PublicKey:
        """Generate a new signing key, and keep the public part of the previous one.

        Raise InvalidValue if the files cannot be written, or hold something else; nothing is lost then.
        """
        try:
            new_key = OKPKey.generate_key(CURVE)
            self._publish(_public(new_key))
            if self._file.exists():
                self._publish(_public(self._current(), now.replace(microsecond=0)))
            replace_atomically(self._file, _pem(new_key), OWNER_ONLY)
            return _public(new_key)
        except _UNREADABLE as error:
            raise InvalidValue(
                f"No new key was generated, because {self._file} or {self.folder} cannot be used ({error});"
                " set RECEIPT_KEY_FILE to a writable file."
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
        """Store the public part, before a new key signs anything and before an old private key is replaced."""
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
    """Return the keys in the configured file, or else in the instance folder, where the first key is generated."""
    return ReceiptKeys(file or DEFAULT_KEY_FILE, create_if_missing=file is None)


def _pem(key: OKPKey) -> str:
    return key.as_pem(private=True).decode()


def _public(key: OKPKey, retired_at: datetime | None = None) -> PublicKey:
    return PublicKey(key.thumbprint(), key, retired_at)


def _public_key(content: Any) -> PublicKey:
    """Parse a public key; one without a retirement time may belong to another machine, or be the next key."""
    if not isinstance(content, dict) or content.get("crv") != CURVE:
        raise ValueError(f"it is not a key of {CURVE}")
    key = OKPKey.import_key({"kty": "OKP", "crv": CURVE, "x": str(content["x"])})
    retired_at = content.get("retired_at")
    return _public(key, parse_instant(str(retired_at)) if retired_at else None)

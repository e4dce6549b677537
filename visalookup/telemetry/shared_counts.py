"""The last counts of each worker, in shared memory, so that any worker can compute the totals.

Each worker writes to its own place and reads all others. The counts of a worker that has ended stay until another one
uses the same place, so totals do not shrink when a worker is replaced.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator

_HEADER = struct.Struct("II")
_BEING_WRITTEN = (0, 1)
"""No content has this length and checksum."""
_MAX_ATTEMPTS = 100
"""How often a place is read that is being written at that moment; a write takes microseconds."""


class SharedCounts:
    """`places` of `size` bytes each, created before workers fork. Bytes never written take no memory."""

    def __init__(self, places: int = 256, size: int = 262_144) -> None:
        self._places = places
        self._size = size
        self._memory = mmap.mmap(-1, places * size)

    def write(self, place: int, content: bytes) -> None:
        """Replace the content of a place; raise ValueError if it does not fit."""
        if len(content) > self._size - _HEADER.size:
            raise ValueError(f"{len(content)} bytes do not fit into {self._size}")
        start = place % self._places * self._size
        body = start + _HEADER.size
        _HEADER.pack_into(self._memory, start, *_BEING_WRITTEN)
        self._memory[body : body + len(content)] = content
        _HEADER.pack_into(self._memory, start, len(content), zlib.crc32(content))

    def read_others(self, place: int) -> Iterator[bytes]:
        """Yield the contents of all other places."""
        for other in range(self._places):
            content = b"" if other == place % self._places else self._read(other)
            if content:
                yield content

    def _read(self, place: int) -> bytes:
        """Read a place; empty if nothing was written. A checksum detects partial writes."""
        start = place * self._size
        for _ in range(_MAX_ATTEMPTS):
            length, checksum = _HEADER.unpack_from(self._memory, start)
            content = self._memory[start + _HEADER.size : start + _HEADER.size + length]
            if zlib.crc32(content) == checksum:
                return content
        return b""

"""What each worker counted last, in memory that all of them see, so that any of them can tell the sum.

A worker writes to a place of its own and reads all others. What a worker left that has ended stays, until one with
the same place comes, so a sum does not shrink when a worker is replaced.
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
"""So often is read anew what is being written at that moment; that takes microseconds."""


class SharedCounts:
    """So many places of so many bytes; made before workers fork. Bytes never written take no memory."""

    def __init__(self, places: int = 256, size: int = 262_144) -> None:
        self._places = places
        self._size = size
        self._memory = mmap.mmap(-1, places * size)

    def write(self, place: int, content: bytes) -> None:
        """Replace what is at a place; raise ValueError where it does not fit."""
        if len(content) > self._size - _HEADER.size:
            raise ValueError(f"{len(content)} bytes do not fit into {self._size}")
        start = place % self._places * self._size
        body = start + _HEADER.size
        _HEADER.pack_into(self._memory, start, *_BEING_WRITTEN)
        self._memory[body : body + len(content)] = content
        _HEADER.pack_into(self._memory, start, len(content), zlib.crc32(content))

    def read_others(self, place: int) -> Iterator[bytes]:
        """What is at all other places."""
        for other in range(self._places):
            content = b"" if other == place % self._places else self._read(other)
            if content:
                yield content

    def _read(self, place: int) -> bytes:
        """Empty where nothing was written; a checksum tells what is whole."""
        start = place * self._size
        for _ in range(_MAX_ATTEMPTS):
            length, checksum = _HEADER.unpack_from(self._memory, start)
            content = self._memory[start + _HEADER.size : start + _HEADER.size + length]
            if zlib.crc32(content) == checksum:
                return content
        return b""

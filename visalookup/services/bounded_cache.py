"""A cache of at most so many entries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Keeps at most so many entries; those put in first go first. Safe to share between threads.

    To read takes no lock and costs what reading a dict costs; threads that write take turns.
    """

    __slots__ = ("_entries", "_lock", "_most", "get")

    get: Callable[[Key], Value | None]
    """The entry of a key; None where there is none."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: dict[Key, Value] = {}
        self._lock = threading.Lock()
        self.get = self._entries.get

    def put(self, key: Key, value: Value) -> Value:
        """Keep an entry, in place of the one of the same key, and give it back."""
        with self._lock:
            while len(self._entries) >= self._most and key not in self._entries:
                del self._entries[next(iter(self._entries))]
            self._entries[key] = value
        return value

    def pop(self, key: Key) -> Value | None:
        """Take an entry out; None where there is none."""
        with self._lock:
            return self._entries.pop(key, None)

    def values(self) -> list[Value]:
        """All entries at this moment, those put in first at the beginning."""
        with self._lock:
            return list(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

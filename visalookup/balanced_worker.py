"""A gunicorn worker that leaves a new connection to a worker that has fewer.

All workers wait at one socket, and whoever wakes first takes what is there. With connections kept open, one worker
can so end up with all of an agency's connections, and the others with none: half the machine stands still.
"""

from __future__ import annotations

import mmap
import struct
import time
from typing import TYPE_CHECKING, Any

from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    import socket

_SECONDS_LEFT_TO_OTHERS = 0.02
"""If nobody took a connection for so long, whoever has it before them does."""
_MOST_WORKERS = 256
_COUNT = struct.Struct("i")
_NOBODY = -1

_counts = mmap.mmap(-1, _MOST_WORKERS * _COUNT.size)
"""Connections of each worker, shared by all: gunicorn loads this module before it forks."""
for _slot in range(_MOST_WORKERS):
    _COUNT.pack_into(_counts, _slot * _COUNT.size, _NOBODY)


class BalancedThreadWorker(ThreadWorker):  # type: ignore[misc]
    """A worker with threads that takes a new connection only while none of the others has fewer."""

    _left_since: float | None = None

    def accept(self, listener: socket.socket) -> None:
        """Take a waiting connection, or leave it to another worker for a moment."""
        if _fewest() < self.nr_conns and not self._was_left_long_enough():
            return
        self._left_since = None
        super().accept(listener)
        _note(self, self.nr_conns)

    def notify(self) -> None:
        """Tell the arbiter that we live, and the other workers how many connections we have."""
        super().notify()
        _note(self, self.nr_conns)

    def _was_left_long_enough(self) -> bool:
        now = time.monotonic()
        if self._left_since is None:
            self._left_since = now
        return now - self._left_since > _SECONDS_LEFT_TO_OTHERS


def forget(worker: Any) -> None:
    """A worker has ended, so nothing is left to it any more; the arbiter calls this."""
    _note(worker, _NOBODY)


def _note(worker: Any, count: int) -> None:
    _COUNT.pack_into(_counts, worker.age % _MOST_WORKERS * _COUNT.size, count)


def _fewest() -> int:
    counts: list[int] = [count for (count,) in _COUNT.iter_unpack(_counts)]
    return min(count for count in counts if count != _NOBODY)

"""The number of connections of each worker, in memory that all workers share.

All workers wait on one socket, and the first to wake accepts the connection. With keep-alive, one worker can end up
with all connections of an agency while the others have none, and half the machine stands idle.
"""

from __future__ import annotations

import mmap
import struct
from typing import Any

_MAX_WORKERS = 256
_COUNT = struct.Struct("i")
_NO_WORKER = -1

_counts = mmap.mmap(-1, _MAX_WORKERS * _COUNT.size)
"""Shared by all workers: gunicorn loads this module before it forks."""
for _slot in range(_MAX_WORKERS):
    _COUNT.pack_into(_counts, _slot * _COUNT.size, _NO_WORKER)


def record_connections(worker: Any, count: int) -> None:
    """Publish how many connections this worker has."""
    _COUNT.pack_into(_counts, worker.age % _MAX_WORKERS * _COUNT.size, count)


def clear_connections(worker: Any) -> None:
    """Remove the count of a worker that has ended; the arbiter calls this."""
    record_connections(worker, _NO_WORKER)


def fewest_connections() -> int:
    """Return the lowest number of connections of any worker."""
    counts: list[int] = [count for (count,) in _COUNT.iter_unpack(_counts)]
    return min(count for count in counts if count != _NO_WORKER)

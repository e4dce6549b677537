"""How many connections each worker has, known to all of them.

All workers wait at one socket, and whoever wakes first takes what is there. With connections kept open, one worker
can so end up with all of an agency's connections, and the others with none: half the machine stands still.
"""

from __future__ import annotations

import mmap
import struct
from typing import Any

_MOST_WORKERS = 256
_COUNT = struct.Struct("i")
_NOBODY = -1

_counts = mmap.mmap(-1, _MOST_WORKERS * _COUNT.size)
"""Shared by all workers: gunicorn loads this module before it forks."""
for _slot in range(_MOST_WORKERS):
    _COUNT.pack_into(_counts, _slot * _COUNT.size, _NOBODY)


def record_connections(worker: Any, count: int) -> None:
    """Tell all workers how many connections this one has."""
    _COUNT.pack_into(_counts, worker.age % _MOST_WORKERS * _COUNT.size, count)


def clear_connections(worker: Any) -> None:
    """A worker has ended, so nothing is left to it any more; the arbiter calls this."""
    record_connections(worker, _NOBODY)


def fewest_connections() -> int:
    """How many connections the worker has that has the fewest."""
    counts: list[int] = [count for (count,) in _COUNT.iter_unpack(_counts)]
    return min(count for count in counts if count != _NOBODY)

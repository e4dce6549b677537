"""A gunicorn worker that leaves a new connection to a worker that has fewer, and answers at once what it can.

All workers wait at one socket, and whoever wakes first takes what is there. With connections kept open, one worker
can so end up with all of an agency's connections, and the others with none: half the machine stands still.

A request that the application has the answer to at hand is answered where it is seen, in the worker's main loop:
to hand it to a thread, and the connection back, costs more than the answer. Nothing that could wait is done there.
The request must be there as a whole, without a body, and nothing of an earlier answer may be on its way yet, so
that there is room for this one. All else goes to the threads.
"""

from __future__ import annotations

import fcntl
import mmap
import re
import socket
import struct
import termios
import time
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

AnswersAtOnce = Callable[[bytes, str], bool]
"""Tells from the head of a request and the address of its sender whether answering it waits for nothing at all.

The application may carry it as its attribute `answers_at_once`."""

_SECONDS_LEFT_TO_OTHERS = 0.02
"""If nobody took a connection for so long, whoever has it before them does."""
_SECONDS_BETWEEN_SIGNS_OF_LIFE = 0.5
_LARGEST_HEAD = 4096
_END_OF_HEAD = b"\r\n\r\n"
_MAY_WAIT = re.compile(rb"\r\n(?:content-length|transfer-encoding|expect|upgrade)\s*:", re.IGNORECASE)
"""Headers by which more is to come than the head, or another protocol."""
_SENT = struct.Struct("i")
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
    _said_alive_at = float("-inf")
    _answers_at_once: AnswersAtOnce | None = None

    def load_wsgi(self) -> None:
        """Load the application, and learn what it answers at once."""
        super().load_wsgi()
        self._answers_at_once = getattr(self.wsgi, "answers_at_once", None)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer a connection that was kept open, here or in a thread."""
        if self._answers_at_once is None or not self._can_answer_here(conn, self._answers_at_once):
            super().on_client_socket_readable(conn, client)
            return
        self.keepalived_conns.remove(conn)
        if self.handle(conn) and self.alive:
            conn.set_timeout()
            self.keepalived_conns.append(conn)  # the one that ends last: they are in order of their ends
        else:
            self.poller.unregister(client)
            self.nr_conns -= 1
            conn.close(graceful=True)

    def _can_answer_here(self, conn: TConn, answers_at_once: AnswersAtOnce) -> bool:
        if self.cfg.is_ssl or conn.is_http2 or conn.parser.unreader.buf.tell():
            return False
        try:
            head = conn.sock.recv(_LARGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            sent = fcntl.ioctl(conn.sock, termios.TIOCOUTQ, bytes(_SENT.size))
        except OSError:
            return False  # whatever it is, the threads know what to do about it
        return (
            head.find(_END_OF_HEAD) == len(head) - len(_END_OF_HEAD)
            and _SENT.unpack(sent) == (0,)
            and _MAY_WAIT.search(head) is None
            and answers_at_once(head, conn.client[0])
        )

    def accept(self, listener: socket.socket) -> None:
        """Take a waiting connection, or leave it to another worker for a moment."""
        if _fewest() < self.nr_conns and not self._was_left_long_enough():
            return
        self._left_since = None
        super().accept(listener)
        _note(self, self.nr_conns)

    def notify(self) -> None:
        """Tell the arbiter that we live, now and then, and the other workers how many connections we have."""
        now = time.monotonic()
        if now - self._said_alive_at > _SECONDS_BETWEEN_SIGNS_OF_LIFE:
            self._said_alive_at = now
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

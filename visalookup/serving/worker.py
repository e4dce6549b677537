"""gunicorn's worker with threads, which leaves a new connection to a worker that has fewer (`balance`).

A plain request that the application has the answer to at hand is answered where it is seen, in the worker's main
loop: to hand it to a thread, and the connection back, costs more than the answer. Nothing that could wait is done
there. All else goes to the threads: what is not plain, what the application declines, and the rest of an answer
that its client does not take in one piece.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from gunicorn import SERVER
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from visalookup.serving.balance import fewest, note
from visalookup.serving.plain_heads import LARGEST_HEAD, environ_of, head_of
from visalookup.serving.refusals import refusal_bytes, refusal_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

AtOnce = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes] | None]
"""What an application may carry as its attribute `try_respond`: like a WSGI application, but it waits for nothing.

Of the request it is told what `plain_heads.environ_of` reads. It declines a request by returning None."""

_SECONDS_LEFT_TO_OTHERS = 0.02
"""If nobody took a connection for so long, whoever has it before them does."""
_SECONDS_BETWEEN_SIGNS_OF_LIFE = 0.5


class Worker(ThreadWorker):  # type: ignore[misc]
    """Takes a new connection only while no other worker has fewer, and answers at once what it can."""

    _left_since: float | None = None
    _said_alive_at = float("-inf")
    _at_once: AtOnce | None = None

    def load_wsgi(self) -> None:
        """Load the application, and learn what it answers at once, unless settings ask for more than answers."""
        super().load_wsgi()
        is_plain = not (self.cfg.is_ssl or self.cfg.accesslog or os.environ.get("SCRIPT_NAME"))
        self._at_once = getattr(self.wsgi, "try_respond", None) if is_plain else None

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer a connection that was kept open, here or in a thread."""
        reply = None if self._at_once is None else self._reply(conn, self._at_once)
        if reply is None:
            super().on_client_socket_readable(conn, client)
            return
        self.nr += 1
        self.keepalived_conns.remove(conn)
        rest = _left_unsent(client, reply)
        if rest:
            self.poller.unregister(client)
            self._send_in_thread(conn, rest)
        else:
            conn.set_timeout()
            self.keepalived_conns.append(conn)  # the one that ends last: they are in order of their ends

    def _reply(self, conn: TConn, try_respond: AtOnce) -> bytes | None:
        """The whole response to what has come; None where a thread must see to it."""
        if conn.is_http2 or self.nr + 1 >= self.max_requests or not self.alive:
            return None
        try:
            head = conn.sock.recv(LARGEST_HEAD)
        except OSError:
            return None  # whatever it is, the threads know what to do about it
        environ = environ_of(head, _address(conn.client))
        reply = None if environ is None else self._asked(try_respond, environ)
        if reply is None:
            conn.parser.unreader.unread(head)
        return reply

    def _asked(self, try_respond: AtOnce, environ: WSGIEnvironment) -> bytes | None:
        begun: list[bytes] = []
        try:
            body = try_respond(environ, partial(_begin, begun))
        except Exception:  # a fault in one request must not end the worker: the thread will tell the client
            self.log.exception("Error answering at once")
            return None
        return None if body is None else b"".join((*begun, *body))

    def _send_in_thread(self, conn: TConn, rest: memoryview) -> None:
        sending = self.tpool.submit(_send_all, conn.sock, rest)
        sending.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def accept(self, listener: socket.socket) -> None:
        """Take a waiting connection, or leave it to another worker for a moment."""
        if fewest() < self.nr_conns and not self._was_left_long_enough():
            return
        self._left_since = None
        super().accept(listener)
        note(self, self.nr_conns)

    def notify(self) -> None:
        """Tell the arbiter that we live, now and then, and the other workers how many connections we have."""
        now = time.monotonic()
        if now - self._said_alive_at > _SECONDS_BETWEEN_SIGNS_OF_LIFE:
            self._said_alive_at = now
            super().notify()
        note(self, self.nr_conns)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Tell a client why its request did not reach the application, or what became of it there."""
        if self.cfg.is_ssl:
            super().handle_error(req, client, addr, exc)
            return
        problem = refusal_of(exc)
        if problem.status == 500:
            self.log.error("Error handling a request", exc_info=exc)
        else:
            self.log.warning("Refused with %s: %s", problem.status, type(exc).__name__)
        try:
            write_nonblock(client, refusal_bytes(problem))
        except OSError:
            self.log.debug("The client did not wait to be told.")

    def _was_left_long_enough(self) -> bool:
        now = time.monotonic()
        if self._left_since is None:
            self._left_since = now
        return now - self._left_since > _SECONDS_LEFT_TO_OTHERS


def _address(client: Any) -> str:
    """As gunicorn tells it to an application: at a socket of the file system a client has none."""
    return client[0] if isinstance(client, tuple) else ""


def _begin(
    begun: list[bytes], status: str, headers: list[tuple[str, str]], _error: Any = None
) -> Callable[[bytes], object]:
    begun.append(head_of(status, headers, SERVER))
    return begun.append


def _left_unsent(client: socket.socket, reply: bytes) -> memoryview:
    """Send as much as the client takes without waiting."""
    try:
        return memoryview(reply)[client.send(reply) :]
    except OSError:
        return memoryview(reply)  # it takes nothing now, or never again: the thread will find out


def _send_all(client: socket.socket, rest: memoryview) -> bool:
    client.setblocking(True)
    client.sendall(rest)
    return True

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

from visalookup.serving.balance import fewest_connections, record_connections
from visalookup.serving.plain_heads import MAX_HEAD_BYTES, environ_of, head_of
from visalookup.serving.refusals import refusal_bytes, refusal_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TryRespond = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes] | None]
"""What an application may carry as its attribute `try_respond`: like a WSGI application, but it waits for nothing.

Of the request it is told what `plain_heads.environ_of` reads. It declines a request by returning None."""

_MAX_DEFERRAL_SECONDS = 0.02
"""If nobody took a connection for so long, whoever has it before them does."""
_SECONDS_BETWEEN_HEARTBEATS = 0.5


class Worker(ThreadWorker):  # type: ignore[misc]
    """Takes a new connection only while no other worker has fewer, and answers at once what it can."""

    _deferred_since: float | None = None
    _notified_at = float("-inf")
    _try_respond: TryRespond | None = None

    def load_wsgi(self) -> None:
        """Load the application, and learn what it answers at once, unless settings ask for more than answers."""
        super().load_wsgi()
        is_plain = not (self.cfg.is_ssl or self.cfg.accesslog or os.environ.get("SCRIPT_NAME"))
        self._try_respond = getattr(self.wsgi, "try_respond", None) if is_plain else None

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer a connection that was kept open, here or in a thread."""
        reply = None if self._try_respond is None else self._reply(conn, self._try_respond)
        if reply is None:
            super().on_client_socket_readable(conn, client)
            return
        self.nr += 1
        self.keepalived_conns.remove(conn)
        rest = _send_without_waiting(client, reply)
        if rest:
            self.poller.unregister(client)
            self._send_in_thread(conn, rest)
        else:
            conn.set_timeout()
            self.keepalived_conns.append(conn)  # the one that ends last: they are in order of their ends

    def _reply(self, conn: TConn, try_respond: TryRespond) -> bytes | None:
        """The whole response to what has come; None where a thread must see to it."""
        if conn.is_http2 or self.nr + 1 >= self.max_requests or not self.alive:
            return None
        try:
            head = conn.sock.recv(MAX_HEAD_BYTES)
        except OSError:
            return None  # whatever it is, the threads know what to do about it
        environ = environ_of(head, _address(conn.client))
        reply = None if environ is None else self._try_respond_to(try_respond, environ)
        if reply is None:
            conn.parser.unreader.unread(head)
        return reply

    def _try_respond_to(self, try_respond: TryRespond, environ: WSGIEnvironment) -> bytes | None:
        begun: list[bytes] = []
        try:
            body = try_respond(environ, partial(_start_response, begun))
        except Exception:  # a fault in one request must not end the worker: the thread will tell the client
            self.log.exception("Error answering at once")
            return None
        return None if body is None else b"".join((*begun, *body))

    def _send_in_thread(self, conn: TConn, rest: memoryview) -> None:
        sending = self.tpool.submit(_send_all, conn.sock, rest)
        sending.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def accept(self, listener: socket.socket) -> None:
        """Take a waiting connection, or leave it to another worker for a moment."""
        if fewest_connections() < self.nr_conns and not self._was_deferred_long_enough():
            return
        self._deferred_since = None
        super().accept(listener)
        record_connections(self, self.nr_conns)

    def notify(self) -> None:
        """Tell the arbiter that we live, now and then, and the other workers how many connections we have."""
        now = time.monotonic()
        if now - self._notified_at > _SECONDS_BETWEEN_HEARTBEATS:
            self._notified_at = now
            super().notify()
        record_connections(self, self.nr_conns)

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

    def _was_deferred_long_enough(self) -> bool:
        now = time.monotonic()
        if self._deferred_since is None:
            self._deferred_since = now
        return now - self._deferred_since > _MAX_DEFERRAL_SECONDS


def _address(client: Any) -> str:
    """As gunicorn tells it to an application: at a socket of the file system a client has none."""
    return client[0] if isinstance(client, tuple) else ""


def _start_response(
    begun: list[bytes], status: str, headers: list[tuple[str, str]], _error: Any = None
) -> Callable[[bytes], object]:
    begun.append(head_of(status, headers, SERVER))
    return begun.append


def _send_without_waiting(client: socket.socket, reply: bytes) -> memoryview:
    """Send as much as the client takes without waiting."""
    try:
        return memoryview(reply)[client.send(reply) :]
    except OSError:
        return memoryview(reply)  # it takes nothing now, or never again: the thread will find out


def _send_all(client: socket.socket, rest: memoryview) -> bool:
    client.setblocking(True)
    client.sendall(rest)
    return True

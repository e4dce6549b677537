"""gunicorn's threaded worker, which leaves a new connection to a worker that has fewer (`balance`).

A plain request whose answer is in memory is answered directly in the worker's main loop, because passing it to a
thread and the connection back would cost more than the answer. Nothing that could block runs there. Everything else
goes to the threads: requests that are not plain or that the application declines, and the rest of an answer that the
client does not accept in one piece.
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
from visalookup.serving.plain_heads import MAX_HEAD_BYTES, parse_environ, response_head
from visalookup.serving.refusals import refusal_bytes, refusal_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TryRespond = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes] | None]
"""The optional attribute `try_respond` of an application: like a WSGI application, but it never blocks.

Its environment contains only what `plain_heads.parse_environ` reads. It returns None to decline a request."""

_MAX_DEFERRAL_SECONDS = 0.02
"""After this time a worker accepts a connection that it left to the others."""
_SECONDS_BETWEEN_HEARTBEATS = 0.5


class Worker(ThreadWorker):  # type: ignore[misc]
    """Accepts a connection only while no other worker has fewer, and answers plain requests immediately."""

    _deferred_since: float | None = None
    _notified_at = float("-inf")
    _try_respond: TryRespond | None = None

    def load_wsgi(self) -> None:
        """Load the application and its `try_respond`, unless a setting needs gunicorn's own request handling."""
        super().load_wsgi()
        is_plain = not (self.cfg.is_ssl or self.cfg.accesslog or os.environ.get("SCRIPT_NAME"))
        self._try_respond = getattr(self.wsgi, "try_respond", None) if is_plain else None

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer a request on a kept-alive connection, here or in a thread."""
        response = None if self._try_respond is None else self._reply(conn, self._try_respond)
        if response is None:
            super().on_client_socket_readable(conn, client)
            return
        self.nr += 1
        self.keepalived_conns.remove(conn)
        rest = _send_without_waiting(client, response)
        if rest:
            self.poller.unregister(client)
            self._send_in_thread(conn, rest)
        else:
            conn.set_timeout()
            self.keepalived_conns.append(conn)  # it expires last: the queue is in order of expiry

    def _reply(self, conn: TConn, try_respond: TryRespond) -> bytes | None:
        """Return the whole response to a request; None if a thread must handle it."""
        if conn.is_http2 or self.nr + 1 >= self.max_requests or not self.alive:
            return None
        try:
            head = conn.sock.recv(MAX_HEAD_BYTES)
        except OSError:
            return None  # a thread will meet the same error and handle it
        environ = parse_environ(head, _address(conn.client))
        response = None if environ is None else self._try_application(try_respond, environ)
        if response is None:
            conn.parser.unreader.unread(head)
        return response

    def _try_application(self, try_respond: TryRespond, environ: WSGIEnvironment) -> bytes | None:
        parts: list[bytes] = []
        try:
            body = try_respond(environ, partial(_start_response, parts))
        except Exception:  # an error must not end the worker: a thread will report it to the client
            self.log.exception("Error answering at once")
            return None
        return None if body is None else b"".join((*parts, *body))

    def _send_in_thread(self, conn: TConn, rest: memoryview) -> None:
        sending = self.tpool.submit(_send_all, conn.sock, rest)
        sending.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def accept(self, listener: socket.socket) -> None:
        """Accept a waiting connection, or leave it to another worker for a moment."""
        if fewest_connections() < self.nr_conns and not self._was_deferred_long_enough():
            return
        self._deferred_since = None
        super().accept(listener)
        record_connections(self, self.nr_conns)

    def notify(self) -> None:
        """Send the arbiter a heartbeat now and then, and publish how many connections this worker has."""
        now = time.monotonic()
        if now - self._notified_at > _SECONDS_BETWEEN_HEARTBEATS:
            self._notified_at = now
            super().notify()
        record_connections(self, self.nr_conns)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Send the client the problem for an error before or in the application."""
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
            self.log.debug("The client did not wait for the response.")

    def _was_deferred_long_enough(self) -> bool:
        now = time.monotonic()
        if self._deferred_since is None:
            self._deferred_since = now
        return now - self._deferred_since > _MAX_DEFERRAL_SECONDS


def _address(client: Any) -> str:
    """The client's address as gunicorn gives it to an application; empty at a Unix socket."""
    return client[0] if isinstance(client, tuple) else ""


def _start_response(
    parts: list[bytes], status: str, headers: list[tuple[str, str]], _error: Any = None
) -> Callable[[bytes], object]:
    parts.append(response_head(status, headers, SERVER))
    return parts.append


def _send_without_waiting(client: socket.socket, response: bytes) -> memoryview:
    """Send as much as possible without blocking; return the rest."""
    try:
        return memoryview(response)[client.send(response) :]
    except OSError:
        return memoryview(response)  # the buffer is full or the connection broken: a thread will find out


def _send_all(client: socket.socket, rest: memoryview) -> bool:
    client.setblocking(True)
    client.sendall(rest)
    return True

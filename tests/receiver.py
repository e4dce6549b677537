"""An agency's server: it takes webhooks, and verifies them with the library Standard Webhooks has for that."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

from standardwebhooks.webhooks import Webhook

SECONDS = 30


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The message, if it is signed with this secret; the library raises otherwise."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass(slots=True)
class Receiver:
    """What came so far, and how the next requests are answered: `statuses` in turn, of which the last stays.

    While `held` is set, requests arrive and are not answered.
    """

    port: int = 0
    statuses: list[int] = field(default_factory=lambda: [204])
    answer_headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.released.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.received]

    @property
    def messages(self) -> list[Any]:
        return [json.loads(each.body) for each in self.received]

    def hold(self) -> None:
        """Leave requests unanswered from now on."""
        self.released.clear()

    def take(self, request: Received) -> int:
        self.received.append(request)
        self.arrived.set()
        assert self.released.wait(SECONDS)
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


Respond = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def receiving(context: SSLContext | None = None, respond: Respond | None = None) -> Iterator[Receiver]:
    """A receiver while the test runs; with a context it speaks TLS. `respond` answers in place of it."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(Received(self.path, headers, body))
            if respond is not None:
                respond(self)
                return
            self.send_response(status)
            for name, value in receiver.answer_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that hangs up, or is killed, is what some tests are about."""

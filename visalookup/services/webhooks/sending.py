"""Send one message over HTTPS to an address that a third party chose.

The name is resolved once, all its addresses must be public, and the connection goes to one of them, so a name that
resolves differently a moment later (DNS rebinding) has no effect. Redirects are not followed. One deadline covers the
whole exchange, so a slow receiver cannot block us, however slowly its bytes drip.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Timer

from visalookup.domain.webhooks.addresses import Target, check_address, target_of
from visalookup.domain.webhooks.subscription import DeliveryResponse, WebhookRefused

CONNECT_TIMEOUT_SECONDS = 5.0
TOTAL_TIMEOUT_SECONDS = 20.0
MAX_RESPONSE_BYTES = 4096
"""How much of the response is read and discarded: only its status matters."""
MAX_ADDRESSES = 3
"""How many addresses of a name are tried."""

USER_AGENT = "Visa-Lookup-Webhooks/1"

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host; raise OSError if there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends messages. `allow_loopback` is for trials on one machine."""

    allow_loopback: bool = False
    resolve: Resolve = resolve
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    total_timeout: float = TOTAL_TIMEOUT_SECONDS

    def check(self, url: str) -> Target:
        """Return the target of the URL; raise WebhookRefused for one that is not allowed."""
        target = target_of(url, allow_loopback=self.allow_loopback)
        self._addresses(target)
        return target

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryResponse:
        """Send a message and return the result; failures on the way are part of it and not raised."""
        try:
            target = target_of(url, allow_loopback=self.allow_loopback)
            return DeliveryResponse(self._exchange(target, self._connect(target), headers, body))
        except WebhookRefused as error:
            return DeliveryResponse(None, str(error))
        except TimeoutError:
            return DeliveryResponse(None, "The receiver did not answer in time.")
        except ssl.SSLError as error:
            return DeliveryResponse(None, f"TLS failed: {error.reason or type(error).__name__}.")
        except (OSError, HTTPException) as error:
            return DeliveryResponse(None, f"The connection failed: {type(error).__name__}.")

    def _addresses(self, target: Target) -> list[str]:
        """Return the addresses of the host; raise WebhookRefused unless all of them are public."""
        try:
            found = self.resolve(target.host, target.port)
        except (OSError, UnicodeError):
            raise WebhookRefused(
                f"The name {target.host} cannot be resolved; use one that is in the public DNS."
            ) from None
        for address in found:
            check_address(target, address, allow_loopback=self.allow_loopback)
        return found

    def _connect(self, target: Target) -> socket.socket:
        """Connect to a checked address; raise OSError if none answers."""
        failure = OSError("no address")
        for address in self._addresses(target)[:MAX_ADDRESSES]:
            try:
                return socket.create_connection((address, target.port), CONNECT_TIMEOUT_SECONDS)
            except OSError as error:
                failure = error
        raise failure

    def _exchange(self, target: Target, plain: socket.socket, headers: Mapping[str, str], body: bytes) -> int:
        """Send the request, and return the status of the response."""
        connection = self._wrap(target, plain)
        deadline = Deadline(connection, self.total_timeout)
        http = HTTPConnection(target.host, target.port)
        http.sock = connection
        try:
            with deadline:
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                http.request("POST", target.path, body, {"Host": target.host_header, **_DEFAULT_HEADERS, **headers})
                response = http.getresponse()
                response.read(MAX_RESPONSE_BYTES)
                return response.status
        except (OSError, HTTPException):
            if deadline.has_expired:
                raise TimeoutError from None
            raise
        finally:
            connection.close()

    def _wrap(self, target: Target, plain: socket.socket) -> socket.socket:
        plain.settimeout(self.total_timeout)
        if not target.is_tls:
            return plain
        return self.context.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)


_DEFAULT_HEADERS = {"Content-Type": "application/json", "User-Agent": USER_AGENT, "Connection": "close"}


class Deadline:
    """Shuts a connection down after `seconds`, whatever it is waiting for."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._timer = Timer(seconds, self._expire)
        self._timer.daemon = True
        self.has_expired = False

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _expire(self) -> None:
        self.has_expired = True
        try:
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)
        except OSError:
            return  # it was closed in the same moment

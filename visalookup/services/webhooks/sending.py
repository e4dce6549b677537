"""Sending one message over HTTPS to an address that somebody else chose.

The name is resolved once, every address it has must be public, and the connection goes to that very address: a
name that resolves differently a moment later (DNS rebinding) changes nothing. Redirections are not followed. No
receiver can hold us up: one deadline stands over the whole exchange, however slowly bytes drip.
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
"""Bytes of the answer that are read, and thrown away: only the status tells us anything."""
MAX_ADDRESSES = 3
"""So many addresses of a name are tried."""

USER_AGENT = "Visa-Lookup-Webhooks/1"

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host; raise OSError where there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends messages. `allow_loopback` is for trying things out on one machine."""

    allow_loopback: bool = False
    resolve: Resolve = resolve
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    total_timeout: float = TOTAL_TIMEOUT_SECONDS

    def check(self, url: str) -> Target:
        """Where the URL leads; raise WebhookRefused where no webhook may lead."""
        target = target_of(url, allow_loopback=self.allow_loopback)
        self._addresses(target)
        return target

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryResponse:
        """Send a message, and say what came of it; nothing that goes wrong on the way is raised."""
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
        """The addresses of the host, all of them public; raise WebhookRefused otherwise."""
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
        """A connection to an address that was checked; raise OSError where none answers."""
        failure = OSError("no address")
        for address in self._addresses(target)[:MAX_ADDRESSES]:
            try:
                return socket.create_connection((address, target.port), CONNECT_TIMEOUT_SECONDS)
            except OSError as error:
                failure = error
        raise failure

    def _exchange(self, target: Target, plain: socket.socket, headers: Mapping[str, str], body: bytes) -> int:
        """The status with which the receiver answers."""
        connection = self._wrapped(target, plain)
        deadline = Deadline(connection, self.total_timeout)
        http = HTTPConnection(target.host, target.port)
        http.sock = connection
        try:
            with deadline:
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                http.request("POST", target.path, body, {"Host": target.host_header, **_OURS, **headers})
                response = http.getresponse()
                response.read(MAX_RESPONSE_BYTES)
                return response.status
        except (OSError, HTTPException):
            if deadline.has_passed:
                raise TimeoutError from None
            raise
        finally:
            connection.close()

    def _wrapped(self, target: Target, plain: socket.socket) -> socket.socket:
        plain.settimeout(self.total_timeout)
        if not target.is_tls:
            return plain
        return self.context.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)


_OURS = {"Content-Type": "application/json", "User-Agent": USER_AGENT, "Connection": "close"}


class Deadline:
    """Cuts a connection off after so many seconds, whatever it is waiting for."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._timer = Timer(seconds, self._pass)
        self._timer.daemon = True
        self.has_passed = False

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _pass(self) -> None:
        self.has_passed = True
        try:
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)
        except OSError:
            return  # it was closed in the same moment

"""Parse the heads of plain HTTP/1.1 requests, and write the heads of responses (RFC 9112).

Only unambiguous requests are parsed here: few, short lines of plain ASCII, no body, no repeated header. All others are
left to the server's own parser, which is strict about errors and supports rare features.
"""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_HEAD_BYTES = 4096
_HEAD = re.compile(
    rb"GET (/[A-Za-z0-9_.-][A-Za-z0-9/_.-]*)(?:\?([A-Za-z0-9&=_.,:-]*))? HTTP/1\.1\r\n"
    rb"((?:[A-Za-z][A-Za-z0-9-]*:[\t -~]*\r\n){1,50})\r\n"
)
_LEFT_TO_SERVER = frozenset(
    {
        "HTTP_CONTENT_LENGTH",
        "HTTP_CONTENT_TYPE",
        "HTTP_EXPECT",
        "HTTP_HTTP2_SETTINGS",
        "HTTP_TE",
        "HTTP_TRAILER",
        "HTTP_TRANSFER_ENCODING",
        "HTTP_UPGRADE",
        "HTTP_X_FORWARDED_PROTOCOL",
        "HTTP_X_FORWARDED_SSL",
    }
)
"""With these, a body or another protocol may follow, or they may contradict another header."""


def parse_environ(head: bytes, address: str) -> WSGIEnvironment | None:
    """Parse a request into a WSGI environment (PEP 3333) without server keys; None if it is not plain."""
    found = _HEAD.fullmatch(head)
    if found is None:
        return None
    path, query, lines = found.groups(b"")
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode(),
        "QUERY_STRING": query.decode(),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address,
    }
    predefined = len(environ)
    fields = lines.decode().split("\r\n")
    for field in fields[:-1]:
        name, _, value = field.partition(":")
        environ[_environ_key(name)] = value.strip(" \t")
    is_plain = len(environ) - predefined == len(fields) - 1 and _LEFT_TO_SERVER.isdisjoint(environ)
    return environ if is_plain and _is_kept_alive(environ) else None


def response_head(status: str, headers: list[tuple[str, str]], server: str) -> bytes:
    """Write the head of a response after which the connection is kept open."""
    lines = [f"{name}: {value}\r\n" for name, value in headers]
    return (
        f"HTTP/1.1 {status}\r\nServer: {server}\r\nDate: {_date(int(time.time()))}\r\n"
        f"Connection: keep-alive\r\n{''.join(lines)}\r\n"
    ).encode("latin-1")


@lru_cache(maxsize=256)
def _environ_key(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def _is_kept_alive(environ: WSGIEnvironment) -> bool:
    connection = environ.get("HTTP_CONNECTION")
    return connection is None or connection.lower() == "keep-alive"


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)

"""A plain head is read as gunicorn's own parser reads it, and that of a response written as gunicorn writes it."""

from __future__ import annotations

from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from gunicorn.http.wsgi import Response, create
from hypothesis import given, settings
from hypothesis import strategies as st

from visalookup.serving.plain_heads import parse_environ, response_head

CLIENT = ("192.0.2.1", 4711)
PLAIN = b"GET /api/v1/requirements?passport=KAZ&destination=ISR HTTP/1.1\r\nHost: localhost\r\n\r\n"


def with_field(line: bytes) -> bytes:
    return PLAIN.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n")


CONFIG = Config()
"""Gunicorn's own defaults; it takes longer to make than a head to read."""


def read_by_gunicorn(head: bytes) -> tuple[Request, dict[str, Any]]:
    request = Request(CONFIG, IterUnreader(iter([head])), CLIENT)
    _, environ = create(request, None, CLIENT, ("127.0.0.1", "8000"), CONFIG)
    return request, environ


PADDED_VALUES = [
    (before, value, after)
    for before in (b"", b" ", b"\t ")
    for value in (b"keep-alive", b"Keep-Alive")
    for after in (b"", b" ", b" \t")
]
TAME_FIELDS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *(b"Host", b"Connection", b"Accept", b"Authorization", b"If-None-Match", b"X-Request-Id"),
                *(b"User-Agent", b"X-Forwarded-For", b"X-Forwarded-Proto", b"Range", b"ORIGIN", b"cookie"),
            )
        ),
        st.sampled_from(PADDED_VALUES),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda field: field[0],
)
TAME_VALUES = {
    b"Host": b"localhost:8000",
    b"X-Forwarded-For": b"192.0.2.7, 192.0.2.8",
    b"X-Forwarded-Proto": b"https",
}
TAME_HEADS = st.builds(
    lambda target, fields: b"\r\n".join(
        [
            b"GET " + target + b" HTTP/1.1",
            *(name + b":" + before + TAME_VALUES.get(name, value) + after for name, (before, value, after) in fields),
            b"\r\n",
        ]
    ),
    st.sampled_from((b"/a", b"/a/b", b"/a/b?c=d", b"/a?", b"/a?b=c&d=e:f,g.h", b"/a//b/../c")),
    TAME_FIELDS,
)
ODD = st.sampled_from(
    (
        *(b"\r\n%s\r\n" % line for line in (b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Expect: x")),
        *(b"\r\n%s\r\n" % line for line in (b"Connection: close", b"X_Request_Id: 1", b"Host: b", b" folded: x")),
        *(b"\r\n%s\r\n" % line for line in (b"Script_Name: /a", b"X-Forwarded-Ssl: on", b"Bad Name: x", b": x")),
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b" ",
            b"\t",
            b"\x00",
            b"\x7f",
            b"\xe9",
            b":",
            b"_",
            b"#",
            b"%20",
            b"//",
            b"?",
            b"HTTP/1.0",
        ),
    )
)


def changed(head: bytes, at: float, odd: bytes, instead_of: int) -> bytes:
    """With something odd put in, at the end of a line if it is a line."""
    place = int(at * len(head))
    if odd.endswith(b"\r\n") and len(odd) > 2:
        place = head.index(b"\r\n", min(place, len(head) - 4))
        return head[:place] + odd + head[place + 2 :]
    return head[:place] + odd + head[place + instead_of :]


HEADS = st.one_of(
    TAME_HEADS, st.builds(changed, TAME_HEADS, st.floats(0, 1), ODD, st.integers(0, 2)), st.binary(max_size=40)
)


@given(head=TAME_HEADS)
def test_what_is_tame_is_plain(head: bytes) -> None:
    assert parse_environ(head, CLIENT[0]) is not None


@settings(max_examples=2_100, deadline=None)
@given(head=HEADS)
def test_what_is_plain_is_read_as_gunicorn_reads_it_and_what_gunicorn_refuses_is_not_plain(head: bytes) -> None:
    found = parse_environ(head, CLIENT[0])
    if found is None:
        return
    request, environ = read_by_gunicorn(head)
    assert {name: environ[name] for name in found} == found
    assert {name for name in environ if name.startswith(("HTTP_", "CONTENT_"))} <= set(found)
    assert not request.should_close()
    assert request.body.read() == b""


@pytest.mark.parametrize(
    ("head", "is_plain"),
    [
        (PLAIN, True),
        (with_field(b"Connection: keep-alive"), True),
        (with_field(b"Accept: */*\r\nUser-Agent: curl/8.0 (x; y)\r\nX-Forwarded-For: 192.0.2.7"), True),
        (b"", False),
        (PLAIN[:-1], False),
        (PLAIN + PLAIN, False),
        (PLAIN + b"more", False),
        (PLAIN.replace(b"GET", b"POST"), False),
        (PLAIN.replace(b"1.1", b"1.0"), False),
        (PLAIN.replace(b"\r\n", b"\n"), False),
        (with_field(b"Connection: close"), False),
        (with_field(b"Host: another"), False),
        (with_field(b"Content-Length: 5"), False),
        (with_field(b"transfer-encoding: chunked"), False),
        (with_field(b"transfer-encoding : chunked"), False),
        (with_field(b"Expect: 100-continue"), False),
        (with_field(b"Upgrade: h2c"), False),
        (with_field(b"X_Request_Id: 12345678"), False),
        (with_field(b"X-Request-Id: a\x00b"), False),
        (with_field("X-Name: é".encode("latin-1")), False),
        (with_field(b" folded: x"), False),
        (with_field(b"\r\n".join(b"X-%d: x" % number for number in range(51))), False),
    ],
)
def test_what_is_plain(head: bytes, is_plain: bool) -> None:
    assert (parse_environ(head, CLIENT[0]) is not None) == is_plain


def test_a_response_begins_as_gunicorn_begins_it() -> None:
    headers = [("Content-Type", "application/json"), ("Content-Length", "2"), ("ETag", '"x"')]
    for status in ("200 OK", "304 NOT MODIFIED"):
        request, _ = read_by_gunicorn(PLAIN)
        response = Response(request, None, CONFIG)
        response.start_response(status, headers)
        lines = [*response.default_headers(), *(f"{name}: {value}\r\n" for name, value in response.headers)]
        written = response_head(status, headers, response.version)
        assert without_date(written) == without_date("".join([*lines, "\r\n"]).encode())
        assert b"\r\nDate: " in written


def without_date(head: bytes) -> list[bytes]:
    return [line for line in head.split(b"\r\n") if not line.startswith(b"Date: ")]

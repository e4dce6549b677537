"""What the server's parser refuses is told as a problem, like all else, and says what to do."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving import prompt_app
from tests.serving.server import Service, serving
from visalookup.http.problems import KNOWN_PROBLEMS

HOST = b"Host: localhost\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    log = tmp_path_factory.mktemp("refusals") / "log"
    with serving("", log, workers=1, served=prompt_app.SERVED) as service:
        yield service


def told(service: Service, sent: bytes) -> tuple[list[str], dict[str, Any]]:
    """The lines of the head of the response, after which the connection ends, and the problem."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
        client.sendall(sent)
        received = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    return head.decode().split("\r\n"), json.loads(body)


@pytest.mark.parametrize(
    ("sent", "status", "advice"),
    [
        (b"GET /" + b"x" * 8_190 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "at most 8,190"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X-Y: z\r\n" * 101 + b"\r\n", 431, "at most 100"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X-Y: " + b"z" * 9_000 + b"\r\n\r\n", 431, "8,190"),
        (b"GET / HTTP/9.1\r\n" + HOST + b"\r\n", 400, "HTTP/1.1"),
        (b"g(t / HTTP/1.1\r\n" + HOST + b"\r\n", 400, "GET"),
        (b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "percent-encode"),
        (b"nonsense\r\n\r\n", 400, "METHOD /path HTTP/1.1"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, "METHOD /path HTTP/1.1"),
        (b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400, "each name once"),
        (b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n", 400, "Name: value"),
        (b"GET / HTTP/1.1\r\n" + HOST + b" folded\r\n\r\n", 400, "Name: value"),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: wrapped\r\n\r\n", 501, "chunked"),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Expect: wonders\r\nContent-Length: 1\r\n\r\n", 417, "100-continue"),
    ],
)
def test_what_is_refused_is_a_problem_that_says_what_to_do(
    service: Service, sent: bytes, status: int, advice: str
) -> None:
    lines, problem = told(service, sent)
    assert lines[0].startswith(f"HTTP/1.1 {status} ")
    assert {"Connection: close", "Content-Type: application/problem+json", "Cache-Control: no-store"} <= set(lines)
    assert problem["status"] == status
    assert advice in problem["detail"]
    assert problem["type"] in {f"/docs/errors#{each.name}" for each in KNOWN_PROBLEMS}
    assert service.get("/3").status == 200


def test_a_fault_is_told_without_its_text_and_logged_with_it(service: Service) -> None:
    lines, problem = told(service, b"GET /fault HTTP/1.1\r\n" + HOST + b"\r\n")
    assert lines[0] == "HTTP/1.1 500 Internal Server Error"
    assert problem["type"] == "/docs/errors#internal-error"
    assert "a fault" not in json.dumps(problem)
    assert "RuntimeError: a fault of the application" in service.log.read_text()

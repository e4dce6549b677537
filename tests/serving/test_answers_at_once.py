"""What is at hand is answered in the worker's main loop; whatever could make it wait goes to the threads."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.serving.server import Service, serving
from visalookup.balanced_worker import BalancedThreadWorker

ASKED = b"GET /api/v1/requirements?passport=KAZ&destination=ISR HTTP/1.1\r\nHost: localhost\r\n\r\n"
PAGE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def service(loaded_sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(loaded_sqlite_url, tmp_path_factory.mktemp("at_once") / "log", workers=1) as service:
        yield service


@pytest.fixture
def client(service: Service) -> Iterator[socket.socket]:
    """A connection whose first request, which a thread answers, is over."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
        client.sendall(ASKED)
        assert status_of(client) == 200
        yield client


def status_of(client: socket.socket) -> int:
    """The status of the next response; its body is read, and nothing after it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += received(client, 1)
    lines = head.decode().split("\r\n")
    (length,) = (line.split(":")[1] for line in lines if line.lower().startswith("content-length:"))
    received(client, int(length))
    return int(lines[0].split()[1])


def received(client: socket.socket, size: int) -> bytes:
    found = client.recv(size, socket.MSG_WAITALL)
    assert len(found) == size, "the connection was closed"
    return found


def test_one_question_after_the_other_on_one_connection(client: socket.socket) -> None:
    for _ in range(50):
        client.sendall(ASKED)
        assert status_of(client) == 200
        client.sendall(PAGE)
        assert status_of(client) == 200


def test_a_question_that_comes_in_pieces(client: socket.socket) -> None:
    for cut in (1, 10, len(ASKED) - 2):
        client.sendall(ASKED[:cut])
        client.sendall(ASKED[cut:])
        assert status_of(client) == 200


def test_questions_that_come_several_at_a_time(client: socket.socket) -> None:
    client.sendall(ASKED * 20 + PAGE + ASKED)
    assert [status_of(client) for _ in range(22)] == [200] * 22


def test_a_connection_is_closed_when_the_client_wants_it(client: socket.socket) -> None:
    client.sendall(ASKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert status_of(client) == 200
    assert client.recv(1) == b""


def test_a_client_that_goes_away_harms_nobody(service: Service, client: socket.socket) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as leaving:
            leaving.sendall(ASKED)
            assert status_of(leaving) == 200
            leaving.sendall(ASKED)
    client.sendall(ASKED)
    assert status_of(client) == 200


def test_clients_that_do_not_read_their_answers_hold_up_nobody(service: Service, client: socket.socket) -> None:
    """So many that they take every thread, and each asks for far more than fits into the buffers on the way."""
    idle = []
    for _ in range(3):  # one thread fewer than there are
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", service.port))
        deaf.sendall(ASKED)
        assert status_of(deaf) == 200
        deaf.setblocking(False)
        sent = 0
        while sent < 400:
            try:
                deaf.send(ASKED)
            except BlockingIOError:
                break
            sent += 1
        idle.append(deaf)
    for _ in range(100):
        client.sendall(ASKED)
        assert status_of(client) == 200
    for each in idle:
        each.close()


def test_a_worker_that_is_told_to_stop_answers_what_it_was_asked(loaded_sqlite_url: str, tmp_path: Path) -> None:
    with (
        serving(loaded_sqlite_url, tmp_path / "log", workers=1) as service,
        socket.create_connection(("127.0.0.1", service.port), timeout=10) as client,
    ):
        client.sendall(ASKED)
        assert status_of(client) == 200
        os.kill(service.process.pid, signal.SIGTERM)
        client.sendall(ASKED)
        assert status_of(client) == 200
        assert client.recv(1) == b""


class Worker(BalancedThreadWorker):
    """Only its judgement, without a server."""

    def __init__(self) -> None:
        self.cfg = SimpleNamespace(is_ssl=False)


@pytest.mark.parametrize(
    ("sent", "here"),
    [
        (ASKED, True),
        (ASKED.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n"), True),
        (b"", False),
        (ASKED[:-1], False),
        (ASKED + ASKED, False),
        (ASKED + b"more", False),
        (ASKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n"), False),
        (ASKED.replace(b"\r\n\r\n", b"\r\ntransfer-encoding : chunked\r\n\r\n"), False),
        (ASKED.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"), False),
        (ASKED.replace(b"\r\n\r\n", b"\r\nUpgrade: h2c\r\n\r\n"), False),
        (ASKED.replace(b"\r\n\r\n", b"\r\nX-Filling: " + b"x" * 5000 + b"\r\n\r\n"), False),
    ],
)
def test_only_a_whole_request_without_a_body_is_answered_in_the_loop(sent: bytes, here: bool) -> None:
    parser = SimpleNamespace(unreader=SimpleNamespace(buf=SimpleNamespace(tell=lambda: 0)))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        accepted, address = listener.accept()
        with client, accepted:
            if sent:
                client.sendall(sent)
                accepted.recv(len(sent), socket.MSG_PEEK | socket.MSG_WAITALL)
            conn: Any = SimpleNamespace(sock=accepted, client=address, is_http2=False, parser=parser)
            assert Worker()._can_answer_here(conn, lambda head, _address: head == sent) is here
            assert not Worker()._can_answer_here(conn, lambda *_: False)

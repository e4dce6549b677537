"""What is at hand is answered in the worker's main loop; whatever could make it wait goes to the threads."""

from __future__ import annotations

import itertools
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.serving import prompt_app
from tests.serving.server import Service, serving

ASKED = b"GET /api/v1/requirements?passport=KAZ&destination=ISR HTTP/1.1\r\nHost: localhost\r\n\r\n"
COUNTED = (b"Date: ", b"RateLimit-Remaining: ", b"RateLimit-Reset: ")
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
    lines, _ = response_of(client)
    return int(lines[0].split()[1])


def response_of(client: socket.socket) -> tuple[list[bytes], bytes]:
    """The lines of the next response's head, and its body."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen = client.recv(65_536, socket.MSG_PEEK)
        assert seen, "the connection was closed"
    lines = received(client, seen.index(b"\r\n\r\n") + 4).split(b"\r\n")
    lengths = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]
    return lines, received(client, sum(lengths))


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


@pytest.fixture(scope="module")
def prompt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Another application, that tells who answered."""
    with serving("", tmp_path_factory.mktemp("prompt") / "log", workers=1, served=prompt_app.SERVED) as service:
        yield service


def asked(client: HTTPConnection, path: str, **headers: str) -> tuple[int, bytes]:
    client.request("GET", path, headers=headers)
    response = client.getresponse()
    return response.status, response.read()


@contextmanager
def connected(service: Service) -> Iterator[HTTPConnection]:
    """A connection whose first request, which a thread answers, is over."""
    with closing(HTTPConnection("127.0.0.1", service.port, timeout=30)) as client:
        assert asked(client, "/1") == (200, b"a thread")
        yield client


def test_a_connection_that_is_kept_is_answered_in_the_loop(prompt: Service) -> None:
    with connected(prompt) as client:
        assert asked(client, "/3") == (200, b"xxx")
        assert asked(client, "/declined") == (200, b"a thread")
        assert asked(client, "/3", TE="trailers") == (200, b"a thread")
        assert asked(client, "/0") == (200, b"")
        assert asked(client, "/4") == (200, b"xxxx")


def test_an_answer_that_does_not_fit_is_sent_whole_by_a_thread(prompt: Service) -> None:
    many = 20_000_000
    with connected(prompt) as waiting, connected(prompt) as other:
        waiting.request("GET", f"/{many}")
        assert asked(other, "/2") == (200, b"xx")
        response = waiting.getresponse()
        assert response.read() == b"x" * many
        assert asked(waiting, "/2") == (200, b"xx")


def test_a_client_that_leaves_amid_a_large_answer_harms_nobody(prompt: Service) -> None:
    for _ in range(8):  # more than there are threads
        with connected(prompt) as leaving:
            leaving.request("GET", "/20000000")
    with connected(prompt) as client:
        assert asked(client, "/2") == (200, b"xx")


def test_a_fault_is_told_and_does_not_end_the_worker(prompt: Service) -> None:
    with connected(prompt) as other:
        with connected(prompt) as client:
            status, body = asked(client, "/fault")
        assert (status, b"a fault" in body) == (500, False)
        assert asked(other, "/2") == (200, b"xx")
    assert "a fault of the application" in prompt.log.read_text()


def test_at_a_socket_of_the_file_system_too(tmp_path: Path) -> None:
    """There a client has no address."""
    path = tmp_path / "socket"
    with (
        serving("", tmp_path / "log", workers=1, served=prompt_app.SERVED, also_at=path),
        socket.socket(socket.AF_UNIX) as client,
    ):
        client.connect(str(path))
        for answered in (b"a thread", b"x", b"x"):
            client.sendall(b"GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert response_of(client)[1] == answered


def test_the_loop_and_the_threads_answer_to_the_byte_alike(service: Service) -> None:
    """Two thousand questions, plain and not, each on one connection: as it is, and so that a thread gets it."""
    codes = [each["code"] for each in service.get("/api/v1/places").json["places"]]
    pairs = itertools.product(codes[::5], codes[::4])
    more = itertools.cycle(("", "&on=2027-02-03", "&document=diplomatic", "&on=nonsense", "&stay_days=400"))
    headers = itertools.cycle((b"", b'If-None-Match: "x"\r\n', b"Accept-Encoding: gzip, br\r\nAccept: */*\r\n"))
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
        for (passport, destination), rest, sent in zip(itertools.islice(pairs, 2_000), more, headers, strict=False):
            line = f"GET /api/v1/requirements?passport={passport}&destination={destination}{rest} HTTP/1.1\r\n"
            fields = b"Host: localhost\r\nX-Request-Id: agency-00000001\r\n" + sent
            etag = held_out(client, line.encode() + fields)
            if etag and not sent:
                held_out(client, line.encode() + fields + b"If-None-Match: " + etag + b"\r\n")


def held_out(client: socket.socket, head: bytes) -> bytes | None:
    """Ask both ways and compare all but what counts down; the ETag."""
    found = []
    for last in (b"\r\n", b"TE: trailers\r\n\r\n"):
        client.sendall(head + last)
        found.append(response_of(client))
    one, other = ([line for line in sorted(lines) if not line.startswith(COUNTED)] for lines, _ in found)
    assert one == other
    assert found[0][1] == found[1][1]
    return next((line.removeprefix(b"ETag: ") for line in one if line.startswith(b"ETag: ")), None)

"""Sending to servers that somebody else chose: real ones on this machine, of all kinds of bad manners."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.receiver import Receiver, receiving
from visalookup.services.webhooks.sending import Sender

NAME = "hooks.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that a host signed for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(private)
    return folder / "certificate.pem", folder / "key.pem"


def of_tls(folder: Path, name: str, asked: list[str | None]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of this name speaks TLS with, and what trusts it; `asked` learns the names it is called by."""
    chain, key = certificate(folder, name)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    server.sni_callback = lambda _socket, called, _context: asked.append(called)
    return server, ssl.create_default_context(cafile=str(chain))


def here(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def test_the_message_arrives_as_it_was_sent(receiver: Receiver) -> None:
    response = Sender(allow_loopback=True).post(f"{receiver.url}?a=1", {"webhook-id": "msg_1"}, b'{"a": 1}')
    assert (response.status, response.fault, response.is_accepted) == (204, None, True)
    (request,) = receiver.received
    assert (request.path, request.body, request.id) == ("/hook?a=1", b'{"a": 1}', "msg_1")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_over_tls_the_name_is_asked_for_and_checked_though_we_connect_to_its_address(tmp_path: Path) -> None:
    asked: list[str | None] = []
    server, trusting = of_tls(tmp_path, NAME, asked)
    with receiving(server) as receiver:
        sender = Sender(allow_loopback=True, resolve=here, context=trusting)
        response = sender.post(f"https://{NAME}:{receiver.port}/hook", {}, b"{}")
        assert (response.status, response.fault) == (204, None)
        assert asked == [NAME]
        assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    server, trusting = of_tls(tmp_path, "other.example", [])
    with receiving(server) as receiver:
        sender = Sender(allow_loopback=True, resolve=here, context=trusting)
        response = sender.post(f"https://{NAME}:{receiver.port}/hook", {}, b"{}")
        assert response.status is None
        assert response.fault == "TLS failed: CERTIFICATE_VERIFY_FAILED."
        assert receiver.received == []


def test_a_name_is_resolved_once_so_that_it_cannot_lead_elsewhere_between_check_and_call(
    receiver: Receiver,
) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    sender = Sender(allow_loopback=True, resolve=lambda _host, _port: answers.pop(0))
    assert sender.post(f"http://{NAME}:{receiver.port}/", {}, b"").status == 204
    assert answers == [["10.0.0.1"]]
    assert "is at 10.0.0.1" in str(sender.post(f"http://{NAME}:{receiver.port}/", {}, b"").fault)
    assert len(receiver.received) == 1


def test_no_redirection_is_followed(receiver: Receiver) -> None:
    with receiving() as inner:
        receiver.statuses = [307]
        receiver.answer_headers = {"Location": inner.url}
        assert Sender(allow_loopback=True).post(receiver.url, {}, b"").status == 307
        assert inner.received == []


def test_without_leave_nothing_is_sent_to_this_machine(receiver: Receiver) -> None:
    for url in (receiver.url, receiver.url.replace("http:", "https:")):
        response = Sender().post(url, {}, b"")
        assert response.status is None
        assert response.fault
    assert receiver.received == []


def silence(handler: BaseHTTPRequestHandler) -> None:
    handler.rfile.read(1)  # returns when the other side hangs up


def flood(handler: BaseHTTPRequestHandler) -> None:
    """An answer without end."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b"x" * 65536)


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\xff\r\n\r\n")


def test_who_never_answers_is_given_up() -> None:
    with receiving(respond=silence) as receiver:
        response = Sender(allow_loopback=True, total_timeout=0.2).post(receiver.url, {}, b"")
    assert (response.status, response.fault) == (None, "The receiver did not answer in time.")


def test_who_answers_a_byte_at_a_time_is_given_up_all_the_same() -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            while True:
                handler.wfile.write(b"H")

    with receiving(respond=slowly) as receiver:
        response = Sender(allow_loopback=True, total_timeout=0.2).post(receiver.url, {}, b"")
    assert response.status is None
    assert response.fault in ("The receiver did not answer in time.", "The connection failed: LineTooLong.")


def test_of_an_answer_without_end_a_little_is_read_and_its_status_counts() -> None:
    with receiving(respond=flood) as receiver:
        assert Sender(allow_loopback=True).post(receiver.url, {}, b"").status == 200


def test_what_is_no_http_is_a_fault_like_any_other() -> None:
    with receiving(respond=nonsense) as receiver:
        response = Sender(allow_loopback=True).post(receiver.url, {}, b"")
    assert (response.status, response.fault) == (None, "The connection failed: BadStatusLine.")


def test_who_does_not_listen_is_a_fault_like_any_other() -> None:
    with receiving() as receiver:
        url = receiver.url
    response = Sender(allow_loopback=True).post(url, {}, b"")
    assert (response.status, response.fault) == (None, "The connection failed: ConnectionRefusedError.")


def test_where_the_first_address_does_not_answer_the_next_is_tried(receiver: Receiver) -> None:
    sender = Sender(allow_loopback=True, resolve=lambda _host, _port: ["::1", "127.0.0.1"])
    assert sender.post(f"http://{NAME}:{receiver.port}/", {}, b"").status == 204

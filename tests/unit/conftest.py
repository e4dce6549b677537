"""Unit tests need neither a database nor a network; a test that reaches for one fails at once."""

from __future__ import annotations

import socket
from typing import NoReturn

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        pytest.fail("A unit test reached for the network.")

    monkeypatch.setattr(socket.socket, "connect", refuse)

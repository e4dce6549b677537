"""The example that agencies copy: it accepts what we sign, and nothing else."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from tests.conftest import MORNING
from visalookup.config import ROOT
from visalookup.domain.webhooks.signatures import secret_of, signed_headers

SECRET, FORMER = secret_of(b"a" * 32), secret_of(b"b" * 32)
BODY = b'{"type": "visa.changed"}'
NOW = MORNING.timestamp()


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example", ROOT / "docs" / "examples" / "verify_webhook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_we_sign_is_genuine_by_either_secret(example: ModuleType) -> None:
    headers = signed_headers([SECRET, FORMER], "msg_1", MORNING, BODY)
    assert example.is_genuine(SECRET, headers, BODY, NOW)
    assert example.is_genuine(FORMER, headers, BODY, NOW + 299)


def test_what_was_altered_signed_by_others_or_is_old_is_not(example: ModuleType) -> None:
    headers = signed_headers([SECRET], "msg_1", MORNING, BODY)
    assert not example.is_genuine(SECRET, headers, BODY + b" ", NOW)
    assert not example.is_genuine(FORMER, headers, BODY, NOW)
    assert not example.is_genuine(SECRET, headers, BODY, NOW + 301)
    assert not example.is_genuine(SECRET, headers | {"webhook-id": "msg_2"}, BODY, NOW)

"""What an application keeps, by its type."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import FixedClock
from visalookup.config import Settings
from visalookup.extensions import AppState
from visalookup.services.receipts.keys import receipt_keys_of
from visalookup.telemetry.instrumentation import RequestObserver


class Part:
    """Something of an upper layer."""


@pytest.fixture
def state(tmp_path: Path) -> AppState:
    settings = Settings()
    return AppState(settings, FixedClock(), RequestObserver(settings), receipt_keys_of(tmp_path / "key.pem"))


def test_a_part_is_found_by_its_class(state: AppState) -> None:
    part = Part()
    state.add(part)
    assert state.part(Part) is state.find_part(Part) is part


def test_a_part_that_was_not_added_is_named(state: AppState) -> None:
    assert state.find_part(Part) is None
    with pytest.raises(LookupError, match="without a Part"):
        state.part(Part)


def test_before_there_is_a_json_interface_nothing_is_described(state: AppState) -> None:
    assert state.describe_api() == {}

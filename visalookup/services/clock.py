"""The clock, injected everywhere, so that no answer and no test depends on the day it runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, aware."""


def system_clock() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)

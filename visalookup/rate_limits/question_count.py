"""How many questions were drawn in a minute: counted where processes share it, or here while that is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from limits.storage import MemoryStorage, Storage, storage_from_string

MINUTE = timedelta(minutes=1)
_SECONDS_KEPT = 120
"""A count is forgotten so long after its first question, by the clock of the storage: well after its minute."""
_PATIENCE = {"socket_connect_timeout": 0.25, "socket_timeout": 0.25}
"""Seconds to wait for Redis; after that the process counts by itself until Redis is back."""
_SHORTEST_WAIT, _LONGEST_WAIT = 1.0, 32.0
"""Seconds until a storage that is away is asked again; they double each time."""
log = logging.getLogger(__name__)


class QuestionCount:
    """Counts questions by client and minute of the clock.

    The minute is that of the application's clock, so it ends at the same moment for all processes. The storage only
    adds up, and forgets what is over.
    """

    def __init__(self, storage: Storage, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._shared = storage
        self._own = MemoryStorage()
        self._monotonic = monotonic
        self._ask_again_at = float("-inf")
        self._wait = _SHORTEST_WAIT

    def add(self, client: str, questions: int, now: datetime) -> int:
        """Count questions of a client, and return how many it has drawn in this minute."""
        key = _key(client, now)
        return self._ask(lambda storage: storage.incr(key, _SECONDS_KEPT, questions))

    def drawn(self, client: str, now: datetime) -> int:
        """How many questions a client has drawn in this minute."""
        key = _key(client, now)
        return self._ask(lambda storage: storage.get(key))

    @property
    def is_away(self) -> bool:
        """Whether the shared storage did not answer when it was last asked."""
        return self._wait > _SHORTEST_WAIT

    def _ask(self, question: Callable[[Storage], int]) -> int:
        if self.is_away:
            if self._monotonic() < self._ask_again_at:
                return question(self._own)
            self._wait_longer()  # nobody else is to wait for it meanwhile
        try:
            answer = question(self._shared)
        except self._shared.base_exceptions as error:
            if not self.is_away:
                log.warning("the count of questions does not answer: %s", type(error).__name__)
                self._wait_longer()
            return question(self._own)
        self._wait = _SHORTEST_WAIT
        return answer

    def _wait_longer(self) -> None:
        self._ask_again_at = self._monotonic() + self._wait
        self._wait = min(2 * self._wait, _LONGEST_WAIT)


def count_at(address: str) -> QuestionCount:
    """The count kept at an address, as `RATE_LIMIT_STORAGE` gives it."""
    storage = storage_from_string(address, **(_PATIENCE if address.startswith("redis") else {}))
    assert isinstance(storage, Storage), "an asynchronous storage was asked for"  # noqa: S101
    return QuestionCount(storage)


def end_of_minute(now: datetime) -> datetime:
    """When the minute of the clock in which `now` lies is over."""
    return now.replace(second=0, microsecond=0) + MINUTE


def _key(client: str, now: datetime) -> str:
    return f"questions/{client}/{int(end_of_minute(now).timestamp())}"

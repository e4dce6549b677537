"""Counting questions by the minute of the clock, and while the shared storage is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from limits.errors import StorageError
from limits.storage import MemoryStorage

from visalookup.rate_limits.question_count import QuestionCount, end_of_minute

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Shared(MemoryStorage):
    """A storage that goes away and comes back."""

    is_away = False
    asked = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        return StorageError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        self._answer()
        return super().incr(key, expiry, amount)

    def _answer(self) -> None:
        self.asked += 1
        if self.is_away:
            raise StorageError(OSError("away"))


class Stopwatch:
    """Seconds that pass when they are told to."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_questions_are_counted_by_client_and_minute_of_the_clock() -> None:
    count = QuestionCount(MemoryStorage())
    assert [count.add("a", 3, NINE), count.add("a", 4, NINE + timedelta(seconds=59))] == [3, 7]
    assert count.add("b", 1, NINE) == 1
    assert count.drawn("a", NINE) == 7
    assert count.drawn("a", NINE + timedelta(minutes=1)) == 0


@pytest.mark.parametrize(("second", "microsecond"), [(0, 0), (30, 5), (59, 999_999)])
def test_a_minute_ends_where_the_next_begins(second: int, microsecond: int) -> None:
    assert end_of_minute(NINE.replace(second=second, microsecond=microsecond)) == NINE.replace(minute=1)


def test_while_the_storage_is_away_it_is_asked_at_ever_longer_intervals() -> None:
    shared, watch = Shared(), Stopwatch()
    count = QuestionCount(shared, watch)
    assert count.add("a", 5, NINE) == 5
    shared.is_away = True
    assert count.add("a", 1, NINE) == 1, "the process counts by itself"
    assert count.is_away
    asked_at = []
    for second in range(1, 101):
        watch.seconds, before = float(second), shared.asked
        assert count.add("a", 1, NINE) == second + 1
        asked_at += [second] * (shared.asked - before)
    assert asked_at == [1, 3, 7, 15, 31, 63, 95]


def test_when_the_storage_is_back_what_it_counted_counts_again() -> None:
    shared, watch = Shared(), Stopwatch()
    count = QuestionCount(shared, watch)
    count.add("a", 5, NINE)
    shared.is_away = True
    count.add("a", 1, NINE)
    shared.is_away = False
    assert count.add("a", 1, NINE) == 2, "it is not asked before its time"
    watch.seconds = 1.0
    assert count.add("a", 1, NINE) == 6
    assert not count.is_away

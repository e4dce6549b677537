"""What is counted in several processes is told as one sum."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from visalookup.telemetry.metrics import Counts, RequestMetrics
from visalookup.telemetry.shared_counts import SharedCounts

REQUESTS = st.lists(
    st.tuples(st.sampled_from(("ask", "page")), st.sampled_from((200, 304, 404)), st.sampled_from((0.0, 0.03, 99.0)))
)


def counted(requests: list[tuple[str, int, float]]) -> Counts:
    counts = Counts()
    for each in requests:
        counts.add(*each)
    return counts


@given(one=REQUESTS, other=REQUESTS)
def test_two_processes_count_as_one_would(
    one: list[tuple[str, int, float]], other: list[tuple[str, int, float]]
) -> None:
    together = counted(one)
    together.include(counted(other).as_bytes())
    alone = counted(one + other)
    assert together.answered == alone.answered
    assert together.buckets == alone.buckets
    assert together.seconds == pytest.approx(alone.seconds)


def told(request_metrics: RequestMetrics) -> list[str]:
    registry = CollectorRegistry()
    registry.register(request_metrics)
    return generate_latest(registry).decode().splitlines()


def test_any_process_tells_the_sum_of_all_that_share(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = SharedCounts(places=4, size=4096)
    monkeypatch.setattr("visalookup.telemetry.metrics.SharedCounts", lambda: shared)
    one, other, ended = RequestMetrics(), RequestMetrics(), RequestMetrics()
    for place, request_metrics in enumerate((one, other, ended)):
        request_metrics.share(place)
        request_metrics.record("ask", 200, 0.001)
    other.record("ask", 404, 2.0)
    for request_metrics in (one, other, ended):
        request_metrics.publish()
    for request_metrics in (one, other):
        lines = told(request_metrics)
        assert 'visalookup_requests_total{endpoint="ask",status="200"} 3.0' in lines
        assert 'visalookup_requests_total{endpoint="ask",status="404"} 1.0' in lines
        assert 'visalookup_request_seconds_count{endpoint="ask"} 4.0' in lines


def test_a_process_that_shares_nothing_tells_its_own() -> None:
    request_metrics = RequestMetrics()
    request_metrics.record("ask", 200, 0.001)
    request_metrics.publish()
    assert 'visalookup_requests_total{endpoint="ask",status="200"} 1.0' in told(request_metrics)


def test_a_place_is_used_again_and_what_is_too_large_is_refused() -> None:
    shared = SharedCounts(places=2, size=16)
    shared.write(0, b"first")
    shared.write(2, b"again")
    assert list(shared.read_others(1)) == [b"again"]
    assert list(shared.read_others(2)) == []
    with pytest.raises(ValueError, match="do not fit"):
        shared.write(1, b"x" * 9)


def test_what_is_being_written_is_never_read_in_part() -> None:
    """One place, written over and over with contents of different lengths, and read all the while."""
    shared = SharedCounts(places=2, size=4096)
    contents = [bytes([number]) * (number * 10 + 1) for number in range(200)]
    shared.write(0, contents[0])

    def write() -> None:
        for each in contents * 20:
            shared.write(0, each)

    writing = threading.Thread(target=write)
    writing.start()
    seen: set[bytes] = set()
    while writing.is_alive():
        seen.update(shared.read_others(1))
    writing.join()
    assert seen <= set(contents)


def test_the_counts_of_every_endpoint_and_status_fit_into_a_place() -> None:
    counts = Counts()
    for endpoint in range(200):
        for status in (200, 301, 303, 304, 400, 401, 404, 422, 429, 503):
            counts.add(f"requirements.a_long_name_{endpoint}", status, 0.123456789)
    for buckets in counts.buckets.values():
        buckets[:] = [1_000_000] * len(buckets)
    assert len(counts.as_bytes()) > 60_000
    SharedCounts().write(0, counts.as_bytes())

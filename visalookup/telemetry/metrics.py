"""Counts and timings of requests, recorded cheaply and added up when they are collected.

The counters of prometheus_client take one or two locks per request and search the buckets linearly, which takes longer
than finding the answer. Recording here is one append, which is thread-safe. Workers publish their counts regularly, so
that any of them can report the totals of the service to Prometheus.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from operator import add

import orjson
from prometheus_client import Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from visalookup.telemetry.shared_counts import SharedCounts

_BUCKET_BOUNDS = Histogram.DEFAULT_BUCKETS
_MAX_PENDING = 5_000
"""Pending records are added up at this number at the latest, which limits their memory."""


class Counts:
    """The number of requests by endpoint and status, and their durations by endpoint."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, int]] = Counter()
        self.buckets: dict[str, list[int]] = {}
        self.seconds: dict[str, float] = {}

    def add(self, endpoint: str, status: int, seconds: float) -> None:
        """Count a request."""
        self.answered[endpoint, status] += 1
        buckets = self.buckets.setdefault(endpoint, [0] * len(_BUCKET_BOUNDS))
        buckets[bisect_left(_BUCKET_BOUNDS, seconds)] += 1
        self.seconds[endpoint] = self.seconds.get(endpoint, 0.0) + seconds

    def include(self, content: bytes) -> None:
        """Add the counts of another process, given by its `as_bytes`."""
        answered, times = orjson.loads(content)
        self.answered.update({(endpoint, status): count for endpoint, status, count in answered})
        for endpoint, buckets, seconds in times:
            own = self.buckets.get(endpoint, [0] * len(_BUCKET_BOUNDS))
            self.buckets[endpoint] = list(map(add, own, buckets))
            self.seconds[endpoint] = self.seconds.get(endpoint, 0.0) + seconds

    def as_bytes(self) -> bytes:
        """Serialise the counts for another process."""
        answered = [(endpoint, status, count) for (endpoint, status), count in self.answered.items()]
        times = [(endpoint, buckets, self.seconds[endpoint]) for endpoint, buckets in self.buckets.items()]
        return orjson.dumps((answered, times))

    def metrics(self) -> Iterator[Metric]:
        """Yield the metrics for Prometheus, whose buckets are cumulative."""
        answered = CounterMetricFamily("visalookup_requests", "Requests answered", labels=["endpoint", "status"])
        for (endpoint, status), count in self.answered.items():
            answered.add_metric((endpoint, str(status)), count)
        yield answered
        times = HistogramMetricFamily("visalookup_request_seconds", "Time to answer", labels=["endpoint"])
        for endpoint, counts in self.buckets.items():
            bounds = ["+Inf" if bound == float("inf") else str(bound) for bound in _BUCKET_BOUNDS]
            buckets = list(zip(bounds, map(float, accumulate(counts)), strict=True))
            times.add_metric([endpoint], buckets, self.seconds[endpoint])
        yield times


class RequestMetrics(Collector):
    """The counts of one process, and the totals of all processes that publish theirs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[tuple[str, int, float]] = []
        self._counts = Counts()
        self._shared = SharedCounts()
        self._place: int | None = None

    def record(self, endpoint: str, status: int, seconds: float) -> None:
        """Record an answered request and its duration."""
        pending = self._pending
        pending.append((endpoint, status, seconds))
        if len(pending) >= _MAX_PENDING:
            self._add_up()

    def share(self, place: int) -> None:
        """Start publishing at this place in the shared memory; call `publish` regularly after that."""
        self._place = place
        self.publish()

    def publish(self) -> None:
        """Publish the counts of this process to the others."""
        content = self._add_up()
        if self._place is not None:
            self._shared.write(self._place, content)

    def collect(self) -> Iterator[Metric]:
        """Collect the totals: current for this process, and as last published for the others."""
        total = Counts()
        total.include(self._add_up())
        if self._place is not None:
            for content in self._shared.read_others(self._place):
                total.include(content)
        yield from total.metrics()

    def _add_up(self) -> bytes:
        with self._lock:
            pending, self._pending = self._pending, []
            for endpoint, status, seconds in pending:
                self._counts.add(endpoint, status, seconds)
            return self._counts.as_bytes()

"""Counts and timings of requests, noted in passing and added up when somebody looks.

The counters of prometheus_client take a lock or two for each request and look for the bucket one by one, which
takes longer than to find the answer. What is noted here is one append, which is safe between threads. Workers tell
each other their counts now and then, so that any of them can tell Prometheus those of the service.
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
"""So many are added up at once, at the latest; what was noted takes no more memory than that."""


class Counts:
    """How many requests were answered, with which status and in what time, by endpoint."""

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
        """Add the counts of another process, as `as_bytes` told them."""
        answered, times = orjson.loads(content)
        self.answered.update({(endpoint, status): count for endpoint, status, count in answered})
        for endpoint, buckets, seconds in times:
            mine = self.buckets.get(endpoint, [0] * len(_BUCKET_BOUNDS))
            self.buckets[endpoint] = list(map(add, mine, buckets))
            self.seconds[endpoint] = self.seconds.get(endpoint, 0.0) + seconds

    def as_bytes(self) -> bytes:
        """The counts, for another process."""
        answered = [(endpoint, status, count) for (endpoint, status), count in self.answered.items()]
        times = [(endpoint, buckets, self.seconds[endpoint]) for endpoint, buckets in self.buckets.items()]
        return orjson.dumps((answered, times))

    def metrics(self) -> Iterator[Metric]:
        """What Prometheus is told; it counts a bucket into all that are wider."""
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
    """The counts of one process, and through it of all that share theirs."""

    def __init__(self) -> None:
        self._adding = threading.Lock()
        self._pending: list[tuple[str, int, float]] = []
        self._counts = Counts()
        self._shared = SharedCounts()
        self._place: int | None = None

    def note(self, endpoint: str, status: int, seconds: float) -> None:
        """Note a request that was answered in so many seconds."""
        noted = self._pending
        noted.append((endpoint, status, seconds))
        if len(noted) >= _MAX_PENDING:
            self._add_up()

    def share(self, place: int) -> None:
        """Tell the other processes from now on, at this place, what `publish` then tells again and again."""
        self._place = place
        self.publish()

    def publish(self) -> None:
        """Tell the other processes what was counted in this one."""
        content = self._add_up()
        if self._place is not None:
            self._shared.write(self._place, content)

    def collect(self) -> Iterator[Metric]:
        """What Prometheus is told of all processes: of this one up to now, of the others as they told it last."""
        together = Counts()
        together.include(self._add_up())
        if self._place is not None:
            for content in self._shared.read_others(self._place):
                together.include(content)
        yield from together.metrics()

    def _add_up(self) -> bytes:
        with self._adding:
            noted, self._pending = self._pending, []
            for endpoint, status, seconds in noted:
                self._counts.add(endpoint, status, seconds)
            return self._counts.as_bytes()

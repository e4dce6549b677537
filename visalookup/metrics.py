"""Counts and timings of requests, noted in passing and added up when somebody looks.

The counters of prometheus_client take a lock or two for each request and look for the bucket one by one, which
takes longer than to find the answer. What is noted here is one append, which is safe between threads.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_BOUNDS = Histogram.DEFAULT_BUCKETS
_MOST_NOTED = 5_000
"""So many are added up at once, at the latest; what was noted takes no more memory than that."""


class Tally(Collector):
    """How many requests were answered, and in what time, in one process."""

    def __init__(self) -> None:
        self._adding = threading.Lock()
        self._noted: list[tuple[str, int, float]] = []
        self._answered: dict[tuple[str, str], int] = {}
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def note(self, endpoint: str, status: int, seconds: float) -> None:
        """Note a request that was answered in so many seconds."""
        noted = self._noted
        noted.append((endpoint, status, seconds))
        if len(noted) >= _MOST_NOTED:
            self._add_up()

    def collect(self) -> Iterator[Metric]:
        """What Prometheus is told; it counts a bucket into all that are wider."""
        self._add_up()
        answered = CounterMetricFamily("visalookup_requests", "Requests answered", labels=["endpoint", "status"])
        for labels, count in self._answered.items():
            answered.add_metric(labels, count)
        yield answered
        times = HistogramMetricFamily("visalookup_request_seconds", "Time to answer", labels=["endpoint"])
        for endpoint, counts in self._buckets.items():
            bounds = ["+Inf" if bound == float("inf") else str(bound) for bound in _BOUNDS]
            buckets = list(zip(bounds, map(float, accumulate(counts)), strict=True))
            times.add_metric([endpoint], buckets, self._seconds[endpoint])
        yield times

    def _add_up(self) -> None:
        with self._adding:
            noted, self._noted = self._noted, []
            for endpoint, status, seconds in noted:
                labels = (endpoint, str(status))
                self._answered[labels] = self._answered.get(labels, 0) + 1
                if endpoint not in self._buckets:
                    self._buckets[endpoint] = [0] * len(_BOUNDS)
                    self._seconds[endpoint] = 0.0
                self._buckets[endpoint][bisect_left(_BOUNDS, seconds)] += 1
                self._seconds[endpoint] += seconds

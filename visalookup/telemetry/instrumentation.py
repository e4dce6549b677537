"""Request ids, one log line per request, and metrics."""

from __future__ import annotations

import re
import time
from random import getrandbits

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from visalookup.config import Settings
from visalookup.telemetry.metrics import RequestMetrics
from visalookup.telemetry.request_log import RequestLog, configure_logging

_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


def request_id(given: str | None) -> str:
    """Return the client's request id if it is well formed, or else a new one."""
    if given and _WELL_FORMED_ID.fullmatch(given):
        return given
    return f"{getrandbits(128):032x}"


class RequestObserver:
    """Counts, times and logs all requests of one process, however they are answered."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        self.request_metrics = RequestMetrics()
        self.registry.register(self.request_metrics)
        self.log = RequestLog(settings.log_format)

    def record_request(self, endpoint: str, method: str, path: str, status: int, began: float, id_: str) -> None:
        """Record an answered request; `began` is the value of `time.perf_counter` when it arrived."""
        elapsed = time.perf_counter() - began
        self.request_metrics.record(endpoint, status, elapsed)
        self.log.write(method, path, status, elapsed, id_)


def init_observability(app: Flask, settings: Settings) -> RequestObserver:
    """Give every request an id, time it, count it and log it."""
    configure_logging(settings)
    observer = RequestObserver(settings)

    @app.before_request
    def begin() -> None:
        g.request_id = request_id(request.headers.get("X-Request-Id"))
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def record_request(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        endpoint = request.endpoint or "none"
        observer.record_request(endpoint, request.method, request.path, response.status_code, g.began, g.request_id)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        """Counts and timings of all workers, for Prometheus."""
        return Response(generate_latest(observer.registry), content_type=CONTENT_TYPE_LATEST)

    return observer

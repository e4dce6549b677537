"""Request ids, one structured log line a request, and metrics."""

from __future__ import annotations

import logging
import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from visalookup.config import Settings

_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


def configure_logging(settings: Settings) -> None:
    """Send log lines to standard error, as text or as JSON."""
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger("visalookup")
    root.handlers = [handler]
    root.propagate = False
    root.setLevel(settings.log_level)


def init_observability(app: Flask) -> None:
    """Name, time, count and log every request."""
    registry = CollectorRegistry()
    requests = Counter("visalookup_requests", "Requests answered", ["endpoint", "status"], registry=registry)
    seconds = Histogram("visalookup_request_seconds", "Time to answer", ["endpoint"], registry=registry)
    log = structlog.stdlib.get_logger("visalookup.request")

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _WELL_FORMED_ID.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        elapsed = time.perf_counter() - g.began
        endpoint = request.endpoint or "none"
        requests.labels(endpoint, response.status_code).inc()
        seconds.labels(endpoint).observe(elapsed)
        response.headers["X-Request-Id"] = g.request_id
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=round(elapsed * 1000, 1),
        )
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        """Counts and timings of this worker process, for Prometheus."""
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

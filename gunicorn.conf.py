"""The configuration of gunicorn; `gunicorn wsgi:app` in the project's folder reads it by default."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

from visalookup.extensions import db, state_of, watch_database
from visalookup.rate_limits.hooks import usage_of
from visalookup.serving.balance import clear_connections

if TYPE_CHECKING:
    from sqlalchemy import Engine

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)

# Answers come from memory and take a few milliseconds of processor time, so throughput grows with the workers.
# A few threads in each keep connections open between requests, and isolate clients that send or read slowly; workers
# of class sync do neither. Ours is based on gthread, and balances connections between workers.
worker_class = "visalookup.serving.worker.Worker"
threads = 4

preload_app = True
timeout = 30
graceful_timeout = 30
keepalive = 75  # longer than the usual 60 s of proxies, so that the proxy closes an idle connection
limit_request_line = 8190  # enough for ten long, percent-encoded names of places
accesslog = None  # the application logs each request itself, with its id
errorlog = "-"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Read the rulebook once before the workers fork, so that they share its memory and can answer immediately."""
    if not server.cfg.preload_app:
        return
    gc.disable()  # nothing that is read becomes garbage, and collection doubles the time
    _read_rulebook(server)
    gc.enable()
    _forget_connections(server, close=True)
    gc.collect()
    gc.freeze()  # a collection in a worker would write to the shared pages and so copy them
    addresses = ", ".join(str(listener) for listener in server.LISTENERS)
    server.log.info("Visa Lookup answers on %s (Ctrl+C stops it)", addresses)


def post_fork(server: Any, _worker: Any) -> None:
    """Drop inherited database connections: two processes must never use the same one."""
    if server.cfg.preload_app:
        _forget_connections(server, close=False)


def post_worker_init(worker: Any) -> None:
    """Start refreshing the rulebook, and writing the log and the counts in batches, in the background."""
    app = worker.wsgi
    request_observer = state_of(app).request_observer
    request_observer.log.start_buffering()
    request_observer.request_metrics.share(worker.age)

    def after_refresh(engine: Engine) -> None:
        request_observer.log.flush()
        request_observer.request_metrics.publish()
        usage_of(app).store_if_due(engine)

    worker.refresher = watch_database(app, after_refresh)


def worker_exit(_server: Any, worker: Any) -> None:
    """Stop the background thread and flush, so that no log lines or counts are lost."""
    if hasattr(worker, "refresher"):
        worker.refresher.stop()
        request_observer = state_of(worker.wsgi).request_observer
        request_observer.log.flush()
        request_observer.request_metrics.publish()
        with worker.wsgi.app_context():
            usage_of(worker.wsgi).store_now(db.engine)


def child_exit(_server: Any, worker: Any) -> None:
    """Remove the connection count of a worker that has ended."""
    clear_connections(worker)


def _read_rulebook(server: Any) -> None:
    from sqlalchemy.exc import DBAPIError

    from visalookup.extensions import rulebook_store, session
    from visalookup.services.lookup.rulebook_store import NothingLoaded

    with server.app.wsgi().app_context():
        try:
            rulebook_store().current(session())
        except (DBAPIError, NothingLoaded) as error:
            server.log.warning("No rulebook yet (%s): each worker reads it when it can", type(error).__name__)


def _forget_connections(server: Any, *, close: bool) -> None:
    from visalookup.extensions import db

    with server.app.wsgi().app_context():
        for engine in db.engines.values():
            engine.dispose(close=close)

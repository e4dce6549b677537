"""How gunicorn serves the application; `gunicorn wsgi:app` in the project's folder reads this file by itself."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

from visalookup.extensions import db, watch_database
from visalookup.rate_limits.hooks import usage_of
from visalookup.serving.balance import clear_connections

if TYPE_CHECKING:
    from sqlalchemy import Engine

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)

# Answers come from memory: a request holds the processor for some milliseconds and is done, so it is workers that
# bring speed. A few threads in each keep connections open between the requests of a client, and let a client that
# sends or reads slowly hold up nobody else; workers of class sync do neither. Ours is gthread, and
# shares connections out evenly.
worker_class = "visalookup.serving.worker.Worker"
threads = 4

preload_app = True
timeout = 30
graceful_timeout = 30
keepalive = 75  # longer than the usual 60 s of proxies, so that it is they who close an idle connection
limit_request_line = 8190  # ten long names of places, percent-encoded, fit in it
accesslog = None  # the application logs each request itself, with its id
errorlog = "-"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Read the rulebook once, before the workers fork, so that they share its memory and answer at once."""
    if not server.cfg.preload_app:
        return
    gc.disable()  # nothing of what is read becomes garbage, and looking for it doubles the time
    _read_rulebook(server)
    gc.enable()
    _forget_connections(server, close=True)
    gc.collect()
    gc.freeze()  # a collection in a worker would write to the shared pages, and so copy them
    addresses = ", ".join(str(listener) for listener in server.LISTENERS)
    server.log.info("Visa Lookup answers on %s (Ctrl+C stops it)", addresses)


def post_fork(server: Any, _worker: Any) -> None:
    """A connection to the database must never be used from two processes: each worker begins without any."""
    if server.cfg.preload_app:
        _forget_connections(server, close=False)


def post_worker_init(worker: Any) -> None:
    """From here on the rulebook is renewed in the background, and the log and counts are told a few at a time."""
    app = worker.wsgi
    request_observer = app.extensions["visalookup_observer"]
    request_observer.log.hold()
    request_observer.request_metrics.share(worker.age)

    def each_time(engine: Engine) -> None:
        request_observer.log.flush()
        request_observer.request_metrics.publish()
        usage_of(app).store_if_due(engine)

    worker.watch = watch_database(app, each_time)


def worker_exit(_server: Any, worker: Any) -> None:
    """End the watch, so that nothing of the log is lost."""
    if hasattr(worker, "watch"):
        worker.watch.stop()
        request_observer = worker.wsgi.extensions["visalookup_observer"]
        request_observer.log.flush()
        request_observer.request_metrics.publish()
        with worker.wsgi.app_context():
            usage_of(worker.wsgi).store_now(db.engine)


def child_exit(_server: Any, worker: Any) -> None:
    """Leave no connection to a worker that is gone."""
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

"""How gunicorn serves the application; `gunicorn wsgi:app` in the project's folder reads this file by itself."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)

# Answers come from memory, so a request holds the processor for a few milliseconds and then is done: workers bring
# speed, threads do not. A few threads still pay: they keep connections open between the requests of a client, and a
# client that sends or reads slowly holds up nobody else. Workers of class sync can do neither.
worker_class = "gthread"
threads = 4

preload_app = True
timeout = 30
graceful_timeout = 30
keepalive = 75  # longer than the usual 60 s of proxies, so that it is they who close an idle connection
accesslog = None  # the application logs each request itself, with its id
errorlog = "-"
control_socket_disable = True


def when_ready(server: Arbiter) -> None:
    """Read the rulebook once, before the workers fork, so that they share its memory and answer at once."""
    from sqlalchemy.exc import DBAPIError

    from visalookup.extensions import library, session
    from visalookup.services.library import NothingLoaded

    if not preload_app:
        return
    with server.app.wsgi().app_context():
        try:
            library().current(session())
        except (DBAPIError, NothingLoaded) as error:
            server.log.warning("No rulebook yet (%s); each worker reads it when it can.", type(error).__name__)
    _forget_connections(server.app.wsgi(), close=True)
    gc.freeze()  # collecting garbage would write to shared pages, and so copy them
    server.log.info("Visa Lookup answers on %s. Ctrl+C stops it.", f"http://{bind}")


def post_fork(server: Arbiter, _worker: Worker) -> None:
    """A connection to the database must never be used from two processes: begin without any."""
    if preload_app:
        _forget_connections(server.app.wsgi(), close=False)


def _forget_connections(app: object, *, close: bool) -> None:
    from flask import Flask

    from visalookup.extensions import db

    assert isinstance(app, Flask)  # noqa: S101 - wsgi.py makes one
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=close)

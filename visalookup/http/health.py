"""Health checks: whether the process is alive, and whether it is ready to answer."""

from __future__ import annotations

from flask import Flask, Response
from sqlalchemy.exc import DBAPIError

from visalookup.domain.moments import format_instant
from visalookup.extensions import db, rulebook_store, session
from visalookup.http.responses import fresh_json
from visalookup.storage.engine import DatabaseAway
from visalookup.storage.migrations import current_schema, expected_schema


def init_health(app: Flask) -> None:
    """Add the liveness and readiness endpoints."""

    @app.get("/healthz")
    def healthz() -> Response:
        """The process is alive."""
        return fresh_json({"status": "ok"})

    @app.after_request
    def add_age_header(response: Response) -> Response:
        """Add `Age` (RFC 9111, section 5.1) to answers from memory while the database is unreachable."""
        age = rulebook_store().reported_age
        if age is not None and response.status_code in (200, 304):
            response.headers["Age"] = str(age)
        return response

    @app.context_processor
    def age_for_pages() -> dict[str, int | None]:
        return {"rulebook_age": rulebook_store().reported_age}

    @app.get("/readyz")
    def readyz() -> Response:
        """200 if the database is reachable, on the expected schema, and has data; otherwise 503."""
        try:
            with db.engine.connect() as connection:
                schema = current_schema(connection)
        except (DBAPIError, DatabaseAway):
            return _database_away()
        edition = rulebook_store().current(session()).rulebook.edition
        ready = schema == expected_schema()
        state = {
            "status": "ready" if ready else "schema is out of date; run `visalookup db upgrade`",
            "schema": schema,
            "revision": edition.revision,
            "recorded_at": format_instant(edition.recorded_at),
        }
        return fresh_json(state, 200 if ready else 503)


def _database_away() -> Response:
    """The database does not answer: only lookups continue, if a rulebook is in memory."""
    loaded = rulebook_store().last_known
    if loaded is None:
        raise DatabaseAway
    edition = loaded.rulebook.edition
    state = {
        "status": "the database does not answer; lookups go on from memory, all else waits",
        "age_seconds": max(int(rulebook_store().age), 0),
        "revision": edition.revision,
        "recorded_at": format_instant(edition.recorded_at),
    }
    return fresh_json(state, 503)

"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from flask import Flask, Response
from sqlalchemy.exc import DBAPIError

from visalookup.domain.moments import format_instant
from visalookup.extensions import db, rulebook_store, session
from visalookup.http.responses import fresh_json
from visalookup.storage.engine import DatabaseAway
from visalookup.storage.migrations import current_schema, expected_schema


def init_health(app: Flask) -> None:
    """Add the two addresses that supervisors ask."""

    @app.get("/healthz")
    def healthz() -> Response:
        """The process lives."""
        return fresh_json({"status": "ok"})

    @app.after_request
    def add_age_header(response: Response) -> Response:
        """Mark what is answered from memory while the database is away (`Age`, RFC 9111, section 5.1)."""
        age = rulebook_store().reported_age
        if age is not None and response.status_code in (200, 304):
            response.headers["Age"] = str(age)
        return response

    @app.context_processor
    def age_for_pages() -> dict[str, int | None]:
        return {"rulebook_age": rulebook_store().reported_age}

    @app.get("/readyz")
    def readyz() -> Response:
        """The database is there, on the schema we expect, with data in it; otherwise 503."""
        try:
            with db.engine.connect() as connection:
                schema = current_schema(connection)
        except (DBAPIError, DatabaseAway):
            return _away()
        edition = rulebook_store().current(session()).rulebook.edition
        ready = schema == expected_schema()
        state = {
            "status": "ready" if ready else "schema is out of date; run `visalookup db upgrade`",
            "schema": schema,
            "revision": edition.revision,
            "recorded_at": format_instant(edition.recorded_at),
        }
        return fresh_json(state, 200 if ready else 503)


def _away() -> Response:
    """The database does not answer: lookups go on where there is a rulebook in hand, and nothing else does."""
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

"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from flask import Flask, Response

from visalookup.domain.moments import format_instant
from visalookup.extensions import db, library, session
from visalookup.responses import fresh_json
from visalookup.storage.migrations import current_schema, expected_schema


def init_health(app: Flask) -> None:
    """Add the two addresses that supervisors ask."""

    @app.get("/healthz")
    def healthz() -> Response:
        """The process lives."""
        return fresh_json({"status": "ok"})

    @app.get("/readyz")
    def readyz() -> Response:
        """The database is there, on the schema we expect, with data in it; otherwise 503."""
        with db.engine.connect() as connection:
            schema = current_schema(connection)
        edition = library().current(session()).rulebook.edition
        ready = schema == expected_schema()
        state = {
            "status": "ready" if ready else "schema is out of date; run `visalookup db upgrade`",
            "schema": schema,
            "revision": edition.revision,
            "recorded_at": format_instant(edition.recorded_at),
        }
        return fresh_json(state, 200 if ready else 503)

"""An empty Flask app that returns a constant as JSON."""

from __future__ import annotations

from flask import Flask

from bench.apps.bare import answers_at_once

app = Flask(__name__)
app.answers_at_once = answers_at_once  # type: ignore[attr-defined]


@app.get("/api/v1/requirements")
def requirements() -> dict[str, str]:
    """The same for every question."""
    return {"answer": "yes", "filling": "x" * 1960}

"""An empty Flask app that returns a constant as JSON."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/api/v1/requirements")
def requirements() -> dict[str, str]:
    """The same for every question."""
    return {"answer": "yes", "filling": "x" * 1960}

"""Pages about the service: what the answers mean, the JSON interface, and its errors."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template

from visalookup.domain.lifecycle import ALLOWED_STEPS
from visalookup.domain.sources import LIMIT_OF_AGE
from visalookup.errors import KNOWN_PROBLEMS
from visalookup.responses import page_response

documentation = Blueprint("documentation", __name__)


@documentation.get("/about")
def about() -> Response:
    """What the answers mean, and what they are not."""
    page = render_template("about.html", allowed_steps=ALLOWED_STEPS, limits=LIMIT_OF_AGE)
    return page_response(page)


@documentation.get("/docs")
def docs() -> Response:
    """The JSON interface, from its own description."""
    return page_response(render_template("docs.html", operations=_operations()))


@documentation.get("/docs/errors")
def errors() -> Response:
    """Every problem type, and what to do about it."""
    return page_response(render_template("errors.html", problems=KNOWN_PROBLEMS))


def _operations() -> list[dict[str, Any]]:
    """Each operation of the OpenAPI document, flat, as the page shows it."""
    document = current_app.extensions["visalookup_describe"]()
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, dict) and "responses" in operation
    ]

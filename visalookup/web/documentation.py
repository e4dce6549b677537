"""Pages about the service: what the answers mean, the JSON interface, and its errors."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from flask import Blueprint, Response, current_app, render_template
from markdown_it import MarkdownIt
from markupsafe import Markup

from visalookup.config import ROOT
from visalookup.domain.lifecycle import ALLOWED_STEPS
from visalookup.domain.sources import LIMIT_OF_AGE
from visalookup.extensions import state_of
from visalookup.http.problems import KNOWN_PROBLEMS
from visalookup.http.responses import page_response

_DOCUMENT_LINK = re.compile(r"\[([^\]]+)\]\(([a-z]+\.md)\)")

documentation = Blueprint("documentation", __name__)


@documentation.get("/about")
def about() -> Response:
    """What the answers mean, and what they do not mean."""
    page = render_template("about.html", allowed_steps=ALLOWED_STEPS, limits=LIMIT_OF_AGE)
    return page_response(page)


@documentation.get("/docs")
def docs() -> Response:
    """The JSON interface, rendered from its OpenAPI document."""
    return page_response(render_template("docs.html", operations=_operations()))


@documentation.get("/docs/agencies")
def agencies() -> Response:
    """The guide for agencies, from docs/agencies.md."""
    return page_response(render_template("guide.html", guide=Markup(_guide())))  # noqa: S704 - our own text


@documentation.get("/docs/errors")
def errors() -> Response:
    """Every problem type, and what to do about it."""
    return page_response(render_template("errors.html", problems=KNOWN_PROBLEMS))


@cache
def _guide() -> str:
    """The guide as HTML; links to other documents of the repository become their names."""
    text = (ROOT / "docs" / "agencies.md").read_text("utf-8")
    text = _DOCUMENT_LINK.sub(r"\1 (docs/\2)", text)
    html: str = MarkdownIt("commonmark", {"html": False}).render(text)
    return html.replace("<pre>", '<pre tabindex="0">')


def _operations() -> list[dict[str, Any]]:
    """The operations of the OpenAPI document as a flat list."""
    document = state_of(current_app).describe_api()
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, dict) and "responses" in operation
    ]

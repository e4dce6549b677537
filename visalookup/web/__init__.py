"""Pages for travellers, rendered on the server, complete without any script."""

from __future__ import annotations

from flask import Flask

from visalookup.web.coverage import coverage
from visalookup.web.documentation import documentation
from visalookup.web.feed import feed
from visalookup.web.presentation import init_presentation
from visalookup.web.questions import questions
from visalookup.web.records import records


def init_web(app: Flask) -> None:
    """Register the pages."""
    init_presentation(app)
    for blueprint in (questions, records, coverage, feed, documentation):
        app.register_blueprint(blueprint)

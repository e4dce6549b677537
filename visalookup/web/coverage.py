"""The coverage page: how much is answered, and how well it was checked."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import VerificationLevel
from visalookup.extensions import coverage_keeper, now, rulebook_store, session
from visalookup.http.responses import page_response
from visalookup.web.world_map import world_map

coverage = Blueprint("coverage", __name__)


@coverage.get("/coverage")
def show_coverage() -> Response:
    """Today's coverage, with a map of the world."""
    found = coverage_keeper().today(rulebook_store().current(session()).rulebook, now())
    page = render_template(
        "coverage.html",
        coverage=found,
        by_code={row.destination.code: row for row in found.destinations},
        map=world_map(),
        requirements=[*Requirement, None],
        levels=[*VerificationLevel, None],
    )
    return page_response(page)

"""Pages of the records behind the answers: passports, destinations, regimes."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.lifecycle import ALLOWED_STEPS, Status
from visalookup.domain.lookup import Answer, Basis
from visalookup.domain.requirements import Requirement
from visalookup.domain.timelines import entries_in_order
from visalookup.extensions import now, rulebook_store, session
from visalookup.http.responses import page_response
from visalookup.services.lookup.questions import BadQuestion, InputFault
from visalookup.services.lookup.regimes import list_regimes, show_regime
from visalookup.services.lookup.view_requirements import View, ViewForm, view_destination, view_passport

records = Blueprint("records", __name__)

_MAX_RULES_SHOWN = 60


@records.get("/passports/<code>")
def passport(code: str) -> AnyResponse:
    """The requirements for one passport at every destination."""
    return _view_page("records.passport", "passport.html", view_passport, code)


@records.get("/destinations/<code>")
def destination(code: str) -> AnyResponse:
    """The requirements of one destination for every passport."""
    return _view_page("records.destination", "destination.html", view_destination, code)


@records.get("/places")
def places() -> Response:
    """All passports and destinations, by name."""
    listed = rulebook_store().current(session()).rulebook.places.by_code.values()
    by_name = sorted(listed, key=lambda place: place.name)
    return page_response(
        render_template("places.html", places=by_name, names={place.code: place.name for place in by_name})
    )


@records.get("/regimes")
def regimes() -> Response:
    """All regimes, filtered by party and status."""
    given = request.args
    try:
        found = list_regimes(session(), rulebook_store(), given.get("party"), given.get("status"), now())
        faults: tuple[InputFault, ...] = ()
    except BadQuestion as error:
        found, faults = None, tuple(error.faults)
    page = render_template(
        "regimes.html",
        summaries=found.summaries if found else (),
        faults={fault.field: fault for fault in faults},
        statuses=list(Status),
        status=given.get("status", ""),
        party=given.get("party", ""),
    )
    return page_response(page, 422 if faults else 200)


@records.get("/regimes/<regime_id>")
def regime(regime_id: str) -> Response:
    """One regime, with its timeline and sources."""
    detail = show_regime(session(), rulebook_store(), regime_id, now())
    last = detail.regime.timeline.events[-1].status if detail.regime.timeline.events else None
    page = render_template(
        "regime.html",
        detail=detail,
        timeline=entries_in_order(detail.regime),
        rules=detail.rules[:_MAX_RULES_SHOWN],
        next_steps=ALLOWED_STEPS[last],
        now=now(),
    )
    return page_response(page)


def _view_page(endpoint: str, template: str, view: Callable[..., View], code: str) -> AnyResponse:
    form = ViewForm(code, *(request.args.get(name) for name in ("on", "as_of", "document")))
    found = view(session(), rulebook_store(), form, now())
    if found.place.code != code:
        query = f"?{urlencode(request.args)}" if request.args else ""
        return redirect(url_for(endpoint, code=found.place.code) + query)
    sections = [(requirement, _with_requirement(found.answers, requirement)) for requirement in Requirement]
    page = render_template(
        template,
        view=found,
        sections=[(requirement, answers) for requirement, answers in sections if answers],
        unknown=[answer for answer in found.answers if answer.verdict.basis is Basis.NOTHING_KNOWN],
        today=found.now.date(),
    )
    return page_response(page)


def _with_requirement(answers: tuple[Answer, ...], requirement: Requirement) -> list[Answer]:
    return [answer for answer in answers if answer.verdict.requirement is requirement]

"""The question form, and the answer page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.places import Place
from visalookup.extensions import now, rulebook_store, session
from visalookup.http.response_cache import rendered_response
from visalookup.http.responses import page_response
from visalookup.services.lookup.answer_question import LookupResult, answer_question
from visalookup.services.lookup.circumstances import StatedForm
from visalookup.services.lookup.questions import BadQuestion, InputFault, QuestionForm

questions = Blueprint("questions", __name__)

_CIRCUMSTANCES = ("on", "document", "stay_days", "as_of")
_STATED = tuple(field.name for field in fields(StatedForm))


@questions.get("/")
def home() -> Response:
    """The question form."""
    return page_response(_form_page(request.args, {}))


@questions.get("/ask")
def ask() -> AnyResponse:
    """Redirect a submitted form to the answer's own URL, or show it again with its faults."""
    passport, destination = request.args.get("passport", ""), request.args.get("destination", "")
    form = _question(passport, destination, request.args.get("also", ""))
    try:
        result = answer_question(session(), rulebook_store(), form, now())
    except BadQuestion as error:
        return page_response(_form_page(request.args, _faults_by_form_field(error, passport)), 422)
    passports = [answer.question.passport.code for answer in result.answers]
    best = result.best.question
    return redirect(_answer_url(best.passport.code, best.destination.code, passports[1:]), 303)


@questions.get("/visa/<passport>/<destination>")
def answer(passport: str, destination: str) -> AnyResponse:
    """The answer, at a URL that can be shared."""
    also = request.args.get("also", "")
    try:
        result = answer_question(session(), rulebook_store(), _question(passport, destination, also), now())
    except BadQuestion as error:
        given = {**request.args, "passport": passport, "destination": destination}
        return page_response(_form_page(given, _faults_by_form_field(error, passport)), 422)
    question = result.understood.questions[0]
    canonical = (question.passport.code, question.destination.code)
    if (passport, destination) != canonical:
        return redirect(_answer_url(*canonical, [also] if also else []), 302)
    if result.understood.as_of is not None:
        return page_response(_answer_page(result))
    return rendered_response(result.best.edition, _answer_page(result).encode(), "text/html")


def _question(passport: str, destination: str, also: str) -> QuestionForm:
    others = tuple(passport for passport in also.split(",") if passport.strip())
    arguments: dict[str, Any] = {name: request.args.get(name) for name in _CIRCUMSTANCES}
    stated = StatedForm(**{name: request.args.get(name) for name in _STATED})
    return QuestionForm((passport, *others), destination, **arguments, stated=stated)


def _answer_url(passport: str, destination: str, others: list[str]) -> str:
    circumstances = {name: request.args.get(name) for name in (*_CIRCUMSTANCES, *_STATED)}
    query = {"also": ",".join(others), **circumstances}
    given = urlencode({name: value for name, value in query.items() if value})
    path = url_for("questions.answer", passport=passport, destination=destination)
    return f"{path}?{given}" if given else path


def _answer_page(result: LookupResult) -> str:
    asked_as_of = result.understood.as_of
    return render_template("answer.html", result=result, asked_as_of=asked_as_of, today=result.now.date())


def _form_page(given: Mapping[str, str], faults: Mapping[str, Any]) -> str:
    places = rulebook_store().current(session()).rulebook.places
    return render_template(
        "home.html",
        given=given,
        faults=faults,
        passports=_by_name(places.passports),
        destinations=_by_name(places.destinations),
    )


def _by_name(places: list[Place]) -> list[Place]:
    return sorted(places, key=lambda place: place.name)


def _faults_by_form_field(error: BadQuestion, passport: str) -> dict[str, InputFault]:
    """The faults by form field; a wrong passport may be the one given in `also`."""
    return {
        "also" if fault.field == "passport" and fault.value not in (None, passport) else fault.field: fault
        for fault in error.faults
    }

"""Exceptions as responses of one shape: problem details for programs, a page for people."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
from flask import Flask, Response, g, render_template, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import BadRequest, HTTPException

from visalookup.domain.changes.proposals import NotAllowed
from visalookup.domain.errors import DomainError, NotFound
from visalookup.formats.faults import FaultyData
from visalookup.http.place_refs import place_ref
from visalookup.http.problems import BAD_INPUT, PROBLEM, FieldErrorJson, Problem, problem_of_status
from visalookup.services.lookup.questions import BadQuestion, InputFault
from visalookup.services.lookup.rulebook_store import NothingLoaded
from visalookup.services.receipts.keys import KeysAway
from visalookup.storage.engine import DatabaseAway
from visalookup.storage.ledger import Conflict

log = logging.getLogger(__name__)

_FOR_PROGRAMS = ("/api/", "/.well-known/", "/openapi.json", "/healthz", "/readyz", "/metrics")


class NotJson(BadRequest):
    """A body that should be JSON and is not."""

    advice = 'The body is not JSON; send a JSON object, such as {"queries": []}.'


class TokenProblem(Exception):
    """A program's request without a valid token (401), or with one that lacks a scope (403).

    `challenge` is the value of `WWW-Authenticate` (RFC 6750, section 3).
    """

    def __init__(self, status: int, detail: str, challenge: str) -> None:
        self.status = status
        self.challenge = challenge
        super().__init__(detail)


class TooManyProblem(Exception):
    """More requests than allowed (429, RFC 6585, section 4); retry after `seconds`."""

    def __init__(self, detail: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(detail)


class PreconditionProblem(Exception):
    """A write without a precondition (428, RFC 6585), or one based on an outdated version (412)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def problem_of_question(error: BadQuestion) -> Problem:
    """The problem of a question that cannot be understood, field by field."""
    errors = tuple(_field_error(fault) for fault in error.faults)
    detail = " ".join(f"{fault.field}: {fault.detail}" for fault in error.faults)
    return Problem(422, *BAD_INPUT, detail, errors)


def _field_error(fault: InputFault) -> FieldErrorJson:
    found: FieldErrorJson = {"field": fault.field, "detail": fault.detail}
    if fault.value is not None:
        found["value"] = fault.value[:200]
    if fault.suggestions:
        found["suggestions"] = [place_ref(place) for place in fault.suggestions]
    return found


_STATUS_OF: dict[type[Exception], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    NothingLoaded: 503,
    DatabaseAway: 503,
    KeysAway: 503,
}
"""Our own exceptions, whose messages may be disclosed, with their HTTP status."""


def problem_of_exception(error: Exception) -> Problem:
    """The problem for an exception; an unexpected one is logged, and its text is not disclosed."""
    status = next((status for kind, status in _STATUS_OF.items() if isinstance(error, kind)), None)
    if status is not None:
        headers = {"Retry-After": "5"} if status == 503 else {}
        return replace(problem_of_status(status, headers), detail=str(error))
    match error:
        case BadQuestion():
            return problem_of_question(error)
        case FaultyData():
            return _problem_of_faults(error)
        case DomainError():
            return Problem(422, "bad-input", "The input cannot be used", str(error))
        case PreconditionProblem():
            return replace(problem_of_status(error.status), detail=str(error))
        case TokenProblem():
            headers = {"WWW-Authenticate": error.challenge}
            return replace(problem_of_status(error.status, headers), detail=str(error))
        case TooManyProblem():
            return replace(problem_of_status(429, {"Retry-After": str(error.seconds)}), detail=str(error))
        case _:
            return _problem_of_foreign(error)


def _problem_of_foreign(error: Exception) -> Problem:
    """The problem for an exception of a library: only its status is disclosed."""
    match error:
        case HTTPException():
            return _problem_of_http(error)
        case DBAPIError():
            log.error("database error: %s", type(error.orig).__name__)
            return replace(problem_of_status(503, {"Retry-After": "5"}), detail=str(DatabaseAway()))
        case _:
            log.exception("unforeseen error", exc_info=error)
            return problem_of_status(500)


def _problem_of_faults(error: FaultyData) -> Problem:
    """The problem for a faulty change, with the path of each fault in the payload."""
    errors: tuple[FieldErrorJson, ...] = tuple(
        {"field": ".".join(str(step) for step in fault.path) or "request", "detail": fault.message}
        for fault in error.faults
    )
    return Problem(422, "bad-input", "The change cannot be used", " ".join(each["detail"] for each in errors), errors)


def _problem_of_http(error: HTTPException) -> Problem:
    messages = getattr(error, "data", {}).get("messages")
    if messages:
        return _problem_of_messages(messages)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    problem = problem_of_status(error.code or 500, headers)
    return replace(problem, detail=error.advice) if isinstance(error, NotJson) else problem


def _problem_of_messages(messages: Mapping[str, Mapping[str, Any]]) -> Problem:
    """The problem for marshmallow's messages, which are by location and field."""
    errors: list[FieldErrorJson] = [
        {"field": field, "detail": text}
        for fields in messages.values()
        for name, detail in (fields.items() if isinstance(fields, Mapping) else [("request", fields)])
        for field, text in _field_faults("request" if name == "_schema" else str(name)[:100], detail)
    ]
    detail = " ".join(f"{each['field']}: {each['detail']}" for each in errors)
    return Problem(422, *BAD_INPUT, detail, tuple(errors))


def _field_faults(name: str, detail: Any) -> Iterator[tuple[str, str]]:
    """Faults by field; nested fields are named by a JSON pointer (RFC 6901), such as `/legs/0/to`."""
    if not isinstance(detail, Mapping):
        yield name, " ".join(_texts(detail))
        return
    pointer = name if name.startswith("/") else f"/{_escaped(name)}"
    for inner, more in detail.items():
        yield from _field_faults(pointer if inner == "_schema" else f"{pointer}/{_escaped(str(inner)[:100])}", more)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _texts(detail: Any) -> list[str]:
    if isinstance(detail, Mapping):
        return [f"{name}: {text}" for name, inner in detail.items() for text in _texts(inner)]
    return [str(each) for each in detail] if isinstance(detail, list) else [str(detail)]


def is_for_program() -> bool:
    """Whether the current request comes from a program, so that errors are problem+json."""
    return request.path.startswith(_FOR_PROGRAMS)


def problem_response(problem: Problem) -> Response:
    """The problem as JSON or as a page, depending on the URL."""
    if is_for_program():
        response = Response(orjson.dumps(problem.as_dict()), problem.status, mimetype=PROBLEM)
    else:
        page = render_template("error.html", problem=problem, request_id=g.get("request_id"))
        response = Response(page, problem.status, mimetype="text/html")
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def init_errors(app: Flask) -> None:
    """Register the handler that turns every exception into a problem."""
    app.register_error_handler(Exception, lambda error: problem_response(problem_of_exception(error)))

"""The OpenAPI document, built from the routes and their schemas."""

from __future__ import annotations

import copy
import re
from typing import Any

import orjson
from flask import Flask, Request, Response
from flask_smorest import Api
from gunicorn.http.errors import ParseException
from marshmallow import Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from visalookup.config import LARGEST_BODY
from visalookup.extensions import state_of
from visalookup.http.error_handlers import NotJson
from visalookup.http.problems import PROBLEM
from visalookup.http.responses import json_response

DESCRIPTION = """\
Do I need a visa from X to Y? Every answer names its source and says how well that source was checked.
What is announced but not in force never changes an answer; it is listed under `pending`.

Answers are information, not legal advice: the border officer decides.
"""


STAFF_TOKEN = "staffToken"  # noqa: S105 - a name, not a token
"""The security scheme of what only staff may do; operations declare it: `doc(security=[{STAFF_TOKEN: []}])`."""

STAFF_TOKEN_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of a member of staff (RFC 6750), made in the console; its scopes say what it may do.",
}


AGENCY_KEY = "agencyKey"
"""The security scheme of agencies: what only they may use declares it; for all else it is added, and optional."""

AGENCY_KEY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key of an agency (RFC 6750), with which more may be asked; it begins with `vla_`.",
}
_REFUSALS = {
    "401": "The key is not good: it is unknown, revoked or expired, or its agency is disabled.",
    "429": "More was asked than is allowed; `Retry-After` says in how many seconds to try again (RFC 6585).",
}


class StrictParser(FlaskParser):
    """Refuses parameters and members it does not know, wherever they are."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": "raise", "json": "raise", "path": None}  # noqa: RUF012 - as webargs has it

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The JSON of the body; another media type is 415, and what is not JSON is 400."""
        if not req.is_json:
            raise UnsupportedMediaType
        try:
            return orjson.loads(_body(req))
        except orjson.JSONDecodeError as error:
            raise NotJson from error


def _body(req: Request) -> bytes:
    """The body; one that breaks off or is garbled on its way is the sender's fault, not ours.

    A body sent in chunks names no length, so it is measured here.
    """
    try:
        body = req.get_data(cache=True)
    except (OSError, ParseException) as error:
        raise BadRequest from error
    if len(body) >= LARGEST_BODY:
        raise RequestEntityTooLarge
    return body


class StrictApi(Api):
    """An Api that leaves errors to `visalookup.http.error_handlers`."""

    def _register_error_handlers(self) -> None:
        """Ours are registered already."""


def init_openapi(app: Flask) -> Api:
    """Prepare the document and serve it at /openapi.json."""
    app.config["API_TITLE"] = "Visa Lookup"
    app.config["API_VERSION"] = "v1"
    app.config["OPENAPI_VERSION"] = "3.1.0"
    api = StrictApi(
        app,
        spec_kwargs={
            "info": {"description": DESCRIPTION},
            "servers": [{"url": "/"}],
        },
    )
    api.DEFAULT_ERROR_RESPONSE_NAME = None
    api.spec.components.security_scheme(STAFF_TOKEN, STAFF_TOKEN_SCHEME)
    api.spec.components.security_scheme(AGENCY_KEY, AGENCY_KEY_SCHEME)
    state_of(app).describe_api = lambda: describe(app, api)

    @app.get("/openapi.json")
    def openapi_json() -> Response:
        """The description of this interface."""
        return json_response(describe(app, api))

    return api


def describe(app: Flask, api: Api) -> dict[str, Any]:
    """The document, with errors described as what they are: problem+json."""
    document: dict[str, Any] = copy.deepcopy(api.spec.to_dict())
    _name_operations(app, document)
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                _describe_limits(operation)
                for status, response in operation.get("responses", {}).items():
                    _name_problem(str(status), response)
    _describe_batch(document)
    _drop_unused(document)
    return document


def _name_operations(app: Flask, document: dict[str, Any]) -> None:
    """Each operation is named by its view, so that generated programs have names to call."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods or ():
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                operation["operationId"] = rule.endpoint.rpartition(".")[2]


def _drop_unused(document: dict[str, Any]) -> None:
    """What flask-smorest brings along for errors and pages of its own, which are not ours."""
    for name in ("Error", "PaginationMetadata"):
        document["components"]["schemas"].pop(name, None)


def _describe_limits(operation: dict[str, Any]) -> None:
    """Whatever staff do not do by themselves is limited, and an agency's key lets more be asked."""
    if operation.setdefault("security", [{}, {AGENCY_KEY: []}]) == [{STAFF_TOKEN: []}]:
        return
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, description in _REFUSALS.items():
        operation["responses"].setdefault(status, {"description": description, "content": dict(problem)})


def _describe_batch(document: dict[str, Any]) -> None:
    """What the schemas of a batch leave open, as each of its questions is checked in its own place."""
    schemas = document["components"]["schemas"]
    item = {"anyOf": [{"$ref": "#/components/schemas/LookupResult"}, {"$ref": "#/components/schemas/BatchFault"}]}
    schemas["BatchBody"]["properties"]["queries"]["items"] = {"$ref": "#/components/schemas/BatchQuestion"}
    schemas["BatchResult"]["properties"]["answers"]["items"] = item
    answers = document["paths"]["/api/v1/requirements/batch"]["post"]["responses"]["200"]["content"]
    answers["application/x-ndjson"] = {"schema": item}


def _name_problem(status: str, response: dict[str, Any]) -> None:
    content = response.get("content", {})
    if status[0] in "45" and "application/json" in content:
        content[PROBLEM] = content.pop("application/json")

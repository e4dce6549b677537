"""What programs talk to: JSON, described by an OpenAPI document."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from visalookup.api.key_set import key_set
from visalookup.api.openapi import init_openapi
from visalookup.api.response_schemas import component_schemas
from visalookup.api.v1 import blueprints
from visalookup.api.v1.lookup.arguments import BatchQuestion
from visalookup.api.v1.lookup.plain_answers import PlainAnswers
from visalookup.api.v1.lookup.responses.views import BatchFaultJson
from visalookup.api.v1.webhooks.messages import describe_messages
from visalookup.api.v1.webhooks.responses import ChangeMessageJson
from visalookup.extensions import state_of
from visalookup.http.problems import ProblemJson


def init_api(app: Flask) -> None:
    """Register the routes and their description."""
    state_of(app).add(PlainAnswers())
    api = init_openapi(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.register_blueprint(key_set)
    api.spec.components.schema("BatchQuestion", schema=BatchQuestion)
    _describe_responses(api)
    describe_messages(api)


def _describe_responses(api: Api) -> None:
    declared = [declaration for blueprint in blueprints for declaration in blueprint.declared]
    for name, schema in component_schemas([*declared, ProblemJson, BatchFaultJson, ChangeMessageJson]).items():
        api.spec.components.schema(name, schema)

"""What programs talk to: JSON, described by an OpenAPI document."""

from __future__ import annotations

from flask import Flask

from visalookup.api.key_set import key_set
from visalookup.api.openapi import init_openapi
from visalookup.api.v1 import blueprints
from visalookup.api.v1.lookup.arguments import BatchQuestion
from visalookup.api.v1.lookup.schemas import BatchFault
from visalookup.api.v1.webhooks.schemas import describe_messages


def init_api(app: Flask) -> None:
    """Register the routes and their description."""
    api = init_openapi(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.register_blueprint(key_set)
    api.spec.components.schema("BatchQuestion", schema=BatchQuestion)
    api.spec.components.schema("BatchFault", schema=BatchFault)
    describe_messages(api)

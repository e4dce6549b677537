"""`visalookup openapi`: the OpenAPI document of the JSON interface."""

from __future__ import annotations

import click
import orjson

from visalookup import create_app


@click.command()
def openapi() -> None:
    """Print the OpenAPI document, as /openapi.json serves it."""
    document = create_app().extensions["visalookup_describe"]()
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())

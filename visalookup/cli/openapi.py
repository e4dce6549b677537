"""`visalookup openapi`: the OpenAPI document of the JSON interface."""

from __future__ import annotations

import click
import orjson

from visalookup import create_app
from visalookup.extensions import state_of


@click.command()
def openapi() -> None:
    """Print the OpenAPI document, as /openapi.json serves it."""
    document = state_of(create_app()).describe_api()
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())

"""Command line options that describe a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from visalookup.domain.errors import InvalidValue
from visalookup.domain.moments import PartialDate
from visalookup.domain.slugs import check_slug
from visalookup.domain.sources import Source, SourceKind

_OPTIONS = (
    click.option("--publisher", help="A new source: who published it,"),
    click.option("--title", help="its title,"),
    click.option("--url", help="its address,"),
    click.option("--kind", type=click.Choice([str(kind) for kind in SourceKind]), help="what it is,"),
    click.option("--published-on", help="and when it was published."),
)


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that describe a new source."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def describes_source(text: Mapping[str, str]) -> bool:
    """Whether any part of a new source was given."""
    return any(name in text for name in ("publisher", "title", "url", "kind"))


def new_source(key: str, text: Mapping[str, str]) -> Source:
    """The source that the options describe; raise InvalidValue if something is missing."""
    described = [name for name in ("publisher", "title", "url", "kind") if name in text]
    if len(described) < 4 or not text["url"].startswith(("http://", "https://")):
        raise InvalidValue("A new source needs --publisher, --title, --kind and a --url that starts with http.")
    published = PartialDate.parse(text["published_on"]) if "published_on" in text else None
    return Source(check_slug(key), SourceKind(text["kind"]), text["publisher"], text["title"], text["url"], published)

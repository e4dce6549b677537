"""Sources that several files cite alike: written once in `sources.yaml`, and `key: shared` in each of the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from visalookup.formats.faults import FaultyData
from visalookup.formats.yaml_dialect import Document

SOURCES_FILE = "sources.yaml"
SHARED = "shared"

Content = Mapping[str, Any]
FindSource = Callable[[str], Content | None]


def with_shared_sources(document: Document, find: FindSource) -> Document:
    """The document with each shared source in full; raise FaultyData for those that are not to be found."""
    named = shared_keys(document.content)
    found = {key: source for key in named if (source := find(key))}
    if missing := sorted(named - found.keys()):
        raise FaultyData([document.fault(_missing(key), ("sources", key)) for key in missing])
    if not found:
        return document
    content = {**document.content, "sources": {**document.content["sources"], **found}}
    return replace(document, content=content)


def _missing(key: str) -> str:
    return f"No source is shared under the key {key!r}; write it here, or in {SOURCES_FILE}."


def shared_keys(content: Any) -> set[str]:
    """The keys of the sources that a file leaves to `sources.yaml`."""
    sources = content.get("sources") if isinstance(content, Mapping) else None
    if not isinstance(sources, Mapping):
        return set()
    return {key for key, source in sources.items() if isinstance(key, str) and source == SHARED}


def share_sources(content: Content, shared: Content) -> dict[str, Any]:
    """The content with `shared` for each source that reads exactly so in `sources.yaml`."""
    if "sources" not in content:
        return dict(content)
    sources = {key: SHARED if shared.get(key) == source else source for key, source in content["sources"].items()}
    return {**content, "sources": sources}


def in_use(contents: Iterable[Content], shared: Content) -> dict[str, Any]:
    """The shared sources that some file cites exactly so, in the order of their keys."""
    cited = {
        key: source for content in contents for key, source in content["sources"].items() if shared.get(key) == source
    }
    return dict(sorted(cited.items()))

"""How a data folder is laid out: which file extends which, and which sources are shared. Writing keeps it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from visalookup.formats.inheritance import EXTENDS, abridge
from visalookup.formats.linking import policy_file
from visalookup.formats.shared_sources import SOURCES_FILE, in_use, share_sources
from visalookup.formats.yaml_dialect import parse_document, write_document

Content = Mapping[str, Any]

_EXTENDS_LINE = re.compile(rf"^{EXTENDS}:\s*([A-Z0-9_]+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which destination's file extends which other one, and the sources of `sources.yaml` (None without it)."""

    extends: Mapping[str, str] = field(default_factory=dict)
    shared: Content | None = None


def read_layout(folder: Path) -> Layout:
    """The layout of a folder, which may be empty; raise FaultyData where `sources.yaml` cannot be parsed."""
    extends = {
        path.stem: found[1]
        for path in sorted(folder.glob("destinations/*.yaml"))
        if (found := _EXTENDS_LINE.search(path.read_text("utf-8", errors="replace")))
    }
    path = folder / SOURCES_FILE
    shared = parse_document(SOURCES_FILE, path.read_text("utf-8")).content if path.exists() else None
    return Layout(extends, shared if isinstance(shared, Mapping) else None)


def lay_out(contents: Mapping[str, Content], layout: Layout) -> dict[str, str]:
    """The text of every file and of `sources.yaml`, with `extends` and shared sources where they still hold."""
    shared = in_use(contents.values(), layout.shared or {})
    texts = {name: write_document(share_sources(content, shared)) for name, content in contents.items()}
    for child, parent in layout.extends.items():
        name, parent_name = policy_file(child), policy_file(parent)
        if parent not in layout.extends and {name, parent_name} <= contents.keys():
            abridged = abridge(contents[name], contents[parent_name], parent)
            short = write_document(share_sources(abridged, shared)) if abridged else texts[name]
            texts[name] = min(texts[name], short, key=len)
    if layout.shared is not None:
        texts[SOURCES_FILE] = write_document(shared)
    return texts

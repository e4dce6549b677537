"""A file with what it takes from others put in: sources shared, and the file it extends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Protocol

from visalookup.formats.faults import FaultyData
from visalookup.formats.inheritance import EXTENDS, extend
from visalookup.formats.shared_sources import shared_keys, with_shared_sources
from visalookup.formats.yaml_dialect import Document, parse_document

Content = Mapping[str, Any]

_CODE = re.compile(r"[A-Z0-9_]+")


class Origins(Protocol):
    """Where a file finds what it takes over."""

    def source(self, key: str) -> Content | None:
        """The source shared under a key."""

    def policy(self, code: str) -> Document | None:
        """The file of a destination as it is written; raise FaultyData where it cannot be parsed."""


@dataclass(slots=True)
class FolderOrigins:
    """The other files of a data folder. `used` are the keys of the shared sources that were asked for."""

    folder: FilePath
    shared: Content
    used: set[str] = field(default_factory=set)
    _policies: dict[str, Document | None] = field(default_factory=dict)

    def source(self, key: str) -> Content | None:
        """The source of `sources.yaml` under a key."""
        self.used.add(key)
        return self.shared.get(key)

    def policy(self, code: str) -> Document | None:
        """The file of a destination as it is written; raise FaultyData where it cannot be parsed."""
        if code not in self._policies:
            self._policies[code] = self._parsed(code)
        return self._policies[code]

    def _parsed(self, code: str) -> Document | None:
        name = policy_file(code)
        path = self.folder / name
        if not _CODE.fullmatch(code) or not path.exists():
            return None
        try:
            return parse_document(name, path.read_text("utf-8"))
        except UnicodeDecodeError:
            raise FaultyData([]) from None


def policy_file(code: str) -> str:
    """The name of the file of a destination."""
    return f"destinations/{code}.yaml"


def check_stands_alone(document: Document) -> None:
    """Raise FaultyData for what a file would take from others, where there are none."""
    content = document.content if isinstance(document.content, Mapping) else {}
    faults = [
        document.fault(f"Write the source {key!r} in full: this file has to stand on its own.", ("sources", key))
        for key in sorted(shared_keys(content))
    ]
    if EXTENDS in content:
        faults.append(
            document.fault(
                f"This file has to stand on its own and cannot extend {content[EXTENDS]}; write its lists in full"
                " (`visalookup data export` into an empty folder does).",
                (EXTENDS,),
            )
        )
    if faults:
        raise FaultyData(faults)


def link(document: Document, origins: Origins) -> Document:
    """The document in full; raise FaultyData where what it takes over is not there."""
    document = with_shared_sources(document, origins.source)
    if not document.file.startswith("destinations/") or not isinstance(document.content, Mapping):
        return document
    if EXTENDS not in document.content:
        return document
    return extend(document, _parent(document, origins))


def _parent(document: Document, origins: Origins) -> Content:
    """The file that is extended, in full."""
    code = document.content[EXTENDS]
    parent = _find_policy(document, code, origins)
    if code == document.content.get("destination"):
        raise _refused(document, "A file cannot extend itself.")
    if EXTENDS in parent.content:
        further = parent.content[EXTENDS]
        raise _refused(document, f"{code} extends {further} itself; a file extends one that stands on its own.")
    try:
        full: Content = with_shared_sources(parent, origins.source).content
    except FaultyData as error:
        raise _refused(document, _FAULTY.format(code)) from error
    return full


_FAULTY = "{} cannot be extended: its own file has faults."


def _find_policy(document: Document, code: Any, origins: Origins) -> Document:
    try:
        parent = origins.policy(code) if isinstance(code, str) else None
    except FaultyData as error:
        raise _refused(document, _FAULTY.format(code)) from error
    if parent is None:
        raise _refused(document, f"There is no file of {code!r} to extend.")
    if not isinstance(parent.content, Mapping):
        raise _refused(document, _FAULTY.format(code))
    return parent


def _refused(document: Document, message: str) -> FaultyData:
    return FaultyData([document.fault(message, (EXTENDS,))])

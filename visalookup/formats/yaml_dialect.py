"""YAML with line numbers, in a stricter dialect: no dates guessed, no `no` that means false."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from visalookup.formats.faults import Fault, FaultyData

Path = tuple[str | int, ...]

_MAYBE_ANCHOR = re.compile(r"(?<!\w)[&*]")
"""Where an anchor or an alias may begin: never right after a letter, a digit or an underscore."""

_PLAIN = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:null"}


def _resolvers() -> dict[str, list[tuple[str, Any]]]:
    """Whole numbers, null, and true and false as such; all else is text."""
    kept: dict[str, list[tuple[str, Any]]] = {}
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items():
        if found := [each for each in resolvers if each[0] in _PLAIN and first not in "yYnNoO"]:
            kept[first] = found
    return kept


class StrictLoader(yaml.CSafeLoader):
    """Loads our dialect."""

    yaml_implicit_resolvers = _resolvers()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its content, and the line of any path within it."""

    file: str
    content: Any
    root: yaml.Node | None

    def line(self, path: Path = ()) -> int:
        """The line of the value at `path`, or of its nearest ancestor that is there."""
        nearest = self.nearest(path)
        return nearest.start_mark.line + 1 if path and nearest and nearest is not self.root else 1

    def nearest(self, path: Path) -> yaml.Node | None:
        """The node of the value at `path`, or of its nearest ancestor that is there."""
        node = self.root
        for step in path:
            child = _child(node, step)
            if child is None:
                break
            node = child
        return node

    def fault(self, message: str, path: Path = ()) -> Fault:
        """A fault at `path`."""
        return Fault(self.file, self.line(path), message, path)


def parse_document(file: str, text: str) -> Document:
    """Parse one YAML document; raise FaultyData where it is not YAML or names a key twice."""
    loader = StrictLoader(text)
    try:
        _refuse_anchors(file, text)
        root = loader.get_single_node()
        content = loader.construct_document(root) if root is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FaultyData([Fault(file, line, f"This is not YAML: {error.problem}.")]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FaultyData([Fault(file, line, f"This is not YAML: {error.reason}.")]) from error
    finally:
        loader.dispose()
    repeated = list(_repeated_keys(file, root))
    if repeated:
        raise FaultyData(repeated)
    return Document(file, content, root)


def _refuse_anchors(file: str, text: str) -> None:
    """An anchor would let a file refer to itself, and our dialect has no use for it."""
    if not _MAYBE_ANCHOR.search(text):
        return
    for event in yaml.parse(text, Loader=StrictLoader):
        if getattr(event, "anchor", None) is not None:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise FaultyData([Fault(file, line, "This is not YAML as we write it: no anchors and aliases.")])


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _repeated_keys(file: str, node: yaml.Node | None) -> Iterator[Fault]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield Fault(file, key.start_mark.line + 1, f"{key.value!r} is given twice.")
            seen.add(key.value)
            yield from _repeated_keys(file, value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _repeated_keys(file, each)


class Flow(list[Any]):
    """A list written on one line, as [DEU, FRA]."""


class FlowMap(dict[str, Any]):
    """A mapping written on one line, as {days: 90}."""


class CanonicalDumper(yaml.CSafeDumper):
    """Writes our dialect in its one canonical form."""

    yaml_implicit_resolvers = StrictLoader.yaml_implicit_resolvers

    def ignore_aliases(self, data: Any) -> bool:
        """Never write an anchor."""
        return True


CanonicalDumper.add_representer(
    Flow, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)
CanonicalDumper.add_representer(
    FlowMap, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)


def write_document(content: Any) -> str:
    """The canonical text of a document."""
    text: str = yaml.dump(
        content,
        Dumper=CanonicalDumper,
        sort_keys=False,
        allow_unicode=True,
        width=110,
        default_flow_style=False,
    )
    return text

"""A destination's file that extends another: what it takes over, and what it states itself.

It takes over the kind, the beginning, the authority, the verification, the entry facts, the default and the lists,
unless it states its own, with the sources these cite. The title and the note are always its own. Of the lists it adds
some, leaves out those under `without`, and states with `changes` what is different in one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import yaml

from visalookup.formats.checks import cited_in_entry
from visalookup.formats.faults import Fault, FaultyData
from visalookup.formats.yaml_dialect import Document, Flow, FlowMap, Path, write_document

EXTENDS = "extends"
WITHOUT = "without"
CHANGES = "changes"

Content = Mapping[str, Any]
Written = dict[str, Any]

_TAKEN_OVER = ("kind", "in_force", "authority", "verification", "entry", "default")
_TELLING_APART = ("documents", "stay", "source", "conditions", "note")
"""What a reference names, beside a passport and the requirement, where these are not enough."""
_ORDINARY = Flow(["ordinary"])
"""The documents of a list that names none."""
_EXAMPLE = "{passports: [AND], requirement: visa_free}"


class TakenOverNode(yaml.ScalarNode):
    """Stands in the tree of a file for a value of another one, at the line of `extends`."""


@dataclass(frozen=True, slots=True)
class ExtendedDocument(Document):
    """A file with all that it takes over."""

    parent: str = ""

    def fault(self, message: str, path: Path = ()) -> Fault:
        """A fault at `path`; at the line of `extends` for what is taken over, with a remark."""
        if isinstance(self.nearest(path), TakenOverNode):
            message = f"{message} (taken over from {self.parent})"
        return Document.fault(self, message, path)


def extend(document: Document, parent: Content) -> Document:
    """The document with what it takes over from `parent`; raise FaultyData for lists named that are not there."""
    merge = _Merge(document, parent)
    content = merge.content()
    if merge.faults:
        raise FaultyData(merge.faults)
    return ExtendedDocument(document.file, content, _merged_root(document, content), document.content[EXTENDS])


@dataclass(slots=True)
class _Merge:
    """A file being put together from its own text and another's."""

    document: Document
    parent: Content
    faults: list[Fault] = field(default_factory=list)
    replaced: set[int] = field(default_factory=set)
    """The lists of the parent that are changed or left out."""

    def content(self) -> Written:
        own = self.document.content
        taken = {key: self.parent[key] for key in _TAKEN_OVER if key in self.parent and key not in own}
        merged = {key: value for key, value in own.items() if key not in (EXTENDS, WITHOUT)} | taken
        if isinstance(own.get("lists", []), list):
            merged["lists"] = self._lists(own.get("lists", []), own.get(WITHOUT, []))
        if isinstance(own.get("sources", {}), Mapping):
            merged["sources"] = self._cited(merged) | own.get("sources", {})
        return merged

    def _lists(self, own: Sequence[Any], without: Any) -> list[Any]:
        changed = [self._changed(entry, ("lists", index)) for index, entry in enumerate(own)]
        self._leave_out(without)
        return [*changed, *(listed for index, listed in enumerate(_lists(self.parent)) if index not in self.replaced)]

    def _changed(self, entry: Any, path: Path) -> Any:
        """A list of its own; with `changes`, what differs laid over the list it names."""
        if not isinstance(entry, Mapping) or CHANGES not in entry:
            return entry
        found = self._find(entry[CHANGES], (*path, CHANGES))
        if found is None:
            return entry
        self.replaced.add(found)
        return {**_lists(self.parent)[found], **{key: value for key, value in entry.items() if key != CHANGES}}

    def _leave_out(self, without: Any) -> None:
        if not isinstance(without, list):
            self._fault(f"Name the lists that are left out, such as - {_EXAMPLE}.", (WITHOUT,))
            return
        for index, reference in enumerate(without):
            found = self._find(reference, (WITHOUT, index))
            if found in self.replaced:
                self._fault("This list is changed or left out already.", (WITHOUT, index))
            elif found is not None:
                self.replaced.add(found)

    def _find(self, reference: Any, path: Path) -> int | None:
        """Which list of the parent is meant."""
        code = self.document.content[EXTENDS]
        found = _matching(_lists(self.parent), reference) if isinstance(reference, Mapping) and reference else None
        if found is None:
            self._fault(f"Name the list by a passport and what it grants, such as {_EXAMPLE}.", path)
        elif not found:
            self._fault(f"{code} has no such list.", path)
        elif len(found) > 1:
            self._fault(f"{code} has {len(found)} such lists; name more of what this one contains.", path)
        else:
            return found[0]
        return None

    def _cited(self, merged: Content) -> Written:
        """The sources of the parent that anything cites."""
        entries = [*_lists(merged), merged.get("default"), merged.get("in_force")]
        named = (entry.get("source") for entry in entries if isinstance(entry, Mapping))
        cited = {key for key in named if isinstance(key, str)} | set(cited_in_entry(merged.get("entry")))
        sources = self.parent.get("sources")
        return {key: source for key, source in sources.items() if key in cited} if isinstance(sources, Mapping) else {}

    def _fault(self, message: str, path: Path) -> None:
        self.faults.append(self.document.fault(message, path))


def _lists(content: Content) -> Sequence[Any]:
    """The lists of another file; one that is malformed has faults of its own, and gives none."""
    lists = content.get("lists", [])
    return [listed for listed in lists if isinstance(listed, Mapping)] if isinstance(lists, list) else []


def _matching(lists: Sequence[Content], reference: Content) -> list[int]:
    """The lists with all that a reference contains, which name at least its passports."""
    return [index for index, listed in enumerate(lists) if all(_contains(listed, *item) for item in reference.items())]


def _contains(listed: Content, key: str, value: Any) -> bool:
    if key == "passports" and isinstance(value, list):
        named = listed.get(key)
        return bool(value) and isinstance(named, list) and all(code in named for code in value)
    return bool(listed.get(key, _ORDINARY if key == "documents" else None) == value)


def _merged_root(document: Document, content: Content) -> yaml.Node | None:
    """The tree of the file, in which what is taken over stands at the line of `extends`."""
    root = document.root
    if not isinstance(root, yaml.MappingNode):
        return root
    own: dict[str, tuple[yaml.Node, yaml.Node]] = {pair[0].value: pair for pair in root.value}
    mark = own[EXTENDS][0].start_mark
    pairs = [own[key] if key in own else _taken_over_pair(key, mark) for key in content]
    merged = [(key, _merged_value(value, content[key.value], mark)) for key, value in pairs]
    return yaml.MappingNode(root.tag, merged, root.start_mark, root.end_mark)


def _merged_value(node: yaml.Node, content: Any, mark: yaml.Mark) -> yaml.Node:
    """The lists, or the sources, with a place for each one taken over."""
    if isinstance(node, yaml.SequenceNode) and isinstance(content, list):
        missing = [_taken_over(mark) for _ in range(len(content) - len(node.value))]
        return yaml.SequenceNode(node.tag, [*node.value, *missing], node.start_mark, node.end_mark)
    if isinstance(node, yaml.MappingNode) and isinstance(content, Mapping):
        own = {key.value for key, _ in node.value}
        pairs = [_taken_over_pair(key, mark) for key in content if key not in own]
        return yaml.MappingNode(node.tag, [*node.value, *pairs], node.start_mark, node.end_mark)
    return node


def _taken_over(mark: yaml.Mark, value: str = "") -> TakenOverNode:
    return TakenOverNode("tag:yaml.org,2002:str", value, mark, mark)


def _taken_over_pair(key: str, mark: yaml.Mark) -> tuple[yaml.Node, yaml.Node]:
    return _taken_over(mark, key), _taken_over(mark)


def abridge(content: Content, parent: Content, code: str) -> Written | None:
    """The content as what differs from `parent`, the file of `code`; None where that cannot be written."""
    lists = _abridged_lists(_lists(content), _lists(parent))
    if lists is None or any(key in parent and key not in content for key in _TAKEN_OVER):
        return None
    added, without = lists
    sources = {key: source for key, source in content["sources"].items() if parent["sources"].get(key) != source}
    own = {key: content[key] for key in _TAKEN_OVER if key in content and content[key] != parent.get(key)}
    parts: Written = {
        "destination": content["destination"],
        EXTENDS: code,
        "title": content["title"],
        **{key: own[key] for key in ("kind", "in_force", "authority", "verification") if key in own},
        "sources": sources,
        "entry": own.get("entry"),
        "default": own.get("default"),
        WITHOUT: without,
        "lists": added,
        "note": content.get("note"),
    }
    abridged = {key: value for key, value in parts.items() if value}
    return abridged if _same(_Merge(Document("", abridged, None), parent).content(), content) else None


def _same(merged: Content, content: Content) -> bool:
    """Whether two files have the same content, in whatever order their lists stand."""

    def comparable(given: Content) -> Written:
        return {**given, "lists": sorted(json.dumps(listed, sort_keys=True) for listed in given.get("lists", ()))}

    return comparable(merged) == comparable(content)


def _abridged_lists(lists: Iterable[Content], parent: Sequence[Content]) -> tuple[list[Written], list[FlowMap]] | None:
    """The lists to add or change, and those to leave out; None where a list of the parent cannot be named."""
    gone, new = list(parent), []
    for listed in lists:
        if listed in gone:
            gone.remove(listed)
        else:
            new.append(listed)
    added = []
    for listed in new:
        changed, written = _shortest(listed, gone, parent)
        added.append(written)
        if changed is not None:
            gone.remove(changed)
    without = [_reference(listed, parent) for listed in gone]
    return (added, [reference for reference in without if reference]) if all(without) else None


def _shortest(listed: Content, gone: Sequence[Content], parent: Sequence[Content]) -> tuple[Content | None, Written]:
    """A list in full, or as the change of one that is gone, if that is shorter."""
    forms: list[tuple[Content | None, Written]] = [(None, dict(listed))]
    for before in gone:
        reference = _reference(before, parent)
        if reference and _is_akin(listed, before):
            changed = {key: value for key, value in listed.items() if before.get(key) != value}
            forms.append((before, {CHANGES: reference, **changed}))
    return min(forms, key=lambda form: len(write_document([form[1]])))


def _is_akin(listed: Content, before: Content) -> bool:
    """Whether one list can be read as a change of another: the same requirement, for some of the same people."""
    same = listed["requirement"] == before["requirement"] and before.keys() <= listed.keys()
    return same and not set(listed["passports"]).isdisjoint(before["passports"])


def _reference(listed: Content, lists: Sequence[Content]) -> FlowMap | None:
    """The shortest description that fits one list only: a passport, the requirement, and what else it takes."""
    described = {"documents": _ORDINARY, **listed}
    keys = [key for key in _TELLING_APART if key in described]
    for number in range(len(keys) + 1):
        for more in combinations(keys, number):
            for code in listed["passports"]:
                known = {key: described[key] for key in ("requirement", *more)}
                reference = FlowMap({"passports": Flow([code]), **known})
                if len(_matching(lists, reference)) == 1:
                    return reference
    return None

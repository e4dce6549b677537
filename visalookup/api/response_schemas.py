"""The schemas of the OpenAPI document, derived from the types that declare our responses."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, get_args, get_type_hints, is_typeddict

import msgspec

_AT = "#/components/schemas/"
_SUFFIX = "Json"


def component_name(declared: type) -> str:
    """Under which name a declaration stands in the document: that of its type, which says that it is JSON."""
    return _published(declared.__name__)


def reference(declared: type) -> dict[str, str]:
    """What stands in the document for a declaration."""
    return {"$ref": f"{_AT}{component_name(declared)}"}


def component_schemas(declared: Iterable[type]) -> dict[str, dict[str, Any]]:
    """The schemas of these declarations and of all they are made of, by name; members may be added to any of them."""
    whole = list(declared)
    _, components = msgspec.json.schema_components(whole, ref_template=f"{_AT}{{name}}")
    schemas = {_published(name): _without_title(_renamed(schema)) for name, schema in sorted(components.items())}
    for enumeration in _enumerations(whole):
        schemas[enumeration.__name__] |= {"type": "string", "enum": [str(value) for value in enumeration]}
    return schemas


def _published(name: str) -> str:
    return name.removesuffix(_SUFFIX)


def _without_title(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without its title, which only repeats its name."""
    return {member: value for member, value in schema.items() if member != "title"}


def _enumerations(parts: Iterable[Any]) -> set[type[StrEnum]]:
    """The enumerations in these types and all they are made of; their values have an order, and msgspec sorts them."""
    found: set[type[StrEnum]] = set()
    seen, waiting = set(), list(parts)
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        if is_typeddict(part):
            waiting += get_type_hints(part).values()
        elif isinstance(part, type) and issubclass(part, StrEnum):
            found.add(part)
        else:
            waiting += get_args(part)
    return found


def _renamed(schema: Any) -> Any:
    """A part of a schema with its references by published name."""
    if isinstance(schema, list):
        return [_renamed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        member: f"{_AT}{_published(value.removeprefix(_AT))}" if member == "$ref" else _renamed(value)
        for member, value in schema.items()
    }

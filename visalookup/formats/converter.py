"""Value objects of the domain from payloads that have their shape, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from visalookup.domain.conditions import Condition, Holding
from visalookup.domain.documents import EVERY_DOCUMENT, DocumentScope, DocumentType
from visalookup.domain.entry_facts import EntryCondition, EntryFacts, Fee, HowToApply, PassportRule, PassportValidity
from visalookup.domain.moments import PartialDate
from visalookup.domain.places import Authority
from visalookup.domain.regimes import Terms
from visalookup.domain.requirements import Purpose, Stay, StayTotal
from visalookup.domain.sources import Source, Verification
from visalookup.formats.value_fields import PAYLOAD_NAMES

Value = TypeVar("Value")
Payload = dict[str, Any]

EVERY = "all"
"""How a payload names every document."""


def build(value_type: type[Value], payload: Mapping[str, Any], **more: Any) -> Value:
    """The value object of a payload whose shape was checked; `more` are fields that the payload does not state.

    Raise InvalidValue where the members do not go together.
    """
    return _converter.structure({**payload, **more}, value_type)


def payload_of(value: Any) -> Payload:
    """The members of a value object; those that hold what is usual are left out."""
    written: Payload = _converter.unstructure(value)
    return written


def _read_documents(names: Any, _type: Any) -> DocumentScope:
    if isinstance(names, DocumentScope):
        return names
    return EVERY_DOCUMENT if EVERY in names else DocumentScope.of(DocumentType(name) for name in names)


def documents_payload(documents: DocumentScope) -> list[str]:
    """The documents of terms by name."""
    return [EVERY] if documents.is_every else sorted(str(document) for document in documents)


def _read_conditions(conditions: Iterable[Any], _type: Any) -> tuple[Condition, ...]:
    return tuple(sorted(_converter.structure(condition, Condition) for condition in conditions))


def _reader(converter: Converter, value_type: type, named: Mapping[str, Any]) -> Callable[[Any, Any], Any]:
    """Builds a value object of its payload; a part that is a value object already stays as it is."""
    read: Callable[[Any, Any], Any] = make_dict_structure_fn(
        value_type, converter, _cattrs_detailed_validation=False, **named
    )
    return lambda value, kind: value if isinstance(value, value_type) else read(value, kind)


def _purposes_payload(purposes: Iterable[Purpose]) -> list[str]:
    return sorted(str(purpose) for purpose in purposes)


_WRITTEN: dict[type, dict[str, Any]] = {
    Source: {"key": override(omit=True)},
    **{kind: {"source_key": override(rename="source")} for kind in (Terms, PassportRule, EntryCondition, HowToApply)},
}
"""Where a payload is written otherwise than it is read: the key of a source stands before it."""

_ENTRY = (PassportValidity, PassportRule, EntryCondition, Fee, HowToApply, EntryFacts)
_VALUES = (StayTotal, Stay, Condition, Verification, Authority, Source, Terms, *_ENTRY)
"""The value objects, parts before wholes."""


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=False)
    for kind in (PartialDate, date, Holding):
        converter.register_structure_hook(kind, lambda value, _type: value)
        converter.register_unstructure_hook(kind, str)
    converter.register_unstructure_hook(StrEnum, str)
    converter.register_structure_hook(DocumentScope, _read_documents)
    converter.register_unstructure_hook(DocumentScope, documents_payload)
    converter.register_structure_hook_func(lambda kind: kind == tuple[Condition, ...], _read_conditions)
    converter.register_unstructure_hook_func(lambda kind: kind == frozenset[Purpose], _purposes_payload)
    for value_type in _VALUES:
        named = {name: override(rename=payload) for name, payload in PAYLOAD_NAMES.get(value_type, {}).items()}
        written: dict[str, Any] = {**named, **_WRITTEN.get(value_type, {})}
        write = make_dict_unstructure_fn(value_type, converter, _cattrs_omit_if_default=True, **written)
        converter.register_unstructure_hook(value_type, write)
        converter.register_structure_hook(value_type, _reader(converter, value_type, named))
    return converter


_converter = _make_converter()

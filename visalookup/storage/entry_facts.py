"""Entry facts as the JSON of one column, and back.

What holds its default is left out, so that a field added to the facts changes no row and no digest of before.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from cattrs import Converter

from visalookup.domain.entry_facts import EntryFacts
from visalookup.domain.moments import PartialDate


def entry_column(facts: EntryFacts) -> dict[str, Any]:
    """The facts as JSON."""
    column: dict[str, Any] = _converter.unstructure(facts)
    return column


def entry_of(column: Any) -> EntryFacts:
    """The facts that a column holds."""
    return _converter.structure(column, EntryFacts)


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=False, omit_if_default=True, unstruct_collection_overrides={tuple: list})
    converter.register_structure_hook(date, lambda text, _type: date.fromisoformat(text))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(PartialDate, lambda text, _type: PartialDate.parse(text))
    converter.register_unstructure_hook(PartialDate, str)
    converter.register_unstructure_hook(StrEnum, str)
    return converter


_converter = _make_converter()

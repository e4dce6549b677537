"""The submitted fields of a form, and their faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from visalookup.domain.gazetteer import Gazetteer, UnknownPlace
from visalookup.formats.faults import FaultyData

WHOLE_FORM = "form"
"""The key of faults that concern no single field."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with a field, and how to fix it."""

    detail: str


@dataclass(slots=True)
class FormInput:
    """The fields of a form as typed, and the faults found in them."""

    fields: Mapping[str, str]
    faults: dict[str, FieldFault] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """The text of a field without surrounding space; None if it is empty."""
        return self.fields.get(name, "").strip() or None

    def is_ticked(self, name: str) -> bool:
        """Whether a checkbox is ticked."""
        return self.text(name) is not None

    def with_prefix(self, names: Iterable[str], prefix: str) -> dict[str, str]:
        """The filled-in fields among `names`, which share a prefix in the form; keyed without the prefix."""
        return {name: text for name in names if (text := self.text(f"{prefix}{name}")) is not None}

    def number(self, name: str) -> int | str | None:
        """A whole number; anything else stays text, and the schema of the payload refuses it."""
        text = self.text(name)
        return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else text

    def place(self, name: str, gazetteer: Gazetteer) -> str | None:
        """The code of the place; an unknown place is a fault and stays as typed."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return gazetteer.find(text).code
        except UnknownPlace as error:
            self.fault(name, str(error))
            return text

    def fault(self, name: str, detail: str) -> None:
        """Record a fault of a field, unless it has one already."""
        self.faults.setdefault(name, FieldFault(detail))

    def add_payload_faults(self, error: FaultyData, field_of: Callable[[str], str]) -> None:
        """Record the faults of a payload, each under the field that `field_of` gives for its path."""
        for fault in error.faults:
            path = ".".join(str(step) for step in fault.path)
            prefix = f"{path}: "
            message = fault.message.removeprefix(prefix)
            line = f"Line {fault.line}: " if fault.file else ""
            name = field_of(path)
            self.add_fault(name if name in self.fields else WHOLE_FORM, f"{line}{message}")

    def add_fault(self, name: str, detail: str) -> None:
        """Record one more fault of a field."""
        before = self.faults.get(name)
        self.faults[name] = FieldFault(f"{before.detail}\n{detail}" if before else detail)


def filled(**values: Any) -> dict[str, Any]:
    """The values that are not empty."""
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}

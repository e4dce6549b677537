"""What somebody typed, and what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from visalookup.domain.gazetteer import Gazetteer, UnknownPlace
from visalookup.formats.faults import FaultyData

WHOLE_FORM = "form"
"""The name under which a fault stands that is about no single field."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with a field, and what to do."""

    detail: str


@dataclass(slots=True)
class FormInput:
    """The fields of a form as they were typed, without surrounding space, and the faults found in them."""

    fields: Mapping[str, str]
    faults: dict[str, FieldFault] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """What was typed in a field; None where it is empty."""
        return self.fields.get(name, "").strip() or None

    def is_ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) is not None

    def several(self, names: Iterable[str], prefix: str) -> dict[str, str]:
        """The fields that were filled in, of those that share a prefix, by their bare name."""
        return {name: text for name in names if (text := self.text(f"{prefix}{name}")) is not None}

    def number(self, name: str) -> int | str | None:
        """A whole number; anything else stays text, and is refused where the shape is checked."""
        text = self.text(name)
        return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else text

    def place(self, name: str, gazetteer: Gazetteer) -> str | None:
        """The code of the place that was typed; an unknown one is a fault, and stays as typed."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return gazetteer.find(text).code
        except UnknownPlace as error:
            self.fault(name, str(error))
            return text

    def fault(self, name: str, detail: str) -> None:
        """Note what is wrong with a field; the first word on it stands."""
        self.faults.setdefault(name, FieldFault(detail))

    def take_faults(self, error: FaultyData, field_of: Callable[[str], str]) -> None:
        """Note the faults of a payload, each under the field that `field_of` names for its path."""
        for each in error.faults:
            path = ".".join(str(step) for step in each.path)
            prefix = f"{path}: "
            message = each.message.removeprefix(prefix)
            line = f"Line {each.line}: " if each.file else ""
            name = field_of(path)
            self.add_fault(name if name in self.fields else WHOLE_FORM, f"{line}{message}")

    def add_fault(self, name: str, detail: str) -> None:
        """Note one more thing that is wrong with a field."""
        before = self.faults.get(name)
        self.faults[name] = FieldFault(f"{before.detail}\n{detail}" if before else detail)


def filled(**values: Any) -> dict[str, Any]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}

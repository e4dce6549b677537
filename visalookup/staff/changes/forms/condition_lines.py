"""Conditions as lines of a form: `kind (argument=value,value; argument=value): text`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from visalookup.domain.conditions import ARGUMENTS, ConditionKind

_LINE = re.compile(r"\s*(?P<kind>\w+)\s*(?:\((?P<arguments>[^()]*)\))?\s*:\s*(?P<text>.*?)\s*")
_LISTS = frozenset({"holds", "of", "by", "purposes"})
_NUMBERS = frozenset({"months", "days"})


def read_condition_lines(lines: str) -> list[dict[str, Any]]:
    """The payload of a condition for each line; a line without a known kind is a condition `other`.

    What an argument cannot be is left as it was typed: the check of the payload refuses it and says why.
    """
    return [_condition(line) for line in lines.splitlines() if line.strip()]


def write_condition_lines(conditions: Iterable[Mapping[str, Any]]) -> str:
    """The lines for the conditions of a payload."""
    return "\n".join(_line(condition) for condition in conditions)


def _condition(line: str) -> dict[str, Any]:
    found = _LINE.fullmatch(line)
    if found is None or found["kind"] not in list(ConditionKind):
        return {"kind": str(ConditionKind.OTHER), "text": line.strip()}
    return {"kind": found["kind"], "text": found["text"], **dict(_arguments(found["arguments"] or ""))}


def _arguments(text: str) -> Iterable[tuple[str, Any]]:
    for part in text.split(";"):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name:
            yield name, _value(name, value)


def _value(name: str, text: str) -> Any:
    if name in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    return int(text) if name in _NUMBERS and text.isascii() and text.isdigit() and len(text) < 5 else text


def _line(condition: Mapping[str, Any]) -> str:
    arguments = "; ".join(f"{name}={_text(condition[name])}" for name in ARGUMENTS if condition.get(name))
    brackets = f" ({arguments})" if arguments else ""
    return f"{condition['kind']}{brackets}: {condition['text']}"


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)

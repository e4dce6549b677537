"""The members of a payload, derived from the domain type that they become.

A value object of the domain (a source, a stay, the terms of a rule) is declared once, as a dataclass. From its fields
follow the shape that a payload must have (here) and the conversion both ways (`converter`), so that a new field of a
rule needs no line in this layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from marshmallow import RAISE, Schema, ValidationError, validate
from marshmallow import fields as shapes

from visalookup.domain.conditions import Holding
from visalookup.domain.documents import DocumentScope, DocumentType
from visalookup.domain.errors import InvalidValue
from visalookup.domain.moments import EffectiveDate, PartialDate, parse_day
from visalookup.domain.regimes import Terms

FILLED = validate.Length(min=1, error="This must not be empty.")
MISSING_MEMBER = "This is missing."


class Text(shapes.String):
    """Text without surrounding space; a bare number is text too, as a year is in `published_on: 2024`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return super()._deserialize(value, attr, data, **kwargs).strip()


class Choice(Text):
    """One value of an enumeration; the error lists them all."""

    def __init__(self, kind: type[StrEnum], **kwargs: Any) -> None:
        choices = [str(member) for member in kind]
        message = f"{{input!r}} is not one of {', '.join(choices)}."
        super().__init__(validate=validate.OneOf(choices, error=message), **kwargs)


class Parsed(Text):
    """Text that the domain can read; `parse` raises InvalidValue for what it cannot."""

    parse: Callable[[str], Any]

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return type(self).parse(text)
        except InvalidValue as error:
            raise ValidationError(str(error)) from error


class Day(Parsed):
    """A day of the calendar, as 2024-08-28."""

    parse = staticmethod(parse_day)


class Partial(Parsed):
    """A day, a month or a year."""

    parse = staticmethod(PartialDate.parse)


class HoldingText(Parsed):
    """A visa, permit, card or status with its issuer, as USA:visa."""

    parse = staticmethod(Holding.parse)


class Effective(Parsed):
    """A day, month, year or an instant with its offset; kept as text once it is known to parse."""

    @staticmethod
    def parse(text: str) -> str:
        """The text itself."""
        EffectiveDate.parse(text)
        return text


class PayloadSchema(Schema):
    """A mapping with the keys named here and no others."""

    class Meta:
        """Refuse unknown keys."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012 - marshmallow's way
        "type": "This must be keys with their values, such as `title: Agreement on visa exemption`.",
    }

    def on_bind_field(self, field_name: str, field_obj: shapes.Field[Any]) -> None:
        """Name what is missing in our own words; a field that has better words keeps them."""
        if field_obj.error_messages["required"] == shapes.Field.default_error_messages["required"]:
            field_obj.error_messages["required"] = MISSING_MEMBER


PAYLOAD_NAMES: dict[type, dict[str, str]] = {
    Terms: {"applies_from": "from", "applies_until": "until"},
}
"""Where a payload names a field otherwise than the domain does."""


def _payload_name(value_type: type, name: str) -> str:
    """What a payload calls a field."""
    return PAYLOAD_NAMES.get(value_type, {}).get(name, name)


def members_of(
    value_type: type, nested: Mapping[type, type[Schema]] | None = None, leave_out: Iterable[str] = ()
) -> dict[str, shapes.Field[Any]]:
    """The members of the payload of a value object, by name; those without a default are required.

    `nested` are the shapes of the value objects within it; `leave_out` are fields that a payload does not state.
    """
    hints = get_type_hints(value_type)
    left_out = set(leave_out)
    return {
        _payload_name(value_type, field.name): _member(hints[field.name], nested or {}, required=_is_required(field))
        for field in fields(value_type)
        if field.name not in left_out
    }


def text_members(value_type: type) -> tuple[str, ...]:
    """The optional members that are plain text, by name: a form needs nothing but a line for each of them."""
    return _optional_members(value_type, str)


def day_members(value_type: type) -> tuple[str, ...]:
    """The optional members that are days, by name."""
    return _optional_members(value_type, date)


def _optional_members(value_type: type, kind: type) -> tuple[str, ...]:
    hints = get_type_hints(value_type)
    return tuple(
        _payload_name(value_type, field.name)
        for field in fields(value_type)
        if not _is_required(field) and _not_none(hints[field.name]) is kind
    )


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _member(hint: Any, nested: Mapping[type, type[Schema]], *, required: bool = False) -> shapes.Field[Any]:
    kind = _not_none(hint)
    if kind in nested:
        return shapes.Nested(nested[kind], required=required)
    if kind is DocumentScope:
        return shapes.List(Text(validate=validate.OneOf([*DocumentType, "all"])), validate=FILLED, required=required)
    if get_origin(kind) in (frozenset, tuple):
        filled = FILLED if get_origin(kind) is frozenset else None
        return shapes.List(_member(get_args(kind)[0], nested), required=required, validate=filled)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Choice(kind, required=required)
    return _PLAIN[kind](required)


_PLAIN: dict[Any, Callable[[bool], shapes.Field[Any]]] = {
    str: lambda required: Text(required=required, validate=FILLED),
    int: lambda required: shapes.Integer(required=required, strict=True, validate=validate.Range(min=1)),
    bool: lambda required: shapes.Boolean(required=required),
    date: lambda required: Day(required=required),
    PartialDate: lambda required: Partial(required=required),
    Holding: lambda required: HoldingText(required=required),
}


def _not_none(hint: Any) -> Any:
    """The type itself, of one that may be None."""
    if get_origin(hint) in (Union, UnionType):
        (kind,) = (part for part in get_args(hint) if part is not NoneType)
        return kind
    return hint

"""The shape of an amendment: parts of a data file on their own, as a form or a program sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from visalookup.formats.schemas import A_SLUG, EntryShape, SourceShape, TermsShape
from visalookup.formats.value_fields import FILLED, Day, PayloadSchema, Text


class NewSourceShape(SourceShape):
    """A source the regime has not had so far; without a key it is given one."""

    key = Text(validate=A_SLUG)


class Cited(Text):
    """A source: the key of one the regime has, or a new one."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's way
        "invalid": "Give the key of a source the regime has, or a new source with kind, publisher, title and url.",
        "required": "A source is missing: who says so, and where?",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, str) and value:
            return value
        if not isinstance(value, Mapping):
            raise self.make_error("invalid")
        return NewSourceShape().load(value)


class CitedEntryShape(EntryShape):
    """A step or milestone, with a source the regime has or a new one."""

    source = Cited(required=True)


class StepShape(CitedEntryShape):
    """A step or milestone to add. `missed` says that it belongs before a step already recorded."""

    missed = fields.Boolean(load_default=False)


class CorrectionShape(PayloadSchema):
    """The entry of the timeline to correct, as it should have been; without `entry` it is removed."""

    key = Text(required=True, validate=FILLED)
    entry = fields.Nested(CitedEntryShape, allow_none=True)


class RuleTermsShape(TermsShape):
    """What a rule gives. Without a verification, it follows from the kind of source and the day it was read."""

    source = Cited(required=True)


class RuleAmendmentShape(PayloadSchema):
    """A rule by its key, or a new one by its pair; without `terms` it is removed."""

    key = Text(validate=FILLED)
    passport = Text(validate=FILLED)
    destination = Text(validate=FILLED)
    terms = fields.Nested(RuleTermsShape, allow_none=True)


class NewRuleShape(PayloadSchema):
    """A rule to add: for whom, where, and what it gives."""

    passport = Text(required=True, validate=FILLED)
    destination = Text(required=True, validate=FILLED)
    terms = fields.Nested(RuleTermsShape, required=True)


class ConfirmationShape(PayloadSchema):
    """Rules that were checked on a day and are still true: all of the regime's if none is named."""

    rules = fields.List(Text(validate=FILLED), load_default=list)
    checked_on = Day(required=True)
    source = Cited()


class FileShape(PayloadSchema):
    """A whole file: its name within the data folder, and its text."""

    name = Text(required=True, validate=FILLED)
    text = fields.String(required=True, validate=FILLED)

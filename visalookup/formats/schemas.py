"""The shape of the YAML files, key by key; what the values mean together is checked when they are assembled."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from visalookup.domain.documents import DocumentType
from visalookup.domain.errors import InvalidValue
from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import EffectiveDate, PartialDate, parse_day
from visalookup.domain.regimes import RegimeKind
from visalookup.domain.requirements import ConditionKind, Purpose, Requirement
from visalookup.domain.slugs import SLUG
from visalookup.domain.sources import SourceKind, VerificationLevel

A_SLUG = validate.Regexp(rf"^{SLUG.pattern}\Z", error="Use lower-case letters, digits and single hyphens.")
FILLED = validate.Length(min=1, error="This must not be empty.")
MISSING = "This is missing."


class Text(fields.String):
    """Text without surrounding space; a bare number is text too, as a year is in `published_on: 2024`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return super()._deserialize(value, attr, data, **kwargs).strip()


class Choice(Text):
    """One value of an enumeration; the error lists them all."""

    def __init__(self, kind: type[StrEnum], **kwargs: Any) -> None:
        choices = [str(each) for each in kind]
        message = f"{{input!r}} is not one of {', '.join(choices)}."
        super().__init__(validate=validate.OneOf(choices, error=message), **kwargs)


class Day(Text):
    """A day of the calendar, as 2024-08-28."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return parse_day(text)
        except InvalidValue as error:
            raise ValidationError(str(error)) from error


class Partial(Text):
    """A day, a month or a year."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            return PartialDate.parse(super()._deserialize(value, attr, data, **kwargs))
        except InvalidValue as error:
            raise ValidationError(str(error)) from error


class Effective(Text):
    """A day, month, year or an instant with its offset; kept as text once it is known to parse."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            EffectiveDate.parse(text)
        except InvalidValue as error:
            raise ValidationError(str(error)) from error
        return text


class PayloadSchema(Schema):
    """A mapping with the keys named here and no others."""

    class Meta:
        """Refuse unknown keys."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012 - marshmallow's way
        "type": "This must be keys with their values, such as `title: Agreement on visa exemption`.",
    }

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Say in our own words what is missing; a field that has better words keeps them."""
        if field_obj.error_messages["required"] == fields.Field.default_error_messages["required"]:
            field_obj.error_messages["required"] = MISSING


class AuthorityShape(PayloadSchema):
    """Whom to ask."""

    name = Text(required=True, validate=FILLED)
    url = fields.Url(required=True, schemes={"http", "https"})


class SourceShape(PayloadSchema):
    """A source."""

    kind = Choice(SourceKind, required=True)
    publisher = Text(required=True, validate=FILLED)
    title = Text(required=True, validate=FILLED)
    url = fields.Url(required=True, schemes={"http", "https"})
    published_on = Partial()
    accessed_on = Day()
    state_on = Partial()


class VerificationShape(PayloadSchema):
    """How well something was checked."""

    level = Choice(VerificationLevel, required=True)
    verified_on = Day()


class TotalShape(PayloadSchema):
    """A cap over several visits."""

    days = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    within_days = fields.Integer(strict=True, validate=validate.Range(min=1))
    calendar_year = fields.Boolean()


class StayShape(PayloadSchema):
    """How long one may stay."""

    days = fields.Integer(strict=True, validate=validate.Range(min=1))
    within_days = fields.Integer(strict=True, validate=validate.Range(min=1))
    months = fields.Integer(strict=True, validate=validate.Range(min=1))
    unlimited = fields.Boolean()
    total = fields.Nested(TotalShape)


class ConditionShape(PayloadSchema):
    """A condition of an entry."""

    kind = Choice(ConditionKind, required=True)
    text = Text(required=True, validate=FILLED)


class TermsShape(PayloadSchema):
    """What an entry grants."""

    requirement = Choice(Requirement, required=True)
    stay = fields.Nested(StayShape)
    documents = fields.List(Text(validate=validate.OneOf([*DocumentType, "all"])), validate=FILLED)
    purposes = fields.List(Choice(Purpose), validate=FILLED)
    conditions = fields.List(fields.Nested(ConditionShape))
    overriding = fields.Boolean()
    source = Text(required=True)
    verification = fields.Nested(VerificationShape)
    note = Text(validate=FILLED)


class ListShape(TermsShape):
    """A list in a destination's policy."""

    passports = fields.List(Text(), required=True, validate=FILLED)
    except_ = fields.List(Text(), data_key="except")


class RuleShape(ListShape):
    """A rule of a dated regime."""

    destinations = fields.List(Text(), required=True, validate=FILLED)


class InForceShape(PayloadSchema):
    """Since when a policy is known to hold."""

    on = Effective(required=True)
    attested = fields.Boolean(load_default=False)
    source = Text(required=True)
    note = Text(validate=FILLED)


class DestinationShape(PayloadSchema):
    """A file in `destinations/`."""

    destination = Text(required=True)
    title = Text(required=True, validate=FILLED)
    kind = Choice(RegimeKind, load_default=str(RegimeKind.DOMESTIC_LAW))
    in_force = fields.Nested(InForceShape, required=True)
    authority = fields.Nested(AuthorityShape, required=True)
    verification = fields.Nested(VerificationShape)
    sources = fields.Dict(keys=Text(validate=A_SLUG), values=fields.Nested(SourceShape), required=True)
    default = fields.Nested(TermsShape)
    lists = fields.List(fields.Nested(ListShape), load_default=list)
    note = Text(validate=FILLED)


class TransitionShape(PayloadSchema):
    """A grace period."""

    until = Day(required=True)
    text = Text(required=True, validate=FILLED)


class EntryShape(PayloadSchema):
    """A step on a timeline: a status or a milestone."""

    status = Choice(Status)
    milestone = Text(validate=FILLED)
    party = Text()
    on = Effective(required=True)
    attested = fields.Boolean(load_default=False)
    source = Text(required=True)
    transition = fields.Nested(TransitionShape)
    note = Text(validate=FILLED)


class RegimeShape(PayloadSchema):
    """A file in `regimes/`."""

    id = Text(required=True, validate=A_SLUG)
    kind = Choice(RegimeKind, required=True)
    title = Text(required=True, validate=FILLED)
    parties = fields.List(Text(), required=True, validate=FILLED)
    authority = fields.Nested(AuthorityShape)
    verification = fields.Nested(VerificationShape)
    sources = fields.Dict(keys=Text(validate=A_SLUG), values=fields.Nested(SourceShape), required=True)
    timeline = fields.List(fields.Nested(EntryShape), required=True, validate=FILLED)
    rules = fields.List(fields.Nested(RuleShape), load_default=list)
    note = Text(validate=FILLED)


class GroupShape(PayloadSchema):
    """A group of places."""

    code = Text(required=True, validate=validate.Regexp(r"^[A-Z0-9_]+$"))
    name = Text(required=True, validate=FILLED)
    members = fields.List(Text(), required=True, validate=FILLED)
    note = Text(validate=FILLED)
    source = fields.Nested(SourceShape, required=True)

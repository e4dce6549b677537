"""The shape of the YAML files, key by key; what the values mean together is checked when they are assembled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from visalookup.domain.conditions import Condition
from visalookup.domain.entry_facts import EntryCondition, EntryFacts, Fee, HowToApply, PassportRule, PassportValidity
from visalookup.domain.errors import InvalidValue
from visalookup.domain.lifecycle import Status
from visalookup.domain.regimes import RegimeKind, Terms
from visalookup.domain.requirements import Stay, StayTotal
from visalookup.domain.slugs import SLUG
from visalookup.domain.sources import Source, Verification
from visalookup.formats.converter import build
from visalookup.formats.value_fields import FILLED, Choice, Day, Effective, PayloadSchema, Text, members_of

A_SLUG = validate.Regexp(rf"^{SLUG.pattern}\Z", error="Use lower-case letters, digits and single hyphens.")


class AuthorityShape(PayloadSchema):
    """Whom to ask."""

    name = Text(required=True, validate=FILLED)
    url = fields.Url(required=True, schemes={"http", "https"})


class SourceShape(PayloadSchema):
    """A source."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's source, but its key."""

        include = members_of(Source, leave_out={"key", "url"})

    url = fields.Url(required=True, schemes={"http", "https"})


class VerificationShape(PayloadSchema):
    """How well something was checked."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's verification."""

        include = members_of(Verification)


class TotalShape(PayloadSchema):
    """A cap over several visits."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's total."""

        include = members_of(StayTotal)


class StayShape(PayloadSchema):
    """How long one may stay."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's stay."""

        include = members_of(Stay, {StayTotal: TotalShape})


class ConditionShape(PayloadSchema):
    """A condition of an entry."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's condition."""

        include = members_of(Condition)

    @validates_schema
    def _check_arguments(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse arguments that the kind does not have, where they stand."""
        try:
            build(Condition, data)
        except InvalidValue as error:
            raise ValidationError(str(error), "kind") from error


class TermsShape(PayloadSchema):
    """What an entry grants."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's terms, but for what is optional here and how a source is named."""

        include = members_of(
            Terms, {Stay: StayShape, Condition: ConditionShape}, leave_out={"source_key", "verification"}
        )

    source = Text(required=True)
    verification = fields.Nested(VerificationShape)


class FactShape(PayloadSchema):
    """What every entry fact names."""

    source = Text(required=True)
    verification = fields.Nested(VerificationShape)


_CITED = ("source_key", "verification")


class PassportValidityShape(PayloadSchema):
    """How long a passport must be valid."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's validity."""

        include = members_of(PassportValidity)


class PassportRuleShape(FactShape):
    """What a passport must be."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's passport rule."""

        include = members_of(PassportRule, {PassportValidity: PassportValidityShape}, leave_out=_CITED)


class EntryConditionShape(FactShape):
    """What visitors are turned back for."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's condition of entry, but its address."""

        include = members_of(EntryCondition, leave_out={*_CITED, "url"})

    url = fields.Url(schemes={"http", "https"})


class FeeShape(PayloadSchema):
    """A price."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's fee."""

        include = members_of(Fee)


class HowToApplyShape(FactShape):
    """Where one applies."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's way to apply, but its address."""

        include = members_of(HowToApply, {Fee: FeeShape}, leave_out={*_CITED, "url"})

    url = fields.Url(required=True, schemes={"http", "https"})


class EntryFactsShape(PayloadSchema):
    """What a destination asks of every visitor."""

    class Meta(PayloadSchema.Meta):
        """The members of the domain's entry facts."""

        include = members_of(
            EntryFacts,
            {PassportRule: PassportRuleShape, EntryCondition: EntryConditionShape, HowToApply: HowToApplyShape},
        )


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
    entry = fields.Nested(EntryFactsShape)
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


class MembershipShape(PayloadSchema):
    """A member of a group with the days on which it is one."""

    class Meta(PayloadSchema.Meta):
        """`from` is no name in Python."""

        include = {"from": Day(), "until": Day()}  # noqa: RUF012 - marshmallow's way

    code = Text(required=True, validate=FILLED)
    source = Text(validate=FILLED)


class Member(Text):
    """A member of a group: its code, or a mapping of its code and days."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, Mapping):
            return MembershipShape().load(value)
        return {"code": super()._deserialize(value, attr, data, **kwargs)}


class GroupShape(PayloadSchema):
    """A group of places."""

    code = Text(required=True, validate=validate.Regexp(r"^[A-Z0-9_]+$"))
    name = Text(required=True, validate=FILLED)
    members = fields.List(Member(), required=True, validate=FILLED)
    sources = fields.Dict(keys=Text(validate=A_SLUG), values=fields.Nested(SourceShape), load_default=dict)
    note = Text(validate=FILLED)
    source = fields.Nested(SourceShape, required=True)

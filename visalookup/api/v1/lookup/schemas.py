"""What comes back: schemas that describe the answers. The answers themselves are made in `representations`."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from visalookup.api.v1.problem_schema import PlaceRef, ProblemSchema
from visalookup.api.v1.receipt_schema import ReceiptSchema
from visalookup.domain.documents import DocumentType
from visalookup.domain.lifecycle import Status
from visalookup.domain.lookup import Basis
from visalookup.domain.moments import Precision
from visalookup.domain.places import PlaceKind
from visalookup.domain.regimes import RegimeKind
from visalookup.domain.requirements import AnswerKind, ConditionKind, Purpose, Requirement
from visalookup.domain.sources import SourceKind, VerificationLevel


def _one_of(kind: Any, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf([str(each) for each in kind]), **kwargs)


def _nullable(kind: Any) -> fields.String:
    return fields.String(allow_none=True, metadata={"enum": [*(str(each) for each in kind), None]})


class AuthoritySchema(Schema):
    """Whom to ask."""

    name = fields.String(required=True)
    url = fields.String(required=True)


class PlaceSchema(PlaceRef):
    """A place whole."""

    kind = _one_of(PlaceKind, required=True)
    alpha2 = fields.String(allow_none=True)
    icao = fields.String(allow_none=True)
    citizens_of = fields.String(allow_none=True)
    aliases = fields.List(fields.String())
    timezone = fields.String(allow_none=True)
    authority = fields.Nested(AuthoritySchema, allow_none=True)
    can_be_entered = fields.Boolean()
    issues_documents = fields.Boolean()


class TotalSchema(Schema):
    """A cap over several visits."""

    days = fields.Integer(required=True)
    within_days = fields.Integer(allow_none=True)
    calendar_year = fields.Boolean()


class StaySchema(Schema):
    """How long one may stay."""

    days = fields.Integer(required=True, allow_none=True)
    within_days = fields.Integer(required=True, allow_none=True)
    months = fields.Integer(required=True, allow_none=True)
    unlimited = fields.Boolean(required=True)
    total = fields.Nested(TotalSchema, required=True, allow_none=True)


class ConditionSchema(Schema):
    """What a rule asks for besides."""

    kind = _one_of(ConditionKind, required=True)
    text = fields.String(required=True)


class SourceSchema(Schema):
    """Where a fact comes from."""

    kind = _one_of(SourceKind, required=True)
    publisher = fields.String(required=True)
    title = fields.String(required=True)
    url = fields.String(required=True)
    published_on = fields.String(required=True, allow_none=True)
    accessed_on = fields.String(required=True, allow_none=True)
    state_on = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The date of the state that was read, where it was an older one."},
    )


class VerificationSchema(Schema):
    """How well a rule was checked."""

    level = _one_of(VerificationLevel, required=True)
    verified_on = fields.String(required=True, allow_none=True)
    stale = fields.Boolean(required=True)


class RegimeInEffect(Schema):
    """The regime an answer rests on."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    kind = _one_of(RegimeKind, required=True)
    status = _one_of(Status, required=True)
    in_force_from = fields.String(required=True)
    in_force_from_attested = fields.Boolean(required=True)


class RegimeNoted(Schema):
    """A regime that is not in effect."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    kind = _one_of(RegimeKind, required=True)
    status = _nullable(Status)
    status_since = fields.String(allow_none=True)


class Granted(Schema):
    """What a rule gives."""

    requirement = _one_of(Requirement, required=True)
    stay = fields.Nested(StaySchema, required=True, allow_none=True)
    conditions = fields.List(fields.Nested(ConditionSchema), required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)


class AppliedSchema(Granted):
    """A rule in effect besides the one that answers."""

    regime = fields.Nested(RegimeInEffect, required=True)
    note = fields.String(required=True, allow_none=True)
    verification = fields.Nested(VerificationSchema, required=True)


class PendingSchema(Granted):
    """What is announced and not law: it changes no answer."""

    regime = fields.Nested(RegimeNoted, required=True)
    effective_from = fields.String(required=True, allow_none=True)
    sentence = fields.String(required=True)


class TransitionSchema(Schema):
    """A grace period after a withdrawal."""

    until = fields.String(required=True)
    text = fields.String(required=True)
    runs = fields.Boolean()


class EndedSchema(Granted):
    """What no longer applies."""

    regime = fields.Nested(RegimeNoted, required=True)
    transition = fields.Nested(TransitionSchema, required=True, allow_none=True)
    sentence = fields.String(required=True)


class VerdictAtSchema(Schema):
    """A verdict and the instant from which it holds."""

    from_ = fields.String(required=True, data_key="from")
    answer = _one_of(AnswerKind, required=True)
    requirement = _nullable(Requirement)
    stay = fields.Nested(StaySchema, allow_none=True)
    regime = fields.String(allow_none=True)


class LinksSchema(Schema):
    """Where to find it again."""

    self = fields.String(required=True)
    page = fields.String(required=True)
    regime = fields.String(required=True, allow_none=True)


class AnswerSchema(Schema):
    """The answer to one question."""

    answer = _one_of(AnswerKind, required=True)
    requirement = _nullable(Requirement)
    basis = _one_of(Basis, required=True)
    stay = fields.Nested(StaySchema, required=True, allow_none=True)
    conditions = fields.List(fields.Nested(ConditionSchema), required=True)
    sentence = fields.String(required=True)
    passport = fields.Nested(PlaceRef, required=True)
    destination = fields.Nested(PlaceRef, required=True)
    document = _one_of(DocumentType, required=True)
    on = fields.String(required=True)
    as_of = fields.String(required=True)
    revision = fields.Integer(required=True)
    regime = fields.Nested(RegimeInEffect, required=True, allow_none=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    verification = fields.Nested(VerificationSchema, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    stay_days = fields.Integer(required=True, allow_none=True)
    stay_too_short = fields.List(fields.Nested(AppliedSchema), required=True)
    also_applies = fields.List(fields.Nested(AppliedSchema), required=True)
    pending = fields.List(fields.Nested(PendingSchema), required=True)
    ended = fields.List(fields.Nested(EndedSchema), required=True)
    during_day = fields.List(fields.Nested(VerdictAtSchema), required=True)
    next_change = fields.Nested(VerdictAtSchema, required=True, allow_none=True)
    authority = fields.Nested(AuthoritySchema, required=True, allow_none=True)
    links = fields.Nested(LinksSchema, required=True)


class LookupResultSchema(AnswerSchema):
    """The answer for the passport that fares best, and those for the others held."""

    other_passports = fields.List(fields.Nested(AnswerSchema))
    receipt = fields.Nested(ReceiptSchema)


class PlacedProblemSchema(ProblemSchema):
    """The problem of one question of a batch, with its place in the list, counted from 0."""

    index = fields.Integer(required=True)


class BatchFault(Schema):
    """What stands in place of an answer where the question cannot be understood."""

    error = fields.Nested(PlacedProblemSchema, required=True)


class BatchResultSchema(Schema):
    """Answers in the order of the questions."""

    answers = fields.List(fields.Raw(metadata={"type": "object"}), required=True)
    revision = fields.Integer(required=True)


class RowSchema(Schema):
    """One row of a view."""

    passport = fields.Nested(PlaceRef, required=True)
    destination = fields.Nested(PlaceRef, required=True)
    answer = _one_of(AnswerKind, required=True)
    requirement = _nullable(Requirement)
    basis = _one_of(Basis, required=True)
    stay = fields.Nested(StaySchema, required=True, allow_none=True)
    conditions = fields.List(fields.Nested(ConditionSchema), required=True)
    regime = fields.String(required=True, allow_none=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    verification = fields.Nested(VerificationSchema, required=True, allow_none=True)
    pending = fields.List(fields.String(), required=True)
    href = fields.String(required=True)


class ViewSchema(Schema):
    """Everything one passport meets, or one destination asks."""

    place = fields.Nested(PlaceRef, required=True)
    on = fields.String(required=True)
    as_of = fields.String(required=True)
    revision = fields.Integer(required=True)
    requirements = fields.List(fields.Nested(RowSchema), required=True)


class PlacesSchema(Schema):
    """All places."""

    places = fields.List(fields.Nested(PlaceSchema), required=True)
    revision = fields.Integer(required=True)


class RegimeSummarySchema(Schema):
    """A regime in a list."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    kind = _one_of(RegimeKind, required=True)
    parties = fields.List(fields.String(), required=True)
    status = _nullable(Status)
    status_since = fields.String(allow_none=True)
    href = fields.String(required=True)


class RegimesSchema(Schema):
    """Regimes that match."""

    regimes = fields.List(fields.Nested(RegimeSummarySchema), required=True)
    revision = fields.Integer(required=True)


class TimelineEntrySchema(Schema):
    """A step on a timeline."""

    status = _nullable(Status)
    milestone = fields.String(allow_none=True)
    party = fields.String(allow_none=True)
    effective = fields.String(required=True)
    precision = _one_of(Precision, required=True)
    attested = fields.Boolean(required=True)
    transition = fields.Nested(TransitionSchema, allow_none=True)
    note = fields.String(allow_none=True)
    source = fields.Nested(SourceSchema, required=True)


class RuleSchema(Schema):
    """A rule of a regime."""

    id = fields.String(required=True)
    passport = fields.String(required=True)
    destination = fields.String(required=True)
    requirement = _one_of(Requirement, required=True)
    stay = fields.Nested(StaySchema, allow_none=True)
    documents = fields.List(_one_of(DocumentType), required=True)
    purposes = fields.List(_one_of(Purpose), required=True)
    conditions = fields.List(fields.Nested(ConditionSchema), required=True)
    overriding = fields.Boolean(required=True)
    note = fields.String(allow_none=True)
    verification = fields.Nested(VerificationSchema, required=True)
    source = fields.Nested(SourceSchema, required=True)


class RegimeSchema(RegimeSummarySchema):
    """A regime whole."""

    version = fields.Integer(required=True)
    note = fields.String(allow_none=True)
    authority = fields.Nested(AuthoritySchema, allow_none=True)
    timeline = fields.List(fields.Nested(TimelineEntrySchema), required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    rules = fields.List(fields.Nested(RuleSchema), required=True)


class RegimeName(Schema):
    """A regime by id and title."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    parties = fields.List(fields.String(), required=True)


class ChangeSchema(Schema):
    """A policy change."""

    cursor = fields.String(required=True)
    regime = fields.Nested(RegimeName, required=True)
    status = _one_of(Status, required=True)
    effective = fields.String(required=True)
    correction = fields.Boolean(required=True)
    retracted = fields.Boolean(required=True)
    reason = fields.String(allow_none=True)
    revision = fields.Integer(required=True)
    recorded_at = fields.String(required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    href = fields.String(required=True)


class ChangesSchema(Schema):
    """A page of changes; send `cursor` as `since` for the next."""

    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)

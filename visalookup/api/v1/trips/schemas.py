"""What comes back from a trip check: the schemas that describe it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from visalookup.api.v1.lookup.schemas import AnswerSchema, SourceSchema
from visalookup.api.v1.problem_schema import PlaceRef
from visalookup.domain.documents import DocumentType
from visalookup.domain.requirements import AnswerKind, Requirement
from visalookup.domain.trips.passport_validity import ValidityStatus
from visalookup.domain.trips.stay_limits import LimitKind
from visalookup.domain.trips.trip import LegKind, TransitRule


def _one_of(kind: Any, text: str) -> fields.String:
    return fields.String(
        required=True, validate=validate.OneOf([str(each) for each in kind]), metadata={"description": text}
    )


def _or_null(kind: Any, text: str) -> fields.String:
    choices = [*(str(each) for each in kind), None]
    metadata = {"enum": choices, "description": text}
    return fields.String(required=True, allow_none=True, metadata=metadata)


def _day(text: str) -> fields.String:
    return fields.String(required=True, allow_none=True, metadata={"description": text})


def _number(text: str) -> fields.Integer:
    return fields.Integer(required=True, allow_none=True, metadata={"description": text})


class LimitSchema(Schema):
    """A limit of stay and how the visit stands against it; day of arrival and day of departure both count."""

    kind = _one_of(LimitKind, "Over what it counts.")
    days = _number("The days it allows; null where it is given in months.")
    months = _number("The months it allows.")
    within_days = _number("The window of a rolling limit, which ends on each day of the stay.")
    area = fields.Nested(PlaceRef, required=True, metadata={"description": "Where its days are counted together."})
    used_on = fields.String(required=True, metadata={"description": "The day of departure, else of arrival."})
    days_used = fields.Integer(required=True, metadata={"description": "Days counted on that day."})
    days_left = _number("Days not yet used on that day.")
    last_day_allowed = _day("The last day for somebody who stays on; null where it never ends the stay.")
    first_overstay_day = _day("The first day too many; null where the limit is kept.")
    earliest_arrival = _day("The first day from which a stay of this length is allowed; null where none is.")
    again_from = _day("The first day after departure from which a stay of this length is allowed again.")
    sentence = fields.String(required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)


class ValiditySchema(Schema):
    """What is known of the validity the document needs."""

    status = _one_of(ValidityStatus, "Whether it is valid long enough.")
    needed_until = _day("The day to which it must be valid, where known.")
    sentence = fields.String(required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)


class DocumentOnLegSchema(Schema):
    """One document on one leg."""

    document = fields.Integer(required=True, metadata={"description": "Its place among those sent, from 0."})
    answer = _one_of(AnswerKind, "The short answer.")
    requirement = _or_null(Requirement, "What is asked.")
    within_limits = fields.Boolean(required=True)
    passport_validity = _one_of(ValidityStatus, "Whether it is valid long enough.")


class LegCheckSchema(Schema):
    """One leg for one traveller."""

    leg = fields.Integer(required=True, metadata={"description": "Its place among those sent, from 0."})
    from_ = fields.Nested(PlaceRef, required=True, data_key="from")
    to = fields.Nested(PlaceRef, required=True)
    kind = _one_of(LegKind, "Stay or transit.")
    arrival = fields.String(required=True)
    departure = _day("As sent.")
    best_document = _number("The document to use, by its place; null where none is valid on arrival.")
    answer = fields.Nested(
        AnswerSchema,
        required=True,
        allow_none=True,
        metadata={"description": "With the best document, as /api/v1/requirements gives it."},
    )
    limits = fields.List(fields.Nested(LimitSchema), required=True)
    passport_validity = fields.Nested(ValiditySchema, required=True, allow_none=True)
    transit = _or_null(TransitRule, "What is known of a transit; null for a stay.")
    days_counted = fields.Boolean(required=True, metadata={"description": "Whether its days count as stay."})
    documents = fields.List(
        fields.Nested(DocumentOnLegSchema), required=True, metadata={"description": "All valid ones, best first."}
    )
    sentence = fields.String(required=True, allow_none=True)


class TripDocumentSchema(Schema):
    """A document as it was understood."""

    passport = fields.Nested(PlaceRef, required=True)
    document = _one_of(DocumentType, "What kind it is.")
    issued_on = _day("As sent.")
    expires_on = _day("As sent.")


class TravellerCheckSchema(Schema):
    """The whole trip for one traveller."""

    label = fields.String(required=True)
    documents = fields.List(fields.Nested(TripDocumentSchema), required=True)
    best_document = _number("The one document that serves best on all legs; null where none is valid on all.")
    legs = fields.List(fields.Nested(LegCheckSchema), required=True)


class TripWarningSchema(Schema):
    """What may be a slip."""

    field = fields.String(required=True, metadata={"description": "A JSON pointer (RFC 6901) into what was sent."})
    detail = fields.String(required=True)


class TripResultSchema(Schema):
    """A trip, checked."""

    revision = fields.Integer(required=True)
    travellers = fields.List(fields.Nested(TravellerCheckSchema), required=True)
    warnings = fields.List(fields.Nested(TripWarningSchema), required=True)

"""Problem details (RFC 9457) as every operation describes them."""

from __future__ import annotations

from marshmallow import Schema, fields


class PlaceRef(Schema):
    """A place by code and name."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class FieldErrorSchema(Schema):
    """What is wrong with one field."""

    field = fields.String(required=True)
    detail = fields.String(required=True)
    value = fields.String()
    suggestions = fields.List(fields.Nested(PlaceRef))


class ProblemSchema(Schema):
    """Problem details (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldErrorSchema))

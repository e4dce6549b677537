"""What may be sent to have a trip checked."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from visalookup.api.v1.lookup.arguments import HOLDS, TRANSIT
from visalookup.api.v1.strict_schema import PLACE, REQUIRED, RequestSchema, described
from visalookup.domain.circumstances import Transit
from visalookup.domain.conditions import TravelMode, VisitPurpose
from visalookup.domain.documents import DocumentType
from visalookup.domain.trips.route import LegKind
from visalookup.services.trips.check_trip import MAX_DOCUMENTS, MAX_EARLIER_STAYS, MAX_LEGS, MAX_TRAVELLERS

_LONGEST_LABEL = 100
_MOMENT = "A day (2027-01-10) or an instant (2027-01-10T09:00:00Z); the day is that of the destination's clock."
_LIST = REQUIRED | {"invalid": "Send a list of objects."}


def _day(text: str, **kwargs: Any) -> fields.String:
    return fields.String(metadata=described(text, example="2027-01-10"), **kwargs)


def _place(text: str, example: str, **kwargs: Any) -> fields.String:
    metadata = described(f"{text} {PLACE}", example=example)
    return fields.String(required=True, error_messages=REQUIRED, metadata=metadata, **kwargs)


class DocumentBody(RequestSchema):
    """A travel document."""

    passport = _place("Who issued it.", "KAZ")
    document = fields.String(
        metadata=described("What kind it is; `ordinary` if left out.", enum=list(map(str, DocumentType)))
    )
    issued_on = _day("The day it was issued.")
    expires_on = _day("The last day on which it is valid.")


class EarlierStayBody(RequestSchema):
    """Days spent somewhere before the trip as a visitor."""

    destination = _place("Where.", "FRA")
    arrival = _day("The first day there.", required=True, error_messages=REQUIRED)
    departure = _day("The last day there.", required=True, error_messages=REQUIRED)


class TravellerBody(RequestSchema):
    """Somebody who travels."""

    label = fields.String(
        required=True,
        error_messages=REQUIRED,
        validate=validate.Length(max=_LONGEST_LABEL, error="Send at most {max} characters."),
        metadata=described("Your own name for the traveller, such as A; send no personal data.", example="A"),
    )
    documents = fields.List(
        fields.Nested(DocumentBody),
        required=True,
        error_messages=_LIST,
        metadata=described(f"The documents held, 1 to {MAX_DOCUMENTS}."),
    )
    earlier_stays = fields.List(
        fields.Nested(EarlierStayBody),
        load_default=list,
        error_messages=_LIST,
        metadata=described(f"Earlier stays that may count towards a limit, at most {MAX_EARLIER_STAYS}."),
    )
    holds = fields.String(metadata=described(HOLDS, example="USA:visa"))
    also_national = fields.String(
        metadata=described(
            "Other states whose national the traveller is without a passport above, by code.", example="SYR"
        )
    )
    purpose = fields.String(metadata=described("Why the traveller comes.", enum=list(map(str, VisitPurpose))))


class LegBody(RequestSchema):
    """A journey and the time spent where it leads."""

    from_ = _place("Where it begins.", "KAZ", data_key="from")
    to = _place("Where it leads.", "ISR")
    arrival = fields.String(
        required=True,
        error_messages=REQUIRED,
        metadata=described(f"Arrival there. {_MOMENT}", example="2027-01-10"),
    )
    departure = fields.String(
        metadata=described(f"Departure from there; the last leg may leave it out. {_MOMENT}", example="2027-01-20")
    )
    kind = fields.String(
        metadata=described("`transit` for a change on the way; `stay` if left out.", enum=list(map(str, LegKind)))
    )
    by = fields.String(metadata=described("By what means the traveller arrives.", enum=list(map(str, TravelMode))))
    transit = fields.String(metadata=described(f"With the kind `transit`: {TRANSIT}", enum=list(map(str, Transit))))


class TripBody(RequestSchema):
    """A trip."""

    travellers = fields.List(
        fields.Nested(TravellerBody),
        required=True,
        error_messages=_LIST,
        metadata=described(f"Who travels, 1 to {MAX_TRAVELLERS}; all of them on all legs."),
    )
    legs = fields.List(
        fields.Nested(LegBody),
        required=True,
        error_messages=_LIST,
        metadata=described(f"The legs in order of time, 1 to {MAX_LEGS}."),
    )

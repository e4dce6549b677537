"""What may be sent: the schemas that check requests, and describe them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from visalookup.api.v1.strict_schema import PLACE, REQUIRED, RequestSchema, described
from visalookup.domain.circumstances import Transit
from visalookup.domain.conditions import HoldingKind, TravelMode, VisitPurpose
from visalookup.domain.documents import DocumentType
from visalookup.domain.lifecycle import Status
from visalookup.services.lookup.questions import MOST_PASSPORTS

ON = "The day of travel (2026-12-01), or an instant (2026-12-01T09:00:00Z). Today at the destination if left out."


AS_OF = "Answer from what was known at this instant."


class Circumstances(RequestSchema):
    """What a question may add to the places."""

    on = fields.String(metadata=described(ON, example="2026-12-01"))
    as_of = fields.String(metadata=described(AS_OF, example="2026-11-23T09:00:00Z"))
    document = fields.String(
        metadata=described("The travel document held; `ordinary` if left out.", enum=list(map(str, DocumentType)))
    )


HOLDS = (
    "Visas, residence permits, cards and statuses held, as `USA:visa,SCHENGEN:residence`: the issuer and one of "
    f"{', '.join(f'`{kind}`' for kind in HoldingKind)}."
)
ALSO_NATIONAL = (
    "Other states whose national the traveller is, by code, separated by commas. The other passports of the same "
    "question count as well."
)
TRANSIT = (
    "`airside` asks about a change of planes without passing through the border, `landside` about passing through "
    "the border on the way elsewhere."
)


class Stated(Circumstances):
    """What a question may state of the traveller besides; it decides conditions of rules."""

    holds = fields.String(metadata=described(HOLDS, example="USA:visa,SCHENGEN:residence"))
    also_national = fields.String(metadata=described(ALSO_NATIONAL, example="SYR"))
    purpose = fields.String(metadata=described("Why the traveller comes.", enum=list(map(str, VisitPurpose))))
    by = fields.String(metadata=described("By what means the traveller arrives.", enum=list(map(str, TravelMode))))
    transit = fields.String(metadata=described(TRANSIT, enum=list(map(str, Transit))))


RECEIPT = "`true` adds a receipt: our signature over question, answer, revision and time."


class QuestionArguments(Stated):
    """The query of a single question."""

    passport = fields.List(
        fields.String(),
        required=True,
        error_messages=REQUIRED,
        validate=validate.Length(min=1, max=MOST_PASSPORTS, error="Send at least one passport and at most {max}."),
        metadata=described(f"{PLACE} Repeat it for several passports held.", example=["KAZ"]),
    )
    destination = fields.String(required=True, error_messages=REQUIRED, metadata=described(PLACE, example="ISR"))
    stay_days = fields.String(metadata=described("How many days are planned.", pattern="^[0-9]{1,4}$", example="30"))
    lang = fields.String(metadata=described("Language of the sentences; `en` so far.", enum=["en"]))
    receipt = fields.Boolean(
        truthy={"true"},
        falsy={"false"},
        error_messages={"invalid": "Send true or false."},
        metadata=described(RECEIPT),
    )


class Truth(fields.Field[bool]):
    """True or false, and no word or number that might mean one of them."""

    default_error_messages = {"invalid": "Send true or false."}  # noqa: RUF012 - marshmallow's way

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Passports(fields.Field[list[str]]):
    """One passport, or a list of those held."""

    default_error_messages = {"invalid": "Send a code or name, or a list of them."}  # noqa: RUF012 - marshmallow's way

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[str]:
        held = [value] if isinstance(value, str) else value
        if not isinstance(held, list) or not held or not all(isinstance(each, str) for each in held):
            raise self.make_error("invalid")
        return held


class BatchQuestion(Stated):
    """One question of a batch."""

    passport = Passports(
        required=True,
        error_messages=REQUIRED,
        metadata=described(PLACE, oneOf=[{"type": "string"}, {"type": "array", "items": {"type": "string"}}]),
    )
    destination = fields.String(required=True, error_messages=REQUIRED, metadata=described(PLACE))
    stay_days = fields.Integer(
        strict=True,
        error_messages={"invalid": "Send a whole number of days."},
        metadata=described("How many days are planned."),
    )
    lang = fields.String(metadata=described("Language of the sentences; `en` so far.", enum=["en"]))
    receipt = Truth(metadata=described(RECEIPT, type="boolean"))


class ViewArguments(Circumstances):
    """The query of a view."""


class RegimesArguments(RequestSchema):
    """The query of the list of regimes."""

    party = fields.String(metadata=described(PLACE, example="KAZ"))
    status = fields.String(metadata=described("Only regimes in this status now.", enum=list(map(str, Status))))


def _some_places(text: str, example: str) -> fields.List[str]:
    """A filter by places, which may be sent several times."""
    return fields.List(
        fields.String(),
        validate=validate.Length(min=1, max=MOST_PASSPORTS, error="Send it at most {max} times."),
        metadata=described(f"{text} {PLACE} Repeat it for several, any of which will do.", example=[example]),
    )


class ChangesArguments(RequestSchema):
    """The query of the feed of changes."""

    since = fields.String(metadata=described("The cursor the last page gave; left out to begin.", pattern="^[0-9]+$"))
    limit = fields.String(metadata=described("At most so many changes, 100 if left out.", pattern="^[0-9]+$"))
    passport = _some_places("Only changes that concern holders of this passport.", "KAZ")
    destination = _some_places("Only changes that concern entry to this place.", "ISR")


class Unopened(fields.List[Any]):
    """A list whose items are not looked at here, since each is checked in its own place."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


class BatchBody(RequestSchema):
    """The body of a batch."""

    queries = Unopened(
        fields.Raw(allow_none=True),
        required=True,
        error_messages=REQUIRED | {"invalid": "Send a list of questions."},
    )


class ReturnBody(RequestSchema):
    """The body of a return."""

    comment = fields.String(
        required=True,
        error_messages=REQUIRED,
        metadata=described("What is to be mended.", example="Cite the gazette."),
    )

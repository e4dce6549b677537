"""A checked trip as JSON: each shape declared once, beside the function that makes it."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from visalookup.api.v1.lookup.responses.answers import AnswerJson, answer_json
from visalookup.api.v1.lookup.responses.sources import SourceJson, day_json, source_json
from visalookup.domain.documents import DocumentType
from visalookup.domain.entry_at import entry_for
from visalookup.domain.lookup import Answer
from visalookup.domain.requirements import AnswerKind, Requirement
from visalookup.domain.trips.passport_validity import BORDERS_CODE, ValidityCheck, ValidityStatus
from visalookup.domain.trips.route import SCHENGEN, LegKind
from visalookup.domain.trips.stay_limits import LimitCheck, LimitKind
from visalookup.domain.trips.trip import DocumentOnLeg, LegCheck, TransitRule, TravellerCheck, TripDocument
from visalookup.domain.wording.trips import area_in_sentence, area_name, leg_sentence, limit_sentence
from visalookup.http.place_refs import PlaceRefJson, place_ref
from visalookup.services.lookup.links import format_on
from visalookup.services.trips.check_trip import TripResult

_AS_SENT = Meta(description="As sent.")


class LimitJson(TypedDict):
    """A limit of stay and how the visit stands against it; day of arrival and day of departure both count."""

    kind: Annotated[LimitKind, Meta(description="Over what it counts.")]
    days: Annotated[int | None, Meta(description="The days it allows; null where it is given in months.")]
    months: Annotated[int | None, Meta(description="The months it allows.")]
    within_days: Annotated[
        int | None, Meta(description="The window of a rolling limit, which ends on each day of the stay.")
    ]
    area: Annotated[PlaceRefJson, Meta(description="Where its days are counted together.")]
    used_on: Annotated[str, Meta(description="The day of departure, else of arrival.")]
    days_used: Annotated[int, Meta(description="Days counted on that day.")]
    days_left: Annotated[int | None, Meta(description="Days not yet used on that day.")]
    last_day_allowed: Annotated[
        str | None,
        Meta(
            description="The last day for a traveller who stays on; null where it never ends the stay, and where no day"
            " is left on arrival (then `first_overstay_day` is the day of arrival)."
        ),
    ]
    first_overstay_day: Annotated[str | None, Meta(description="The first day too many; null where the limit is kept.")]
    earliest_arrival: Annotated[
        str | None, Meta(description="The first day from which a stay of this length is allowed; null where none is.")
    ]
    again_from: Annotated[
        str | None,
        Meta(description="The first day after departure from which a stay of this length is allowed again."),
    ]
    sentence: str
    sources: list[SourceJson]


class ValidityJson(TypedDict):
    """What is known of the validity the document needs."""

    status: Annotated[ValidityStatus, Meta(description="Whether it is valid long enough.")]
    needed_until: Annotated[str | None, Meta(description="The day to which it must be valid, where known.")]
    sentence: str
    sources: list[SourceJson]


class DocumentOnLegJson(TypedDict):
    """One document on one leg."""

    document: Annotated[int, Meta(description="Its place among those sent, from 0.")]
    answer: Annotated[AnswerKind, Meta(description="The short answer.")]
    requirement: Annotated[Requirement | None, Meta(description="What is asked.")]
    within_limits: bool
    passport_validity: Annotated[ValidityStatus, Meta(description="Whether it is valid long enough.")]


_FromJson = TypedDict("_FromJson", {"from": PlaceRefJson})


class LegCheckJson(_FromJson):
    """One leg for one traveller."""

    leg: Annotated[int, Meta(description="Its place among those sent, from 0.")]
    to: PlaceRefJson
    kind: Annotated[LegKind, Meta(description="Stay or transit.")]
    arrival: str
    departure: Annotated[str | None, _AS_SENT]
    best_document: Annotated[
        int | None,
        Meta(description="The document to use, by its place; null where none is issued and valid on arrival."),
    ]
    answer: Annotated[AnswerJson | None, Meta(description="With the best document, as /api/v1/requirements gives it.")]
    limits: list[LimitJson]
    passport_validity: ValidityJson | None
    transit: Annotated[TransitRule | None, Meta(description="What is known of a transit; null for a stay.")]
    days_counted: Annotated[bool, Meta(description="Whether its days count as stay.")]
    documents: Annotated[list[DocumentOnLegJson], Meta(description="All valid ones, best first.")]
    sentence: str | None


class TripDocumentJson(TypedDict):
    """A document as it was understood."""

    passport: PlaceRefJson
    document: Annotated[DocumentType, Meta(description="What kind it is.")]
    issued_on: Annotated[str | None, _AS_SENT]
    expires_on: Annotated[str | None, _AS_SENT]


class TravellerCheckJson(TypedDict):
    """The whole trip for one traveller."""

    label: str
    documents: list[TripDocumentJson]
    best_document: Annotated[
        int | None,
        Meta(description="The one document that serves best on all legs; null where none is valid on all."),
    ]
    legs: list[LegCheckJson]


class TripWarningJson(TypedDict):
    """What may be a slip."""

    field: Annotated[str, Meta(description="A JSON pointer (RFC 6901) into what was sent.")]
    detail: str


class TripResultJson(TypedDict):
    """A trip, checked."""

    revision: int
    travellers: list[TravellerCheckJson]
    warnings: list[TripWarningJson]


def trip_json(result: TripResult) -> TripResultJson:
    """The whole trip."""
    return {
        "revision": result.edition.revision,
        "travellers": [_traveller(check, result) for check in result.travellers],
        "warnings": [{"field": warning.field, "detail": warning.detail} for warning in result.warnings],
    }


def _traveller(check: TravellerCheck, result: TripResult) -> TravellerCheckJson:
    return {
        "label": check.traveller.label,
        "documents": [_document(document) for document in check.traveller.documents],
        "best_document": check.best_document,
        "legs": [_leg(leg, result) for leg in check.legs],
    }


def _document(document: TripDocument) -> TripDocumentJson:
    return {
        "passport": place_ref(document.passport),
        "document": document.document,
        "issued_on": day_json(document.validity.issued_on),
        "expires_on": day_json(document.validity.expires_on),
    }


def _leg(check: LegCheck, result: TripResult) -> LegCheckJson:
    leg, best = check.leg, check.best
    return {
        "leg": check.number,
        "from": place_ref(leg.origin),
        "to": place_ref(leg.destination),
        "kind": leg.kind,
        "arrival": format_on(leg.arrival),
        "departure": format_on(leg.departure) if leg.departure is not None else None,
        "best_document": best.number if best else None,
        "answer": _answer(best.answer, result) if best else None,
        "limits": [_limit(limit, check, best.answer, result) for limit in best.limits] if best else [],
        "passport_validity": _validity(best.validity) if best else None,
        "transit": check.transit,
        "days_counted": check.is_counted,
        "documents": [_on_leg(document) for document in check.documents],
        "sentence": leg_sentence(check),
    }


def _answer(answer: Answer, result: TripResult) -> AnswerJson:
    entry = entry_for(result.loaded.rulebook, answer)
    return answer_json(answer, result.edition.recorded_at, result.now, entry)


def _on_leg(found: DocumentOnLeg) -> DocumentOnLegJson:
    verdict = found.answer.verdict
    return {
        "document": found.number,
        "answer": verdict.answer,
        "requirement": verdict.requirement,
        "within_limits": found.keeps_limits,
        "passport_validity": found.validity.status,
    }


def _limit(check: LimitCheck, leg: LegCheck, answer: Answer, result: TripResult) -> LimitJson:
    sources = [*answer.sources, *([BORDERS_CODE] if leg.area == SCHENGEN else [])]
    return {
        "kind": check.limit.kind,
        "days": check.limit.days,
        "months": check.limit.months,
        "within_days": check.limit.within_days,
        "area": {"code": leg.area, "name": area_name(result.loaded.rulebook.places, leg.area)},
        "used_on": check.used_on.isoformat(),
        "days_used": check.used,
        "days_left": check.left,
        "last_day_allowed": day_json(check.last_allowed),
        "first_overstay_day": day_json(check.first_overstay),
        "earliest_arrival": day_json(check.earliest_arrival),
        "again_from": day_json(check.again_from),
        "sentence": limit_sentence(check, area_in_sentence(leg.area, leg.leg.destination)),
        "sources": [source_json(source) for source in sources],
    }


def _validity(check: ValidityCheck) -> ValidityJson:
    return {
        "status": check.status,
        "needed_until": day_json(check.needed_until),
        "sentence": check.sentence,
        "sources": [source_json(check.source)] if check.source else [],
    }

"""A checked trip as JSON."""

from __future__ import annotations

from datetime import date

from visalookup.api.v1.lookup.representations import Json, answer_json, place_ref, source_json
from visalookup.domain.lookup import Answer
from visalookup.domain.trips.passport_validity import BORDERS_CODE, ValidityCheck
from visalookup.domain.trips.stay_limits import LimitCheck
from visalookup.domain.trips.trip import SCHENGEN, DocumentOnLeg, LegCheck, TravellerCheck, TripDocument
from visalookup.domain.wording.trips import area_in_sentence, area_name, leg_sentence, limit_sentence
from visalookup.services.lookup.links import format_on
from visalookup.services.trips.check_trip import TripResult


def trip_json(reply: TripResult) -> Json:
    """The whole trip."""
    return {
        "revision": reply.edition.revision,
        "travellers": [_traveller(each, reply) for each in reply.travellers],
        "warnings": [{"field": each.field, "detail": each.detail} for each in reply.warnings],
    }


def _traveller(check: TravellerCheck, reply: TripResult) -> Json:
    return {
        "label": check.traveller.label,
        "documents": [_document(each) for each in check.traveller.documents],
        "best_document": check.best_document,
        "legs": [_leg(each, reply) for each in check.legs],
    }


def _document(document: TripDocument) -> Json:
    return {
        "passport": place_ref(document.passport),
        "document": document.document,
        "issued_on": _day(document.validity.issued_on),
        "expires_on": _day(document.validity.expires_on),
    }


def _leg(check: LegCheck, reply: TripResult) -> Json:
    leg, best = check.leg, check.best
    return {
        "leg": check.number,
        "from": place_ref(leg.origin),
        "to": place_ref(leg.destination),
        "kind": leg.kind,
        "arrival": format_on(leg.arrival),
        "departure": format_on(leg.departure) if leg.departure is not None else None,
        "best_document": best.number if best else None,
        "answer": answer_json(best.answer, reply.edition.recorded_at, reply.now) if best else None,
        "limits": [_limit(each, check, best.answer, reply) for each in best.limits] if best else [],
        "passport_validity": _validity(best.validity) if best else None,
        "transit": check.transit,
        "days_counted": check.is_counted,
        "documents": [_on_leg(each) for each in check.documents],
        "sentence": leg_sentence(check),
    }


def _on_leg(found: DocumentOnLeg) -> Json:
    verdict = found.answer.verdict
    return {
        "document": found.number,
        "answer": verdict.answer,
        "requirement": verdict.requirement,
        "within_limits": found.keeps_limits,
        "passport_validity": found.validity.status,
    }


def _limit(check: LimitCheck, leg: LegCheck, answer: Answer, reply: TripResult) -> Json:
    sources = [*answer.sources, *([BORDERS_CODE] if leg.area == SCHENGEN else [])]
    return {
        "kind": check.limit.kind,
        "days": check.limit.days,
        "months": check.limit.months,
        "within_days": check.limit.within_days,
        "area": {"code": leg.area, "name": area_name(reply.loaded.rulebook.places, leg.area)},
        "used_on": check.used_on.isoformat(),
        "days_used": check.used,
        "days_left": check.left,
        "last_day_allowed": _day(check.last_allowed),
        "first_overstay_day": _day(check.first_overstay),
        "earliest_arrival": _day(check.earliest_arrival),
        "again_from": _day(check.again_from),
        "sentence": limit_sentence(check, area_in_sentence(leg.area, leg.leg.destination)),
        "sources": [source_json(each) for each in sources],
    }


def _validity(check: ValidityCheck) -> Json:
    return {
        "status": check.status,
        "needed_until": _day(check.needed_until),
        "sentence": check.sentence,
        "sources": [source_json(check.source)] if check.source else [],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None

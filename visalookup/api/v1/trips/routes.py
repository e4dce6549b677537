"""Trip check: every leg for every traveller at once."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from visalookup.api.v1.routing import StrictBlueprint, problems, refuse_repeated, responds
from visalookup.api.v1.strict_schema import NoArguments
from visalookup.api.v1.trips.arguments import TripBody
from visalookup.api.v1.trips.responses import TripResultJson, trip_json
from visalookup.extensions import now, rulebook_store, session
from visalookup.rate_limits.hooks import charge
from visalookup.services.lookup.circumstances import StatedForm
from visalookup.services.trips.check_trip import (
    DocumentForm,
    EarlierStayForm,
    LegForm,
    TravellerForm,
    TripForm,
    check_trip,
    understand_trip,
)

trips = StrictBlueprint("trips", __name__, url_prefix="/api/v1", description="Does this whole trip work?")


@trips.post("/trips")
@trips.arguments(NoArguments, location="query")
@trips.arguments(TripBody, location="json")
@responds(trips, TripResultJson)
@problems(trips, 400, 413, 415, 422, 503)
def checked_trip(_arguments: dict[str, Any], body: dict[str, Any]) -> Response:
    """Check a trip.

    For each traveller and leg: the answer on the day of arrival, the best document to use, the limits of stay
    counted over the whole trip and earlier stays, and what is known of passport validity and transit.
    """
    refuse_repeated()
    loaded = rulebook_store().current(session())
    trip = understand_trip(loaded, _form(body))
    charge(trip.questions)
    whole = orjson.dumps(trip_json(check_trip(loaded, trip, now())))
    return Response(whole, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _form(body: dict[str, Any]) -> TripForm:
    return TripForm(tuple(map(_traveller, body["travellers"])), tuple(map(_leg, body["legs"])))


def _traveller(sent: dict[str, Any]) -> TravellerForm:
    return TravellerForm(
        sent["label"],
        tuple(DocumentForm(**each) for each in sent["documents"]),
        tuple(EarlierStayForm(**each) for each in sent["earlier_stays"]),
        StatedForm(sent.get("holds"), sent.get("also_national"), sent.get("purpose")),
    )


def _leg(sent: dict[str, Any]) -> LegForm:
    given = {name: sent.get(name) for name in ("departure", "kind", "by", "transit")}
    return LegForm(sent["from_"], sent["to"], sent["arrival"], **given)

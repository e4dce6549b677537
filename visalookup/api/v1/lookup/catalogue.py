"""What the answers are made of: places, regimes, and the feed of policy changes."""

from __future__ import annotations

from typing import Any

from flask import Response

from visalookup.api.v1.lookup.arguments import ChangesArguments, RegimesArguments
from visalookup.api.v1.lookup.responses.changes import ChangesJson, changes_json
from visalookup.api.v1.lookup.responses.places import PlacesJson, places_json
from visalookup.api.v1.lookup.responses.regimes import RegimeJson, RegimesJson, detail_json, regimes_json
from visalookup.api.v1.routing import StrictBlueprint, path_parameter, problems, refuse_repeated, responds
from visalookup.api.v1.strict_schema import NoArguments
from visalookup.extensions import now, rulebook_store, session
from visalookup.http.responses import json_response
from visalookup.services.changes.list_changes import PairFilterForm, list_changes
from visalookup.services.lookup.regimes import list_regimes, show_regime

catalogue = StrictBlueprint(
    "catalogue", __name__, url_prefix="/api/v1", description="Places, regimes and policy changes"
)


_REGIME = path_parameter("regime_id", "The id of a regime, as the list of regimes gives it.")


@catalogue.get("/places")
@catalogue.arguments(NoArguments, location="query")
@responds(catalogue, PlacesJson)
@problems(catalogue, 422, 503)
def places(_arguments: dict[str, Any]) -> Response:
    """All places: who issues a travel document or can be entered."""
    rulebook = rulebook_store().current(session()).rulebook
    listed = sorted(rulebook.places.by_code.values(), key=lambda place: place.code)
    return json_response(places_json(listed, rulebook.edition.revision))


@catalogue.get("/regimes")
@catalogue.arguments(RegimesArguments, location="query")
@responds(catalogue, RegimesJson)
@problems(catalogue, 422, 503)
def regimes(arguments: dict[str, Any]) -> Response:
    """Regimes, of one party or in one status."""
    refuse_repeated()
    found = list_regimes(session(), rulebook_store(), arguments.get("party"), arguments.get("status"), now())
    return json_response(regimes_json(found))


@catalogue.get("/regimes/<regime_id>", parameters=[_REGIME])
@catalogue.arguments(NoArguments, location="query")
@responds(catalogue, RegimeJson)
@problems(catalogue, 404, 422, 503)
def regime(_arguments: dict[str, Any], regime_id: str) -> Response:
    """One regime with its timeline, sources and rules.

    Its ETag begins with the `version`, which is what `If-Match` of a change is compared by: a check that has grown
    stale since makes another ETag, but no other regime.
    """
    moment = now()
    detail = show_regime(session(), rulebook_store(), regime_id, moment)
    return json_response(detail_json(detail, moment.date()), detail.version)


@catalogue.get("/changes")
@catalogue.arguments(ChangesArguments, location="query")
@responds(catalogue, ChangesJson)
@problems(catalogue, 422, 503)
def changes(arguments: dict[str, Any]) -> Response:
    """Policy changes in the order they became known.

    Begin without `since`, then send the cursor you were given; nothing is skipped or repeated. With `passport`
    and `destination` only changes come that concern such a pair.
    """
    refuse_repeated("passport", "destination")
    whom = PairFilterForm(arguments.get("passport", ()), arguments.get("destination", ()))
    page = list_changes(session(), rulebook_store(), arguments.get("since"), arguments.get("limit"), whom)
    return json_response(changes_json(page))

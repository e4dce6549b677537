"""A place as JSON names it, in answers and in problems alike."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from visalookup.domain.places import Place


class PlaceRefJson(TypedDict):
    """A place by code and name."""

    code: Annotated[str, Meta(description="ISO 3166-1 alpha-3, or the code of ICAO Doc 9303 where ISO has none.")]
    name: Annotated[str, Meta(description="Its name in English.")]


def place_ref(place: Place) -> PlaceRefJson:
    """A place by code and name."""
    return {"code": place.code, "name": place.name}

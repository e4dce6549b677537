"""Places as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypedDict

from msgspec import Meta

from visalookup.domain.places import Authority, Place, PlaceKind
from visalookup.http.place_refs import PlaceRefJson, place_ref


class AuthorityJson(TypedDict):
    """Whom to ask."""

    name: str
    url: str


class PlaceJson(PlaceRefJson):
    """A place whole."""

    kind: PlaceKind
    alpha2: Annotated[str | None, Meta(description="Its code in ISO 3166-1 alpha-2.")]
    icao: Annotated[str | None, Meta(description="Its code on travel documents where ICAO Doc 9303 has another one.")]
    citizens_of: Annotated[
        str | None, Meta(description="The place whose citizens hold this document, where it is a document's code.")
    ]
    aliases: list[str]
    timezone: Annotated[str | None, Meta(description="The time zone in which its days are counted, by IANA's name.")]
    authority: AuthorityJson | None
    can_be_entered: bool
    issues_documents: bool


class PlacesJson(TypedDict):
    """All places."""

    places: list[PlaceJson]
    revision: int


def places_json(places: Iterable[Place], revision: int) -> PlacesJson:
    """The places of a revision."""
    return {"places": [place_json(place) for place in places], "revision": revision}


def place_json(place: Place) -> PlaceJson:
    """A place whole."""
    return {
        **place_ref(place),
        "kind": place.kind,
        "alpha2": place.alpha2,
        "icao": place.icao,
        "citizens_of": place.citizens_of,
        "aliases": list(place.aliases),
        "timezone": place.timezone,
        "authority": authority_json(place.authority),
        "can_be_entered": place.can_be_entered,
        "issues_documents": place.issues_documents,
    }


def authority_json(authority: Authority | None) -> AuthorityJson | None:
    """Whom to ask."""
    return {"name": authority.name, "url": authority.url} if authority else None

"""Sources as JSON, and how well they were checked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from visalookup.domain.sources import Source, SourceKind, Verification, VerificationLevel


class SourceJson(TypedDict):
    """Where a fact comes from."""

    kind: SourceKind
    publisher: str
    title: str
    url: str
    published_on: Annotated[str | None, Meta(description="A day, month or year.")]
    accessed_on: Annotated[str | None, Meta(description="The day it was read; null if nobody has read it yet.")]
    state_on: Annotated[str | None, Meta(description="The date of the state that was read, where it was an older one.")]


_COVERS_DAY = (
    "In an answer: whether what was read says that it held on the day asked about. If not, the level is `unverified`."
)


class VerificationJson(TypedDict):
    """How well a rule was checked."""

    level: VerificationLevel
    verified_on: Annotated[str | None, Meta(description="The day it was checked.")]
    stale: Annotated[bool, Meta(description="Whether that was too long ago.")]
    covers_day: NotRequired[Annotated[bool, Meta(description=_COVERS_DAY)]]


def source_json(source: Source) -> SourceJson:
    """A source."""
    return {
        "kind": source.kind,
        "publisher": source.publisher,
        "title": source.title,
        "url": source.url,
        "published_on": str(source.published_on) if source.published_on else None,
        "accessed_on": day_json(source.accessed_on),
        "state_on": str(source.state_on) if source.state_on else None,
    }


def verification_json(verification: Verification, source: Source, today: date) -> VerificationJson:
    """How well a rule was checked, and whether that was too long ago."""
    return {
        "level": verification.level,
        "verified_on": day_json(verification.verified_on),
        "stale": verification.is_stale(today, source),
    }


def day_json(day: date | None) -> str | None:
    """A day as ISO 8601 writes it."""
    return day.isoformat() if day else None

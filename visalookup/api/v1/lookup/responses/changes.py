"""Policy changes as JSON."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from visalookup.api.v1.lookup.responses.regimes import EFFECTIVE, regime_href
from visalookup.api.v1.lookup.responses.sources import SourceJson, source_json
from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import format_instant
from visalookup.services.changes.list_changes import ChangePage, PolicyChange


class RegimeNameJson(TypedDict):
    """A regime by id and title."""

    id: str
    title: str
    parties: list[str]


class ChangeJson(TypedDict):
    """A policy change."""

    cursor: Annotated[str, Meta(description="Its place in the feed.")]
    regime: RegimeNameJson
    status: Annotated[Status, Meta(description="The status that begins.")]
    effective: Annotated[str, Meta(description=EFFECTIVE)]
    correction: Annotated[bool, Meta(description="Whether it corrects what an earlier change of the feed says.")]
    retracted: Annotated[bool, Meta(description="Whether it says that the step never happened.")]
    reason: Annotated[str | None, Meta(description="Why it was corrected.")]
    revision: int
    recorded_at: Annotated[str, Meta(description="When it became known here.")]
    sources: list[SourceJson]
    href: str


class ChangesJson(TypedDict):
    """A page of changes; send `cursor` as `since` for the next."""

    changes: list[ChangeJson]
    cursor: str
    more: Annotated[bool, Meta(description="Whether there are more already.")]


def changes_json(page: ChangePage) -> ChangesJson:
    """A page of the feed."""
    return {
        "changes": [change_json(change) for change in page.changes],
        "cursor": str(page.cursor),
        "more": page.more,
    }


def change_json(change: PolicyChange) -> ChangeJson:
    """A policy change as the feed carries it."""
    step, regime = change.step, change.regime
    sources = [regime.sources[change.event.source_key]] if change.event else []
    return {
        "cursor": str(step.cursor),
        "regime": {"id": regime.id, "title": regime.title, "parties": list(regime.parties)},
        "status": step.status,
        "effective": str(step.effective),
        "correction": step.correction,
        "retracted": step.retracted,
        "reason": step.reason,
        "revision": step.revision,
        "recorded_at": format_instant(step.recorded_at),
        "sources": [source_json(source) for source in sources],
        "href": regime_href(regime),
    }

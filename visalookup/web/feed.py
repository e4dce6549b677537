"""Policy changes as an Atom feed (RFC 4287)."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, request

from visalookup.domain.moments import format_instant
from visalookup.domain.wording.answers import status_label
from visalookup.extensions import rulebook_store, session
from visalookup.http.responses import cacheable
from visalookup.services.changes.list_changes import PairFilterForm, PolicyChange, newest_changes

feed = Blueprint("feed", __name__)

_MAX_ENTRIES = 100
_ATOM = "http://www.w3.org/2005/Atom"
_NAMESPACE = UUID("5f0b9c5e-6a8f-4c39-9d1e-3f5d2b8a7c10")
"""Our UUID namespace: ids derived from it are the same on every host, as RFC 4287, section 4.2.6 requires."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@feed.get("/changes.atom")
def changes() -> Response:
    """The newest policy changes with their sources; only for the passports and destinations given, if any."""
    pair_filter = PairFilterForm(request.args.getlist("passport"), request.args.getlist("destination"))
    newest = newest_changes(session(), rulebook_store(), _MAX_ENTRIES, pair_filter)
    ET.register_namespace("", _ATOM)
    document = ET.tostring(_feed(newest, pair_filter), encoding="unicode")
    body = f'<?xml version="1.0" encoding="utf-8"?>\n{document}\n'
    return cacheable(Response(body, mimetype="application/atom+xml"))


def _feed(newest: list[PolicyChange], pair_filter: PairFilterForm) -> ET.Element:
    root = ET.Element(f"{{{_ATOM}}}feed")
    query = urlencode({"passport": pair_filter.passports, "destination": pair_filter.destinations}, doseq=True)
    updated = newest[0].step.recorded_at if newest else _EPOCH
    _add(root, "id", _id(f"changes?{query}" if query else "changes"))
    _add(root, "title", _title(pair_filter))
    _add(root, "updated", format_instant(updated))
    _add(
        root,
        "link",
        rel="self",
        type="application/atom+xml",
        href=f"/changes.atom?{query}" if query else "/changes.atom",
    )
    _add(root, "link", rel="alternate", type="text/html", href="/regimes")
    _add(_add(root, "author"), "name", "Visa Lookup")
    for change in newest:
        _add_entry(root, change)
    return root


def _title(pair_filter: PairFilterForm) -> str:
    """The feed's title in a reader, where several of our feeds may be listed together."""
    passports = f" for passports of {', '.join(pair_filter.passports)}" if pair_filter.passports else ""
    destinations = f" at {', '.join(pair_filter.destinations)}" if pair_filter.destinations else ""
    return f"Visa Lookup: changes of visa policy{passports}{destinations}"


def _add_entry(root: ET.Element, change: PolicyChange) -> None:
    step, regime = change.step, change.regime
    entry = _add(root, "entry")
    _add(entry, "id", _id(f"changes/{step.cursor}"))
    _add(entry, "title", f"{regime.title}: {status_label(step.status).lower()}")
    _add(entry, "updated", format_instant(step.recorded_at))
    _add(entry, "link", rel="alternate", type="text/html", href=f"/regimes/{regime.id}")
    if change.event is not None:
        source = regime.sources[change.event.source_key]
        _add(entry, "link", rel="via", href=source.url, title=f"{source.publisher}: {source.title}")
    _add(entry, "category", term=step.status)
    _add(entry, "summary", _summary(change))


def _summary(change: PolicyChange) -> str:
    """The change in a sentence; a correction is marked as one, with its reason."""
    step = change.step
    summary = f"{status_label(step.status)}, effective {step.effective}."
    if step.retracted:
        summary = f"Withdrawn from our record: {status_label(step.status).lower()}, effective {step.effective}."
    elif step.correction:
        summary = f"Corrected: {summary}"
    return f"{summary} {step.reason}" if step.reason else summary


def _id(name: str) -> str:
    return uuid5(_NAMESPACE, name).urn


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    child.text = text
    return child

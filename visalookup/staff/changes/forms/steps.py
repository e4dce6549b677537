"""The form for a step or a milestone, new or corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visalookup.domain.gazetteer import Gazetteer
from visalookup.domain.lifecycle import Milestone, StatusEvent
from visalookup.domain.places import Place
from visalookup.staff.changes.forms.form_input import FormInput, filled
from visalookup.staff.changes.forms.moments import effective_date, effective_fields
from visalookup.staff.changes.forms.sources import cited, source_fields

MILESTONE = "milestone"
"""The choice in `step` for an act of one party that is not a status."""


def step_payload(form_input: FormInput, clocks: dict[str, Place], gazetteer: Gazetteer) -> dict[str, Any]:
    """The step in the shape of the data files."""
    step = form_input.text("step")
    if step is None:
        form_input.fault("step", "Say what happened: which status it enters, or which milestone was reached.")
    named = {"milestone": form_input.text("milestone")} if step == MILESTONE else {"status": step}
    if step == MILESTONE and named["milestone"] is None:
        form_input.fault("milestone", "Name the milestone, such as ratified.")
    return filled(
        **named,
        party=form_input.place("party", gazetteer) if step == MILESTONE else None,
        on=effective_date(form_input, clocks),
        source=cited(form_input),
        note=form_input.text("note"),
        transition=form_input.with_prefix(("until", "text"), "transition-"),
        missed=form_input.is_ticked("missed") or None,
    )


def correction_payload(
    key: str, form_input: FormInput, clocks: dict[str, Place], gazetteer: Gazetteer
) -> dict[str, Any]:
    """The correction of an entry: as it should have been recorded, or None to remove it."""
    if form_input.is_ticked("remove"):
        return {"key": key, "entry": None}
    return {"key": key, "entry": step_payload(form_input, clocks, gazetteer)}


def step_field(path: str) -> str:
    """The form field for a fault at a path of the payload."""
    bare = path.removeprefix("entry.")
    names = {"status": "step", "source": "cited", "key": "form", "entry": "form", "": "form"}
    return names.get(bare, bare.replace(".", "-"))


def step_fields(payload: Mapping[str, Any], clocks: dict[str, Place]) -> dict[str, str]:
    """The form fields for a step in a payload."""
    transition = payload.get("transition") or {}
    return {
        "step": MILESTONE if "milestone" in payload else payload.get("status", ""),
        "milestone": payload.get("milestone", ""),
        "party": payload.get("party", ""),
        **effective_fields(payload.get("on"), clocks),
        **source_fields(payload.get("source")),
        "note": payload.get("note", ""),
        "transition-until": transition.get("until", ""),
        "transition-text": transition.get("text", ""),
        **({"missed": "yes"} if payload.get("missed") else {}),
    }


def entry_fields(entry: StatusEvent | Milestone, clocks: dict[str, Place]) -> dict[str, str]:
    """The form fields for a recorded entry."""
    payload: dict[str, Any] = filled(on=str(entry.effective), source=entry.source_key, note=entry.note)
    if isinstance(entry, Milestone):
        payload |= filled(milestone=entry.name, party=entry.party)
    else:
        payload["status"] = str(entry.status)
        if entry.transition:
            payload["transition"] = {"until": entry.transition.until.isoformat(), "text": entry.transition.text}
    return step_fields(payload, clocks)

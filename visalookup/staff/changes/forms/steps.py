"""The form for a step or a milestone, new or corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visalookup.domain.gazetteer import Gazetteer
from visalookup.domain.lifecycle import Milestone, StatusEvent
from visalookup.domain.places import Place
from visalookup.staff.changes.forms.moments import effective, effective_fields
from visalookup.staff.changes.forms.sources import cited, source_fields
from visalookup.staff.changes.forms.typed import Typed, filled

MILESTONE = "milestone"
"""What is chosen in `step` where one party did something that is no status."""


def step_payload(typed: Typed, clocks: dict[str, Place], gazetteer: Gazetteer) -> dict[str, Any]:
    """The step as a data file has it."""
    step = typed.text("step")
    if step is None:
        typed.fault("step", "Say what happened: which status it enters, or which milestone was reached.")
    named = {"milestone": typed.text("milestone")} if step == MILESTONE else {"status": step}
    if step == MILESTONE and named["milestone"] is None:
        typed.fault("milestone", "Name the milestone, such as ratified.")
    return filled(
        **named,
        party=typed.place("party", gazetteer) if step == MILESTONE else None,
        on=effective(typed, clocks),
        source=cited(typed),
        note=typed.text("note"),
        transition=typed.several(("until", "text"), "transition-"),
        missed=typed.is_ticked("missed") or None,
    )


def correction_payload(key: str, typed: Typed, clocks: dict[str, Place], gazetteer: Gazetteer) -> dict[str, Any]:
    """The correction of an entry: as it should have been, or nothing where it is to be removed."""
    if typed.is_ticked("remove"):
        return {"key": key, "entry": None}
    return {"key": key, "entry": step_payload(typed, clocks, gazetteer)}


def step_field(path: str) -> str:
    """The field that a fault at a path of the payload is about."""
    bare = path.removeprefix("entry.")
    names = {"status": "step", "source": "cited", "key": "form", "entry": "form", "": "form"}
    return names.get(bare, bare.replace(".", "-"))


def step_fields(payload: Mapping[str, Any], clocks: dict[str, Place]) -> dict[str, str]:
    """What the form shows of a step in a payload."""
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
    """What the form shows of an entry that is recorded."""
    payload: dict[str, Any] = filled(on=str(entry.effective), source=entry.source_key, note=entry.note)
    if isinstance(entry, Milestone):
        payload |= filled(milestone=entry.name, party=entry.party)
    else:
        payload["status"] = str(entry.status)
        if entry.transition:
            payload["transition"] = {"until": entry.transition.until.isoformat(), "text": entry.transition.text}
    return step_fields(payload, clocks)

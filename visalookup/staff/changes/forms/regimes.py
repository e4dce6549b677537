"""The form for a new regime: who, what, its first step with a source, and what each side gives the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visalookup.domain.gazetteer import Gazetteer
from visalookup.domain.places import Place
from visalookup.domain.slugs import slug_of
from visalookup.staff.changes.forms.form_input import FormInput, filled
from visalookup.staff.changes.forms.moments import effective_fields
from visalookup.staff.changes.forms.rules import terms_fields, terms_payload
from visalookup.staff.changes.forms.sources import source_fields
from visalookup.staff.changes.forms.steps import step_fields, step_payload

DIRECTIONS = {"out": ("first", "second"), "back": ("second", "first")}
"""For each direction, the form fields of the passport's side and of the destination's side."""

SOURCE_KEY = "source"
NOTHING = "nothing"
"""The choice for the requirement of a direction in which the regime gives nothing."""


def regime_id_of(form_input: FormInput, gazetteer: Gazetteer) -> str:
    """The id as typed, or one derived from the parties and the year of the first step."""
    parties = [form_input.place(side, gazetteer) or "" for side in ("first", "second")]
    return form_input.text("id") or slug_of(" ".join([*parties, (form_input.text("on") or "")[:4]]), "regime")


def regime_payload(form_input: FormInput, clocks: dict[str, Place], gazetteer: Gazetteer) -> dict[str, Any]:
    """The regime in the shape of the data files."""
    parties = [code for side in ("first", "second") if (code := form_input.place(side, gazetteer))]
    first_step = step_payload(form_input, clocks, gazetteer)
    source = first_step.pop("source", None)
    described = dict(source) if isinstance(source, Mapping) else {}
    key = slug_of(f"{described.get('publisher', '')} {str(described.get('published_on', ''))[:4]}", SOURCE_KEY)
    return filled(
        id=regime_id_of(form_input, gazetteer),
        kind=form_input.text("kind"),
        title=form_input.text("title"),
        parties=parties,
        sources={key: described},
        verification=_verification(described),
        timeline=[{**first_step, "source": key}],
        rules=[rule for direction in DIRECTIONS if (rule := _rule(form_input, direction, key, gazetteer))],
        note=form_input.text("regime-note"),
    )


def _verification(source: Mapping[str, Any]) -> dict[str, str]:
    """The verification that reading such a source amounts to."""
    if "accessed_on" not in source:
        return {"level": "unverified"}
    level = "official" if source.get("kind") == "official" else "secondary"
    return {"level": level, "verified_on": source["accessed_on"]}


def _rule(form_input: FormInput, direction: str, key: str, gazetteer: Gazetteer) -> dict[str, Any] | None:
    if form_input.text(f"{direction}-requirement") in (None, NOTHING):
        return None
    passport, destination = DIRECTIONS[direction]
    return {
        **terms_payload(form_input, f"{direction}-"),
        "passports": filled(code=form_input.place(passport, gazetteer)) and [form_input.place(passport, gazetteer)],
        "destinations": filled(code=form_input.place(destination, gazetteer))
        and [form_input.place(destination, gazetteer)],
        "source": key,
    }


def regime_field(path: str, payload: Mapping[str, Any]) -> str:
    """The form field for a fault at a path of the payload."""
    head, _, rest = path.partition(".")
    if head == "sources":
        return f"source-{rest.partition('.')[2]}" if "." in rest else "cited"
    if head == "timeline":
        bare = rest.partition(".")[2]
        return {"status": "step", "source": "cited", "": "step"}.get(bare, bare.replace(".", "-"))
    if head == "rules" and rest:
        return _rule_field(rest, payload)
    return {"parties": "second", "note": "regime-note", "verification": "source-accessed_on"}.get(head, head)


def _rule_field(path: str, payload: Mapping[str, Any]) -> str:
    number, _, bare = path.partition(".")
    rules = payload.get("rules", [])
    passport = rules[int(number)].get("passports") if int(number) < len(rules) else None
    direction = "out" if passport == payload.get("parties", [])[:1] else "back"
    sides = {"passports": DIRECTIONS[direction][0], "destinations": DIRECTIONS[direction][1]}
    return sides.get(bare) or f"{direction}-{bare.removeprefix('stay.').replace('.', '-') or 'requirement'}"


def regime_fields(payload: Mapping[str, Any], clocks: dict[str, Place]) -> dict[str, str]:
    """The form fields for a regime in a payload."""
    parties = [*payload.get("parties", ()), "", ""]
    step = dict(next(iter(payload.get("timeline", ())), {}))
    step["source"] = next(iter(payload.get("sources", {}).values()), {})
    values = {
        "id": payload.get("id", ""),
        "kind": payload.get("kind", ""),
        "title": payload.get("title", ""),
        "first": parties[0],
        "second": parties[1],
        "regime-note": payload.get("note", ""),
        **step_fields(step, clocks),
        **effective_fields(step.get("on"), clocks),
        **source_fields(step["source"]),
    }
    for rule in payload.get("rules", ()):
        direction = "out" if rule.get("passports") == parties[:1] else "back"
        values |= terms_fields(rule, f"{direction}-")
    return values

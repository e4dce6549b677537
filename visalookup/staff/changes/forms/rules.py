"""The part of a form for the terms of a rule, and the form for one rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visalookup.domain.documents import DocumentType
from visalookup.domain.gazetteer import Gazetteer
from visalookup.domain.regimes import Terms
from visalookup.formats.value_fields import day_members, text_members
from visalookup.staff.changes.forms.condition_lines import read_condition_lines, write_condition_lines
from visalookup.staff.changes.forms.form_input import FormInput, filled
from visalookup.staff.changes.forms.sources import cited, source_fields

ALL_DOCUMENTS = "all"

TEXT_FIELDS = text_members(Terms)
"""The members of terms that the form shows as a line of text each."""
DAY_FIELDS = day_members(Terms)
"""The members of terms that are days: the first and the last on which a list holds."""
_LINES = (*TEXT_FIELDS, *DAY_FIELDS)

_IN_THE_FORM = frozenset({"requirement", "stay", "documents", "conditions", "source", "verification", *_LINES})
"""The members of terms that the form shows or decides; the others stay as they are recorded."""

_SHOWN_AS = {
    "": "form",
    "key": "form",
    "terms": "form",
    "documents": "form",
    "source": "cited",
    "conditions": "conditions",
}


def terms_payload(form_input: FormInput, prefix: str = "") -> dict[str, Any]:
    """The terms of a rule in the shape of the data files, without the source."""
    months, unlimited = form_input.number(f"{prefix}months"), form_input.is_ticked(f"{prefix}unlimited")
    stay = filled(
        days=form_input.number(f"{prefix}days"),
        within_days=form_input.number(f"{prefix}within_days"),
        months=months,
        unlimited=unlimited or None,
    )
    return filled(
        requirement=form_input.text(f"{prefix}requirement"),
        stay=stay,
        documents=_documents(form_input, prefix),
        conditions=_conditions(form_input, prefix),
        **{name: form_input.text(f"{prefix}{name}") for name in _LINES},
    )


def _conditions(form_input: FormInput, prefix: str) -> list[dict[str, Any]]:
    """A condition for each line; see `condition_lines`."""
    return read_condition_lines(form_input.text(f"{prefix}conditions") or "")


def _documents(form_input: FormInput, prefix: str) -> list[str]:
    """The documents whose checkboxes are ticked."""
    return [each for each in (*DocumentType, ALL_DOCUMENTS) if form_input.is_ticked(f"{prefix}document-{each}")]


def rule_payload(
    form_input: FormInput, key: str | None, gazetteer: Gazetteer, kept: Mapping[str, Any]
) -> dict[str, Any]:
    """The amendment of a rule. `kept` are its recorded terms; the form does not show all of them."""
    if key is not None and form_input.is_ticked("remove"):
        return {"key": key, "terms": None}
    hidden = {name: value for name, value in kept.items() if name not in _IN_THE_FORM}
    terms = {**hidden, **terms_payload(form_input), **filled(source=cited(form_input))}
    if "stay" in terms and "total" in kept.get("stay", {}):
        terms["stay"]["total"] = kept["stay"]["total"]
    if key is not None:
        return {"key": key, "terms": terms}
    pair = {side: form_input.place(side, gazetteer) for side in ("passport", "destination")}
    return {**filled(**pair), "terms": terms}


def rule_field(path: str) -> str:
    """The form field for a fault at a path of the payload."""
    bare = path.removeprefix("terms.")
    first = bare.partition(".")[0]
    if first in _SHOWN_AS and not bare.startswith("source."):
        return _SHOWN_AS[first]
    return bare.removeprefix("stay.").replace(".", "-")


def rule_fields(payload: Mapping[str, Any]) -> dict[str, str]:
    """The form fields for a rule in a payload."""
    terms = payload.get("terms")
    if terms is None:
        return {"remove": "yes"}
    pair = {side: payload[side] for side in ("passport", "destination") if side in payload}
    return {**pair, **terms_fields(terms), **source_fields(terms.get("source"))}


def terms_fields(terms: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The form fields for terms in a payload."""
    stay = terms.get("stay") or {}
    shown = {name: str(stay[name]) for name in ("days", "within_days", "months") if stay.get(name)}
    ticked = {f"document-{each}": "yes" for each in terms.get("documents", [DocumentType.ORDINARY])}
    values = {
        "requirement": terms.get("requirement", ""),
        **shown,
        **({"unlimited": "yes"} if stay.get("unlimited") else {}),
        **ticked,
        "conditions": write_condition_lines(terms.get("conditions", ())),
        **{name: terms.get(name, "") for name in _LINES},
    }
    return {f"{prefix}{name}": value for name, value in values.items()}

"""The form that confirms rules: checked on this day against this source, and still true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visalookup.staff.changes.forms.form_input import FormInput, filled
from visalookup.staff.changes.forms.sources import NEW, cited, source_fields


def confirmation_payload(form_input: FormInput) -> dict[str, Any]:
    """The verification of one rule, or of all; checked against the source each rule cites, unless another is given."""
    rule, source = form_input.text("rule"), form_input.text("cited")
    return filled(
        rules=[rule] if rule else None,
        checked_on=form_input.text("checked_on"),
        source=cited(form_input) if source == NEW else source,
    )


def confirmation_field(path: str) -> str:
    """The form field for a fault at a path of the payload."""
    if path.startswith("rules"):
        return "rule"
    return {"source": "cited", "": "form"}.get(path, path.replace(".", "-"))


def confirmation_fields(payload: Mapping[str, Any]) -> dict[str, str]:
    """The form fields for a verification in a payload."""
    rules = payload.get("rules") or [""]
    return {
        "rule": rules[0],
        "checked_on": payload.get("checked_on", ""),
        **source_fields(payload.get("source")),
    }

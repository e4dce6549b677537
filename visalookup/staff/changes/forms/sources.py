"""The part of a form for the source: one the regime has, or a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visalookup.staff.changes.forms.form_input import FormInput

NEW = "new"
"""The choice in `cited` for a source that is described below it."""

_FIELDS = ("kind", "publisher", "title", "url", "published_on", "accessed_on")


def cited(form_input: FormInput) -> str | dict[str, Any] | None:
    """The source: the key of a known one, the description of a new one, or None if nothing was given."""
    chosen = form_input.text("cited")
    described = form_input.with_prefix(_FIELDS, "source-")
    if chosen not in (None, NEW):
        return chosen
    return described or ({} if chosen == NEW else None)


def source_fields(source: str | Mapping[str, Any] | None) -> dict[str, str]:
    """The form fields for a source in a payload."""
    if source is None or isinstance(source, str):
        return {"cited": source or ""}
    return {"cited": NEW, **{f"source-{name}": str(source[name]) for name in _FIELDS if name in source}}

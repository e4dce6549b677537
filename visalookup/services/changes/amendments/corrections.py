"""Correct a past entry of a timeline, or remove one that never was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from visalookup.domain.changes.amendments import with_corrected_entry
from visalookup.domain.errors import DomainError
from visalookup.domain.regimes import WholeRegime
from visalookup.domain.timelines import entries_in_order
from visalookup.domain.wording.amendments import entry_words
from visalookup.formats.amendment_schemas import CorrectionShape
from visalookup.formats.from_payload import entry_of
from visalookup.services.changes.amendments.context import Amended, AmendmentContext, fault
from visalookup.services.changes.amendments.steps import check_entry


def correct_entry(before: WholeRegime, payload: Mapping[str, Any], context: AmendmentContext) -> Amended:
    """The regime with the entry as it should have been recorded; its key stays, so that its history does."""
    shape = context.read(payload, CorrectionShape())
    key, wanted = shape["key"], shape.get("entry")
    regime = before.regime
    corrected = None
    if wanted is not None:
        check_entry(wanted, context, "entry")
        regime, source = context.cited(regime, wanted["source"], "entry", "source")
    try:
        if wanted is not None:
            corrected = entry_of(wanted, key, source.key)
        regime = with_corrected_entry(regime, key, corrected)
    except DomainError as error:
        raise fault(str(error), *(("entry", "on") if wanted is not None else ("key",))) from error
    was = next(entry_words(each) for each in entries_in_order(before.regime) if each.key == key)
    summary = f"Corrected: {was} becomes {entry_words(corrected)}" if corrected else f"Removed: {was}"
    return Amended(replace(before, regime=regime), summary)

"""Move a regime one step along its lifecycle, or note a milestone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from visalookup.domain.changes.amendments import entry_key, with_entry
from visalookup.domain.errors import DomainError
from visalookup.domain.regimes import WholeRegime
from visalookup.domain.wording.amendments import entry_words
from visalookup.formats.amendment_schemas import StepShape
from visalookup.formats.from_payload import entry_of
from visalookup.services.changes.amendments.context import Amended, AmendmentContext, fault


def add_step(before: WholeRegime, payload: Mapping[str, Any], context: AmendmentContext) -> Amended:
    """The regime with the step; raise FaultyData where the step or its source cannot be."""
    shape = context.read(payload, StepShape())
    check_entry(shape, context)
    regime, source = context.cited(before.regime, shape["source"], "source")
    try:
        entry = entry_of(shape, "", source.key)
        entry = replace(entry, key=entry_key(regime, entry, context.taken))
        regime = with_entry(regime, entry, missed=shape["missed"])
    except DomainError as error:
        raise fault(str(error), "on") from error
    return Amended(replace(before, regime=regime), entry_words(entry))


def check_entry(shape: Mapping[str, Any], context: AmendmentContext, *path: str | int) -> None:
    """Raise FaultyData unless it is a status or a milestone, and its party is a place or group."""
    if ("status" in shape) == ("milestone" in shape):
        raise fault("State which status the regime enters, or which milestone was reached: one of the two.", *path)
    if "party" in shape:
        context.check_place(shape["party"], *path, "party")

"""Write a whole regime: a new one from a form, or any from a data file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visalookup.domain.regimes import WholeRegime
from visalookup.formats.amendment_schemas import FileShape
from visalookup.formats.data_folder import read_regime, read_regime_document
from visalookup.formats.yaml_dialect import Document
from visalookup.services.changes.amendments.context import Amended, AmendmentContext, fault
from visalookup.services.changes.amendments.tables import amend_by_table


def write_regime(before: WholeRegime | None, payload: Mapping[str, Any], context: AmendmentContext) -> Amended:
    """A new regime with its rules; raise FaultyData where its id is taken."""
    regime_id = payload.get("id")
    if before is not None:
        raise fault(f"There is a regime {before.regime.id} already; choose another id.", "id")
    regime, rules = read_regime_document(Document(f"regimes/{regime_id}.yaml", dict(payload), None), context.places)
    return Amended(WholeRegime(regime, tuple(rules)), f"New regime: {regime.title}")


def replace_by_file(before: WholeRegime | None, payload: Mapping[str, Any], context: AmendmentContext) -> Amended:
    """The regime as a data file has it, or changed by a table; raise FaultyData with the line of each fault."""
    shape = context.read(payload, FileShape())
    if shape["name"].endswith(".csv"):
        if before is None:
            raise fault("A table changes a regime that is there already; a new one comes as a data file.", "name")
        return amend_by_table(before, shape["name"], shape["text"], context)
    regime, rules = read_regime(shape["name"], shape["text"], context.places)
    whole = WholeRegime(regime, tuple(rules))
    return Amended(whole, f"{'New' if before is None else 'Replaced'} by file: {regime.title}")

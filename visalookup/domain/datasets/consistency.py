"""What must hold within a data set before anybody is answered from it."""

from __future__ import annotations

from collections.abc import Iterator

from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.errors import DomainError
from visalookup.domain.regimes import Regime
from visalookup.domain.timelines import entries_in_order


class InconsistentData(DomainError):
    """Records that cannot stand together; the message names them all."""


def check_consistency(data: DataSet) -> None:
    """Raise InconsistentData unless every citation has its source and every rule its regime and places."""
    faults = sorted({*_citations(data), *_rules(data)})
    if faults:
        raise InconsistentData(" ".join(faults))


def _citations(data: DataSet) -> Iterator[str]:
    for regime in data.regimes:
        for entry in entries_in_order(regime):
            if entry.source_key not in regime.sources:
                yield f"{regime.id}: {entry.key} cites the source {entry.source_key!r}, which is gone."
        for key in sorted((regime.entry.source_keys if regime.entry else frozenset()) - regime.sources.keys()):
            yield f"{regime.id}: its entry facts cite the source {key!r}, which is gone."


def _rules(data: DataSet) -> Iterator[str]:
    regimes: dict[str, Regime] = {regime.id: regime for regime in data.regimes}
    places = {place.code for place in data.places}
    for rule in data.rules:
        regime = regimes.get(rule.regime_id)
        if regime is None:
            yield f"{rule.key} belongs to {rule.regime_id}, which is gone."
        elif rule.terms.source_key not in regime.sources:
            yield f"{regime.id}: its rules cite the source {rule.terms.source_key!r}, which is gone."
        if not {rule.passport, rule.destination} <= places:
            yield f"{rule.regime_id}: {rule.key} names a place that is gone."

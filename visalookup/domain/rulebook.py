"""The rulebook: an immutable index of everything known at one revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from visalookup.domain.places import Places
from visalookup.domain.regimes import Regime, Rule


@dataclass(frozen=True, slots=True)
class Edition:
    """Which state of knowledge a rulebook holds: the revision, and when it was recorded."""

    revision: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Regimes and rules as known in one edition, indexed by passport and destination."""

    edition: Edition
    places: Places
    regimes: Mapping[str, Regime]
    by_pair: Mapping[tuple[str, str], tuple[Rule, ...]]
    by_regime: Mapping[str, tuple[Rule, ...]]

    def rules(self, passport: str, destination: str) -> tuple[Rule, ...]:
        """Every rule any regime gives this passport at this destination, in effect or not."""
        return self.by_pair.get((passport, destination), ())


def build_rulebook(edition: Edition, places: Places, regimes: Iterable[Regime], rules: Iterable[Rule]) -> Rulebook:
    """Index the records; their order does not matter."""
    by_pair: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)
    by_regime: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in sorted(rules, key=lambda each: (each.regime_id, each.key)):
        by_pair[rule.passport, rule.destination].append(rule)
        by_regime[rule.regime_id].append(rule)
    return Rulebook(
        edition=edition,
        places=places,
        regimes={regime.id: regime for regime in sorted(regimes, key=lambda each: each.id)},
        by_pair={pair: tuple(found) for pair, found in by_pair.items()},
        by_regime={regime_id: tuple(found) for regime_id, found in by_regime.items()},
    )

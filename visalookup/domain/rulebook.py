"""The rulebook: an immutable index of everything known at one revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from visalookup.domain.applicability import RuleId, periods_of
from visalookup.domain.periods import Period
from visalookup.domain.places import Places
from visalookup.domain.regimes import Regime, Rule, WholeRegime

_Key = TypeVar("_Key")
_Pair = tuple[str, str]


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
    periods: Mapping[_Pair, Mapping[RuleId, Period]]
    """By pair the rules that have dates of their own; most pairs have none."""

    def rules(self, passport: str, destination: str) -> tuple[Rule, ...]:
        """Every rule any regime gives this passport at this destination, in effect or not."""
        return self.by_pair.get((passport, destination), ())


def build_rulebook(edition: Edition, places: Places, regimes: Iterable[Regime], rules: Iterable[Rule]) -> Rulebook:
    """Index the records; their order does not matter."""
    by_pair: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)
    by_regime: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in sorted(rules, key=_order):
        by_pair[_pair(rule)].append(rule)
        by_regime[rule.regime_id].append(rule)
    pairs = {pair: tuple(found) for pair, found in by_pair.items()}
    return Rulebook(
        edition=edition,
        places=places,
        regimes=_by_id(regimes),
        by_pair=pairs,
        by_regime={regime_id: tuple(found) for regime_id, found in by_regime.items()},
        periods=_periods(pairs, places),
    )


def amended(
    rulebook: Rulebook, edition: Edition, changed: Mapping[str, WholeRegime | None], places: Places | None = None
) -> Rulebook:
    """The rulebook with these regimes, by id, as they are now: other than before, new, or (None) gone.

    It equals a rulebook built from the same records, and shares with the old one all that did not change, so its
    cost is that of the regimes changed. Places are the old ones unless given.
    """
    rules = {regime_id: tuple(sorted(whole.rules, key=_order)) if whole else () for regime_id, whole in changed.items()}
    regimes = {regime_id: whole.regime for regime_id, whole in changed.items() if whole}
    replaced = _pairs_replaced(rulebook, rules)
    by_pair = _replaced(rulebook.by_pair, replaced)
    kept = (regime for regime_id, regime in rulebook.regimes.items() if regime_id not in changed)
    return Rulebook(
        edition=edition,
        places=places or rulebook.places,
        regimes=_by_id((*kept, *regimes.values())),
        by_pair=by_pair,
        by_regime=_replaced(rulebook.by_regime, rules),
        periods=_periods(by_pair, places) if places else _periods_replaced(rulebook, replaced),
    )


def _periods(by_pair: Mapping[_Pair, tuple[Rule, ...]], places: Places) -> dict[_Pair, Mapping[RuleId, Period]]:
    found = ((pair, periods_of(rules, places)) for pair, rules in by_pair.items())
    return {pair: periods for pair, periods in found if periods}


def _periods_replaced(
    rulebook: Rulebook, replaced: Mapping[_Pair, tuple[Rule, ...]]
) -> dict[_Pair, Mapping[RuleId, Period]]:
    kept = {pair: periods for pair, periods in rulebook.periods.items() if pair not in replaced}
    return {**kept, **_periods(replaced, rulebook.places)}


def _pairs_replaced(rulebook: Rulebook, rules: Mapping[str, tuple[Rule, ...]]) -> dict[_Pair, tuple[Rule, ...]]:
    """The rules, old and new, of every pair that any of these regimes reaches or reached."""
    found: defaultdict[_Pair, list[Rule]] = defaultdict(list)
    for now in rules.values():
        for rule in now:
            found[_pair(rule)].append(rule)
    reached = {_pair(rule) for regime_id in rules for rule in rulebook.by_regime.get(regime_id, ())}
    for pair in reached | found.keys():
        found[pair].extend(rule for rule in rulebook.rules(*pair) if rule.regime_id not in rules)
    return {pair: tuple(sorted(several, key=_order)) for pair, several in found.items()}


def _replaced(
    old: Mapping[_Key, tuple[Rule, ...]], new: Mapping[_Key, tuple[Rule, ...]]
) -> dict[_Key, tuple[Rule, ...]]:
    """The old entries with the new ones in their place; what has no rule left is not listed."""
    found = {**old, **new}
    for key, rules in new.items():
        if not rules:
            del found[key]
    return found


def _pair(rule: Rule) -> _Pair:
    return rule.passport, rule.destination


def _order(rule: Rule) -> tuple[str, str]:
    return rule.regime_id, rule.key


def _by_id(regimes: Iterable[Regime]) -> dict[str, Regime]:
    return {regime.id: regime for regime in sorted(regimes, key=lambda regime: regime.id)}

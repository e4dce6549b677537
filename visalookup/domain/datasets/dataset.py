"""A whole body of data, as files hold it and as the ledger holds it at one revision."""

from __future__ import annotations

from dataclasses import dataclass

from visalookup.domain.places import Group, Place
from visalookup.domain.regimes import Regime, Rule


@dataclass(frozen=True, slots=True)
class DataSet:
    """Places, groups, regimes and the rules they give, for each pair."""

    places: tuple[Place, ...] = ()
    groups: tuple[Group, ...] = ()
    regimes: tuple[Regime, ...] = ()
    rules: tuple[Rule, ...] = ()

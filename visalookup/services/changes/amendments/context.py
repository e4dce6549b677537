"""What an amendment stands on: the places there are, and the keys already taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from visalookup.domain.changes.amendments import check_cited, free_source_key, level_borne_out, with_source
from visalookup.domain.datasets.consistency import check_consistency
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.datasets.plausibility import lint_findings
from visalookup.domain.errors import DomainError
from visalookup.domain.places import Places
from visalookup.domain.regimes import Regime, Rule, WholeRegime
from visalookup.domain.slugs import slug_of
from visalookup.domain.sources import Source, Verification, VerificationLevel
from visalookup.formats.data_folder import validated
from visalookup.formats.faults import FaultyData
from visalookup.formats.from_payload import source_of, verification_of
from visalookup.formats.yaml_dialect import Document, Path


@dataclass(frozen=True, slots=True)
class Amended:
    """The regime as it would be, and what that does, in a few words."""

    whole: WholeRegime
    summary: str


@dataclass(frozen=True, slots=True)
class AmendmentContext:
    """Where an amendment is made. `taken` are all keys of timeline entries the regime ever had."""

    places: Places
    taken: Collection[str] = ()

    def read(self, payload: Mapping[str, Any], schema: Schema) -> Any:
        """The payload in its shape; raise FaultyData with the path of each fault."""
        return validated(Document("", dict(payload), None), schema)

    def cited(self, regime: Regime, given: Any, *path: str | int) -> tuple[Regime, Source]:
        """The source that is cited, and the regime with it if it is new; raise FaultyData where it cannot be."""
        try:
            if isinstance(given, str):
                check_cited(regime, given)
                return regime, regime.sources[given]
            source = new_source(regime, given)
            return with_source(regime, source), source
        except DomainError as error:
            raise fault(str(error), *path) from error

    def check_place(self, code: str, *path: str | int) -> None:
        """Raise FaultyData unless the code is that of a place or group."""
        if not self.places.members(code):
            raise fault(f"{code} is neither the code of a place nor of a group.", *path)

    def check(self, before: WholeRegime | None, after: WholeRegime) -> None:
        """Raise FaultyData for what is well formed and cannot be right, where it was not so before."""
        places = tuple(self.places.by_code.values())
        check_consistency(DataSet(places=places, regimes=(after.regime,), rules=after.rules))
        known = set(lint_findings(before, self.places)) if before else set()
        found = [finding for finding in lint_findings(after, self.places) if finding not in known]
        if found:
            raise fault(" ".join(dict.fromkeys(found)))


def fault(message: str, *path: str | int) -> FaultyData:
    """One fault at a path of the payload."""
    return FaultyData([Document("", None, None).fault(message, _as_path(path))])


def _as_path(steps: tuple[str | int, ...]) -> Path:
    return steps


def new_source(regime: Regime | None, shape: Mapping[str, Any]) -> Source:
    """A new source, named after its publisher and year where no key is given."""
    source = source_of(shape.get("key") or "", shape)
    if source.key:
        return source
    year = next((str(day)[:4] for day in (source.published_on, source.accessed_on) if day), "")
    key = free_source_key(regime, slug_of(f"{source.publisher} {year}", "source"))
    return source_of(key, shape)


def verification(shape: Mapping[str, Any], source: Source, rules: Iterable[Rule]) -> Verification:
    """The verification that is given; else what reading the source, or not reading it, amounts to.

    A source that rules cite already was checked as well as they say, and no better.
    """
    if "verification" in shape:
        return verification_of(shape["verification"])
    known = [rule.terms.verification for rule in rules if rule.terms.source_key == source.key]
    if known:
        return max(known, key=lambda each: list(VerificationLevel).index(each.level))
    if source.accessed_on is None:
        return Verification(VerificationLevel.UNVERIFIED)
    return Verification(level_borne_out(source), source.accessed_on)

"""Which entry facts hold at a destination, and for an answer."""

from __future__ import annotations

from visalookup.domain.entry_facts import CitedEntry
from visalookup.domain.lookup import Answer, Basis
from visalookup.domain.regimes import policy_id
from visalookup.domain.requirements import Requirement
from visalookup.domain.rulebook import Rulebook


def entry_at(rulebook: Rulebook, destination: str) -> CitedEntry | None:
    """The facts of a destination's own policy, else of the policy of a bloc it is in; None where none are known."""
    own = _stated(rulebook, destination)
    if own is not None:
        return own
    blocs = rulebook.places.groups.items()
    stated = ((entry, group) for code, group in blocs if (entry := _stated(rulebook, code)))
    return next((entry for entry, group in stated if destination in group.members), None)


def _stated(rulebook: Rulebook, code: str) -> CitedEntry | None:
    """The facts that the policy of a place or bloc states."""
    regime = rulebook.regimes.get(policy_id(code))
    return CitedEntry(regime.entry, regime.sources) if regime is not None and regime.entry is not None else None


def entry_for(rulebook: Rulebook, answer: Answer) -> CitedEntry | None:
    """The facts that concern the traveller of an answer: they are for visitors, so None at home and for free movers."""
    verdict = answer.verdict
    if verdict.basis is Basis.OWN_COUNTRY or verdict.requirement is Requirement.FREEDOM_OF_MOVEMENT:
        return None
    entry = entry_at(rulebook, answer.question.destination.code)
    if entry is None:
        return None
    rules = [*([verdict.best] if verdict.best else []), *verdict.also_applies, *verdict.too_short]
    return entry.for_requirements(frozenset(active.rule.terms.requirement for active in rules))

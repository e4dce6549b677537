"""Terms judged by what a question states: whether they concern it, are ruled out, or are open to this traveller."""

from __future__ import annotations

from dataclasses import dataclass

from visalookup.domain.circumstances import Circumstances, Judgement, Transit, judge_condition
from visalookup.domain.conditions import VisitPurpose
from visalookup.domain.places import Places
from visalookup.domain.regimes import Terms
from visalookup.domain.requirements import Purpose, Requirement

_AIRSIDE_ONLY = frozenset({Purpose.AIRSIDE_TRANSIT})


@dataclass(frozen=True, slots=True)
class JudgedTerms:
    """The outcome for one set of terms.

    `judgements` are those of the conditions, in their order. `is_for_some` says that the terms are for some travellers
    only and nothing shows that this one is among them, so that they are never the headline.
    """

    judgements: tuple[Judgement, ...]
    is_for_some: bool

    @property
    def is_ruled_out(self) -> bool:
        """Whether the question itself shows that a condition is not met."""
        return Judgement.FAILED in self.judgements


def judge_terms(terms: Terms, stated: Circumstances, places: Places) -> JudgedTerms:
    """Judge terms by what a question states."""
    judgements = tuple(judge_condition(condition, stated, places) for condition in terms.conditions)
    unmet = any(
        condition.narrows and judgement is not Judgement.MET
        for condition, judgement in zip(terms.conditions, judgements, strict=True)
    )
    return JudgedTerms(judgements, unmet or terms.purposes.isdisjoint(_purposes(stated)))


def concerns(terms: Terms, transit: Transit | None) -> bool:
    """Whether terms can answer a question of this kind.

    Rules for changing planes airside answer that question alone. There, what is asked of those who enter says nothing,
    unless they may enter without a visa: then they may stay airside too.
    """
    if transit is not Transit.AIRSIDE:
        return terms.purposes != _AIRSIDE_ONLY
    lets_in = terms.requirement.rank <= Requirement.ETA.rank
    return Purpose.AIRSIDE_TRANSIT in terms.purposes or lets_in or terms.restricts


def _purposes(stated: Circumstances) -> frozenset[Purpose]:
    """What a rule may be for, to be open to the traveller; one for visits is open to all of them."""
    open_to = {Purpose.VISIT}
    if stated.purpose is VisitPurpose.BUSINESS:
        open_to.add(Purpose.BUSINESS)
    if stated.transit is not None:
        open_to.add(Purpose.TRANSIT)
    if stated.transit is Transit.AIRSIDE:
        open_to.add(Purpose.AIRSIDE_TRANSIT)
    return frozenset(open_to)

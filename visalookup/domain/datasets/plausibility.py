"""What is well formed and yet cannot be right: the mistakes a careful reader would find in a regime.

`visalookup data check` refuses them, so that nothing is loaded which contradicts itself. Each function yields
one sentence for each finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from visalookup.domain.applicability import period_of
from visalookup.domain.places import ALL_GROUP, Places
from visalookup.domain.regimes import Regime, RegimeKind, Rule, Terms, WholeRegime
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import Source, SourceKind, Verification, VerificationLevel

_GRANTS_A_STAY = frozenset(
    requirement
    for requirement in Requirement
    if requirement is not Requirement.VISA_REQUIRED and not requirement.refuses
)

_OFFERED_TOGETHER = frozenset({Requirement.E_VISA, Requirement.VISA_ON_ARRIVAL})
"""What one destination may offer the same passport side by side: the traveller chooses."""


def findings_in_source(source: Source) -> Iterator[str]:
    """Dates that cannot follow one another."""
    if source.accessed_on is None:
        return
    if source.published_on and source.published_on.first_day > source.accessed_on:
        yield f"It cannot have been read on {source.accessed_on}, before it was published."
    if source.state_on and source.state_on.first_day > source.accessed_on:
        yield f"It cannot show the state of {source.state_on} when it was read on {source.accessed_on}."


def findings_in_terms(terms: Terms, source: Source) -> Iterator[str]:
    """A stay that is missing or makes no sense, and a verification the source does not bear out."""
    if terms.requirement in _GRANTS_A_STAY and terms.stay is None and terms.note is None:
        yield f"{terms.requirement} needs a stay; where no source states one, say so in the note."
    if terms.requirement.refuses and terms.stay is not None:
        yield "Who is not admitted has no stay."
    yield from _slips_of_acceptance(terms)
    yield from findings_in_verification(terms.verification, source)


def _slips_of_acceptance(terms: Terms) -> Iterator[str]:
    refused = terms.requirement is Requirement.DOCUMENT_NOT_ACCEPTED
    if refused and terms.use_instead is None:
        yield "Where a document is not accepted, use_instead says what to travel with."
    if not refused and terms.use_instead is not None:
        yield f"use_instead is for a document that is not accepted, not for {terms.requirement}."


def findings_in_verification(verification: Verification, source: Source) -> Iterator[str]:
    """A verification that its source does not bear out."""
    if verification.verified_on is None:
        return
    if source.accessed_on is None:
        yield f"The verification is {verification.level}, but the source has no accessed_on: nobody has read it."
    if verification.level is VerificationLevel.OFFICIAL and source.kind is not SourceKind.OFFICIAL:
        yield f"The verification is official, but the source is {source.kind}."
    if source.published_on and source.published_on.first_day > verification.verified_on:
        yield f"It cannot have been verified on {verification.verified_on}, before its source was published."


def contradictions(rules: Iterable[Rule], places: Places) -> Iterator[tuple[Rule, str]]:
    """Where one regime gives the same passport two answers: the less favourable rule, and the sentence.

    Only terms that every holder meets can contradict: an exception for some (a visa of another state, a group)
    stands beside the rule, and what overrides replaces it on purpose. What is given to everybody is no
    contradiction, for a list may name better terms; nor is a visa for a longer stay than goes without one, nor what
    holds at another time.
    """
    plain: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        if not rule.terms.narrows and not rule.terms.restricts and rule.passport_group != ALL_GROUP:
            plain[rule.passport, rule.destination].append(rule)
    for (passport, destination), several in plain.items():
        for better, worse in combinations(sorted(several, key=lambda rule: rule.terms.preference), 2):
            if _clash(better.terms, worse.terms) and _meet(better, worse, places):
                both = f"{better.terms.requirement} and {worse.terms.requirement}"
                yield worse, f"{passport} is listed twice for {destination}, as {both}."


def _clash(better: Terms, worse: Terms) -> bool:
    requirements = {better.requirement, worse.requirement}
    if len(requirements) == 1 or requirements == _OFFERED_TOGETHER:
        return False
    together = better.documents & worse.documents and better.purposes & worse.purposes
    return bool(together) and _longest(worse) <= _longest(better)


def _meet(one: Rule, other: Rule, places: Places) -> bool:
    """Whether there is a day on which both hold, by their own dates."""
    return not (period_of(one, places) & period_of(other, places)).is_empty


def _longest(terms: Terms) -> float:
    return terms.stay.longest_visit if terms.stay else 0.0


def missing_sides(regime: Regime, rules: Iterable[Rule], places: Places) -> Iterator[str]:
    """The directions in which a bilateral agreement with rules gives nothing, where its note does not say why.

    An agreement binds both parties; but one of them may have suspended it alone, or may grant by its own law
    what it promised.
    """
    if regime.kind is not RegimeKind.BILATERAL_AGREEMENT or len(regime.parties) != 2 or regime.note is not None:
        return
    pairs = {(rule.passport, rule.destination) for rule in rules}
    if not pairs:
        return
    for guest, host in (regime.parties, regime.parties[::-1]):
        if not any(
            (passport, destination) in pairs
            for passport in places.members(guest)
            for destination in places.members(host)
        ):
            yield (
                f"An agreement binds both sides, but no rule says what {guest} passports get at {host};"
                " where that is right, say why in the note of the file."
            )


def lint_findings(whole: WholeRegime, places: Places) -> Iterator[str]:
    """Every finding in a regime with its rules, each named by what it is about."""
    regime, rules = whole.regime, whole.rules
    for key, source in regime.sources.items():
        for finding in findings_in_source(source):
            yield f"Source {key}: {finding}"
    for terms in dict.fromkeys(rule.terms for rule in rules):
        yield from findings_in_terms(terms, regime.sources[terms.source_key])
    for _, finding in contradictions(rules, places):
        yield finding
    yield from missing_sides(regime, rules, places)

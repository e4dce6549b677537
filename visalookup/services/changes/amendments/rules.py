"""Give one rule other terms, add one, or remove one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from visalookup.domain.changes.amendments import rule_of, with_rule, without_rule
from visalookup.domain.errors import DomainError
from visalookup.domain.regimes import Rule, Terms, WholeRegime
from visalookup.domain.wording.answers import describe_stay
from visalookup.domain.wording.requirements import requirement_label
from visalookup.formats.amendment_schemas import RuleAmendmentShape
from visalookup.formats.expansion import documents_label
from visalookup.formats.from_payload import terms_of
from visalookup.services.changes.amendments.context import Amended, AmendmentContext, fault, verification


def amend_rule(before: WholeRegime, payload: Mapping[str, Any], context: AmendmentContext) -> Amended:
    """The regime with the rule amended; raise FaultyData for what it cannot be."""
    shape = context.read(payload, RuleAmendmentShape())
    if shape.get("terms") is None:
        return _removed(before, shape)
    regime, source = context.cited(before.regime, shape["terms"]["source"], "terms", "source")
    try:
        terms = terms_of(shape["terms"], source.key, verification(shape["terms"], source, before.rules))
    except DomainError as error:
        raise fault(str(error), "terms") from error
    for condition in terms.conditions:
        for code in condition.codes:
            context.check_place(code, "terms", "conditions")
    rule = _existing(before, shape, terms) if "key" in shape else _new(before, shape, terms, context)
    return Amended(with_rule(replace(before, regime=regime), rule), _describe(rule))


def _removed(before: WholeRegime, shape: Mapping[str, Any]) -> Amended:
    if "key" not in shape:
        raise fault("Give the terms of the new rule; or the key of a rule to remove.", "terms")
    rule = _known(before, shape["key"])
    return Amended(without_rule(before, rule.key), f"Removed: {_describe(rule)}")


def _existing(before: WholeRegime, shape: Mapping[str, Any], terms: Terms) -> Rule:
    return replace(_known(before, shape["key"]), terms=terms)


def _known(before: WholeRegime, key: str) -> Rule:
    try:
        return rule_of(before, key)
    except DomainError as error:
        raise fault(str(error), "key") from error


def _new(before: WholeRegime, shape: Mapping[str, Any], terms: Terms, context: AmendmentContext) -> Rule:
    """A rule for a pair, keyed as a file would key it."""
    for side in ("passport", "destination"):
        if shape.get(side) not in context.places.by_code:
            raise fault("Give the code of a place.", side)
    passport, destination = shape["passport"], shape["destination"]
    if passport == destination:
        raise fault("Nobody needs a rule to come home.", "destination")
    if not context.places.by_code[passport].issues_documents:
        raise fault(f"{passport} issues no passports.", "passport")
    if not context.places.by_code[destination].can_be_entered:
        raise fault(f"{destination} is a travel document, not a place to travel to.", "destination")
    name = f"{passport}-{destination}-{documents_label(terms)}"
    taken = {rule.key for rule in before.rules}
    names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    key = next(each for each in names if each not in taken)
    return Rule(key, before.regime.id, passport, destination, terms)


def _describe(rule: Rule) -> str:
    stay = describe_stay(rule.terms.stay)
    granted = f"{requirement_label(rule.terms.requirement)}{f', {stay}' if stay else ''}"
    return f"{rule.passport} to {rule.destination}: {granted}"

"""What a destination asks of every visitor, as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypedDict

from msgspec import Meta

from visalookup.api.v1.lookup.responses.sources import SourceJson, VerificationJson, source_json, verification_json
from visalookup.domain.entry_facts import (
    CitedEntry,
    Concerned,
    EntryCondition,
    EntryConditionKind,
    Fee,
    HowToApply,
    PassportRule,
    PassportValidity,
    ValidityAnchor,
)
from visalookup.domain.entry_phrases import passport_phrase
from visalookup.domain.requirements import Requirement


class CitedJson(TypedDict):
    """Where a fact was read, and how well it was checked."""

    source: SourceJson
    verification: VerificationJson


class PassportValidityJson(TypedDict):
    """How long a passport must be valid; with neither months nor days, on that day itself."""

    beyond: Annotated[
        ValidityAnchor,
        Meta(description="From which day it is counted; beyond `departure` without an amount is valid for the stay."),
    ]
    months: int | None
    days: int | None


class PassportRuleJson(CitedJson):
    """What the passport must be."""

    validity: PassportValidityJson | None
    issued_within_years: Annotated[
        int | None, Meta(description="It must be issued less than so many years before the day of entry.")
    ]
    blank_pages: int | None
    note: str | None
    sentence: Annotated[str, Meta(description="The rule in words.")]


class EntryConditionJson(CitedJson):
    """What visitors are turned back for at check-in."""

    kind: EntryConditionKind
    text: str
    concerns: Annotated[Concerned, Meta(description="Whom it concerns.")]
    url: Annotated[str | None, Meta(description="The official place to do it, where it was read.")]


class FeeJson(TypedDict):
    """A price."""

    amount: Annotated[str, Meta(description="A decimal number as text.")]
    currency: Annotated[str, Meta(description="ISO 4217.")]
    on: Annotated[str, Meta(description="The day, month or year of the text that states it.")]


class HowToApplyJson(CitedJson):
    """Where one applies."""

    requirement: Annotated[Requirement, Meta(description="What one applies for.")]
    url: Annotated[str, Meta(description="The official address.")]
    fee: Annotated[FeeJson | None, Meta(description="Null where no text that was read states it.")]
    usual_time: Annotated[str | None, Meta(description="Null where no text that was read states it.")]


class EntryJson(TypedDict):
    """What the destination asks of every visitor, so far as it is known: what is not listed may still be asked."""

    passport: PassportRuleJson | None
    conditions: list[EntryConditionJson]
    how_to_apply: Annotated[
        list[HowToApplyJson], Meta(description="For the requirements of this answer and of what also applies.")
    ]


def entry_json(entry: CitedEntry, today: date) -> EntryJson:
    """The facts, each with its source."""
    facts = entry.facts
    return {
        "passport": _passport(facts.passport, entry, today) if facts.passport else None,
        "conditions": [_condition(condition, entry, today) for condition in facts.conditions],
        "how_to_apply": [_way(way, entry, today) for way in facts.how_to_apply],
    }


def _passport(rule: PassportRule, entry: CitedEntry, today: date) -> PassportRuleJson:
    return {
        "validity": _validity(rule.validity) if rule.validity else None,
        "issued_within_years": rule.issued_within_years,
        "blank_pages": rule.blank_pages,
        "note": rule.note,
        "sentence": f"Your passport must {passport_phrase(rule)}.",
        **_cited(rule, entry, today),
    }


def _validity(validity: PassportValidity) -> PassportValidityJson:
    return {"beyond": validity.beyond, "months": validity.months, "days": validity.days}


def _condition(condition: EntryCondition, entry: CitedEntry, today: date) -> EntryConditionJson:
    return {
        "kind": condition.kind,
        "text": condition.text,
        "concerns": condition.concerns,
        "url": condition.url,
        **_cited(condition, entry, today),
    }


def _way(way: HowToApply, entry: CitedEntry, today: date) -> HowToApplyJson:
    return {
        "requirement": way.requirement,
        "url": way.url,
        "fee": _fee(way.fee) if way.fee else None,
        "usual_time": way.usual_time,
        **_cited(way, entry, today),
    }


def _fee(fee: Fee) -> FeeJson:
    return {"amount": fee.amount, "currency": fee.currency, "on": str(fee.on)}


def _cited(fact: PassportRule | EntryCondition | HowToApply, entry: CitedEntry, today: date) -> CitedJson:
    source = entry.sources[fact.source_key]
    return {"source": source_json(source), "verification": verification_json(fact.verification, source, today)}

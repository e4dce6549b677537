"""National identity cards: which rules know of a card at all.

A list for everybody says what is asked of those who may come. It does not say that an identity card counts as a travel
document, and most states take none but a passport.
"""

from __future__ import annotations

from collections.abc import Sequence

from visalookup.domain.documents import DocumentType
from visalookup.domain.places import ALL_GROUP, Place, PlaceKind
from visalookup.domain.regimes import Rule


def is_identity_card(passport: Place, document: DocumentType) -> bool:
    """Whether the document is the identity card of a state or territory."""
    return document is DocumentType.NATIONAL_ID_CARD and passport.kind is not PlaceKind.DOCUMENT


def rules_that_know_of_a_card(rules: Sequence[Rule]) -> list[Rule]:
    """Of the rules whose documents include an identity card, those that say something of it.

    What everybody gets with every document leaves a card unanswered. A refusal of every document always holds, and
    another restriction of every document does where some rule names the card.
    """
    is_named = any(not rule.terms.documents.is_every for rule in rules)
    return [rule for rule in rules if _knows_of_a_card(rule, is_named=is_named)]


def _knows_of_a_card(rule: Rule, *, is_named: bool) -> bool:
    terms = rule.terms
    if not terms.documents.is_every or terms.requirement.refuses:
        return True
    return is_named if terms.restricts else rule.passport_group != ALL_GROUP

"""Kinds of travel document (ICAO Doc 9303; 1951 and 1954 Conventions)."""

from __future__ import annotations

from enum import StrEnum


class DocumentType(StrEnum):
    """What the traveller shows at the border."""

    ORDINARY = "ordinary"
    DIPLOMATIC = "diplomatic"
    SERVICE = "service"
    OFFICIAL = "official"
    SPECIAL = "special"
    ALIEN = "alien"
    REFUGEE_1951 = "refugee_1951"
    STATELESS_1954 = "stateless_1954"
    NATIONAL_ID_CARD = "national_id_card"
    EMERGENCY = "emergency"


ALL_DOCUMENT_TYPES = frozenset(DocumentType)

NON_CITIZEN_DOCUMENTS = frozenset({DocumentType.ALIEN, DocumentType.REFUGEE_1951, DocumentType.STATELESS_1954})
"""Documents a state issues to people who are not its citizens."""

_PHRASES = {
    DocumentType.ORDINARY: "an ordinary passport",
    DocumentType.DIPLOMATIC: "a diplomatic passport",
    DocumentType.SERVICE: "a service passport",
    DocumentType.OFFICIAL: "an official passport",
    DocumentType.SPECIAL: "a special passport",
    DocumentType.ALIEN: "an alien's passport",
    DocumentType.REFUGEE_1951: "a refugee travel document (1951 Convention)",
    DocumentType.STATELESS_1954: "a stateless person's travel document (1954 Convention)",
    DocumentType.NATIONAL_ID_CARD: "a national identity card",
    DocumentType.EMERGENCY: "an emergency travel document",
}


def document_phrase(document: DocumentType) -> str:
    """The document with its article, as a sentence uses it."""
    return _PHRASES[document]

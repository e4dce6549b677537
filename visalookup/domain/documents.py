"""Kinds of travel document (ICAO Doc 9303; 1951 and 1954 Conventions), and which of them a rule is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
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
"""The types there are today. A rule for every document is `EVERY_DOCUMENT`, which includes types still to come."""


class DocumentScope(Set[DocumentType]):
    """Which documents a rule is for: the types it names, or every document.

    "Every document" is a fact of its own and not the list of today's types: such a rule also reaches documents for
    which no type is asked (an ICAO code such as XXB or GBN), and any type that is added later.
    """

    __slots__ = ("_named",)

    def __init__(self, named: Iterable[DocumentType] | None) -> None:
        """`named` are the types; None stands for every document."""
        self._named = None if named is None else frozenset(named)

    @classmethod
    def of(cls, types: Iterable[DocumentType]) -> DocumentScope:
        """The scope that a list of types means; a list that leaves none out means every document."""
        named = frozenset(types)
        return EVERY_DOCUMENT if named == frozenset(DocumentType) else cls(named)

    @property
    def is_every(self) -> bool:
        """Whether it is for every document."""
        return self._named is None

    @property
    def types(self) -> tuple[DocumentType, ...]:
        """The types of today that it includes, in their usual order."""
        return tuple(document for document in DocumentType if document in self)

    def __contains__(self, document: object) -> bool:
        return self._named is None or document in self._named

    def __iter__(self) -> Iterator[DocumentType]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DocumentScope):
            return self._named == other._named
        return NotImplemented if self.is_every else self._named == other

    def __hash__(self) -> int:
        return hash(self._named)

    def __repr__(self) -> str:
        return "EVERY_DOCUMENT" if self._named is None else f"DocumentScope({sorted(self._named)})"

    @classmethod
    def _from_iterable(cls, documents: Iterable[DocumentType]) -> frozenset[DocumentType]:  # type: ignore[override]
        """What two scopes have in common is a plain set of types."""
        return frozenset(documents)


EVERY_DOCUMENT = DocumentScope(None)
ORDINARY_ONLY = DocumentScope({DocumentType.ORDINARY})

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

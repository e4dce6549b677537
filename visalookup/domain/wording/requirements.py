"""Everything that is worded by requirement: one entry for each kind, in one table."""

from __future__ import annotations

from dataclasses import dataclass

from visalookup.domain.requirements import Requirement


@dataclass(frozen=True, slots=True)
class RequirementWords:
    """How one requirement is put into words.

    `sentence` has the places {holder} ("With an ordinary passport of Kazakhstan"), {place} ("Israel"), {stay}
    (" for up to 90 days", or nothing) and {instead} (" Travel with a passport.", or nothing).
    """

    label: str
    """In a table of ours, or a list of choices."""
    heading: str
    """Over a column of a narrow table."""
    noun: str
    """Within a sentence, after an article."""
    sentence: str
    """The whole answer, which begins with the answer itself."""


_WORDS = {
    Requirement.FREEDOM_OF_MOVEMENT: RequirementWords(
        "Freedom of movement",
        "free",
        "freedom of movement",
        "No. {holder} you need no visa for {place}: you have freedom of movement there.",
    ),
    Requirement.VISA_FREE: RequirementWords(
        "Visa-free", "visa free", "visa-free travel", "No. {holder} you need no visa for {place}{stay}."
    ),
    Requirement.ETA: RequirementWords(
        "Electronic travel authorisation",
        "eta",
        "travel with an electronic travel authorisation",
        "No visa, but an electronic travel authorisation (ETA). {holder} you must have one before you travel to"
        " {place}{stay}.",
    ),
    Requirement.VISA_ON_ARRIVAL: RequirementWords(
        "Visa on arrival",
        "on arrival",
        "travel with a visa on arrival",
        "Yes. {holder} you need a visa for {place}; you can get it on arrival{stay}.",
    ),
    Requirement.E_VISA: RequirementWords(
        "E-visa",
        "e-visa",
        "travel with an e-visa",
        "Yes. {holder} you need a visa for {place}; you can apply for it online{stay}.",
    ),
    Requirement.VISA_REQUIRED: RequirementWords(
        "Visa required",
        "visa",
        "a visa requirement",
        "Yes. {holder} you need a visa for {place}, issued before you travel.",
    ),
    Requirement.DOCUMENT_NOT_ACCEPTED: RequirementWords(
        "Document not accepted",
        "document",
        "a refusal of the document",
        "Not accepted. {holder} you cannot enter {place}: it is not accepted as a travel document there.{instead}",
    ),
    Requirement.NO_ADMISSION: RequirementWords(
        "No admission",
        "refused",
        "a refusal of admission",
        "Not admitted. {holder} you are not admitted to {place}.",
    ),
}


def words_of(requirement: Requirement) -> RequirementWords:
    """The words for a requirement."""
    return _WORDS[requirement]


def requirement_label(requirement: Requirement) -> str:
    """The requirement as a table shows it."""
    return _WORDS[requirement].label

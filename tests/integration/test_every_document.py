"""“Every document” is a fact of its own: a type of document added later changes no answer of any ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MORNING
from tests.integration.world import DataFiles, load
from visalookup.domain.documents import EVERY_DOCUMENT, DocumentScope, DocumentType
from visalookup.domain.requirements import Requirement
from visalookup.services.lookup.answer_question import answer_question
from visalookup.services.lookup.questions import QuestionForm
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage import terms
from visalookup.storage.history.audit_trail import altered_terms
from visalookup.storage.models import TermsRow

NO_CITIZENS = ("XXB", "GBN")
DESTINATIONS = ("ISR",)
REFUGEES = (DocumentType.REFUGEE_1951, DocumentType.STATELESS_1954, DocumentType.ALIEN)
MORE_PLACES = """\
XXB,,,document,,Refugee (1951 Convention),,,,,
GBN,,,document,,British National (Overseas),,,,,
"""


@contextmanager
def one_more_type(patch: pytest.MonkeyPatch, name: str) -> Iterator[DocumentType]:
    """A `DocumentType` that a later version of the program has and this one has not."""
    member = str.__new__(DocumentType, name)
    member._name_, member._value_ = name.upper(), name
    with patch.context() as patched:
        patched.setattr(DocumentType, "_member_names_", [*DocumentType._member_names_, member._name_])
        patched.setitem(DocumentType._member_map_, member._name_, member)
        patched.setitem(DocumentType._value2member_map_, name, member)
        yield member


def names_of_today(documents: DocumentScope) -> list[str]:
    """How every document was written before there was a name for it: as the types there were."""
    return sorted(str(document) for document in documents)


@pytest.fixture
def world(files: DataFiles) -> DataFiles:
    """The small world, and documents that no citizen holds."""
    files.write("places.csv", f"{(files.folder / 'places.csv').read_text('utf-8')}{MORE_PLACES}")
    return files


@pytest.fixture(params=["as it is written now", "as it was written before"])
def ledger(request: pytest.FixtureRequest, session: Session, world: DataFiles) -> Session:
    """A ledger with the small world, loaded by this version or by one that listed the types of its day."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "as it was written before":
            patch.setattr(terms, "_documents_column", names_of_today)
        load(session, world, MORNING)
    return session


def requirements(
    ledger: Session, documents: tuple[DocumentType, ...]
) -> dict[tuple[str, str, str], Requirement | None]:
    """What the ledger answers, today and as known at its first revision, to people without a citizen's passport."""
    store = RulebookStore()
    questions = [(passport, DocumentType.ORDINARY) for passport in NO_CITIZENS]
    questions += [("MAR", document) for document in documents]
    return {
        (passport, document, destination): answer_question(
            ledger, store, QuestionForm((passport,), destination, None, as_of, document), MORNING
        ).best.verdict.requirement
        for passport, document in questions
        for destination in DESTINATIONS
        for as_of in (None, "2026-11-23T09:00:00Z")
    }


def test_a_further_type_of_document_changes_no_answer(ledger: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    before = requirements(ledger, REFUGEES)
    assert None not in before.values()
    with one_more_type(monkeypatch, "crew_certificate"):
        assert requirements(ledger, REFUGEES) == before


def test_a_rule_for_every_document_reaches_the_further_type(ledger: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with one_more_type(monkeypatch, "crew_certificate") as crew_certificate:
        found = requirements(ledger, (crew_certificate,))
    assert {found["MAR", "crew_certificate", destination] for destination in DESTINATIONS} == {
        Requirement.VISA_REQUIRED
    }


def test_the_same_files_loaded_by_the_later_version_change_nothing(
    ledger: Session, world: DataFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    with one_more_type(monkeypatch, "crew_certificate"):
        assert load(ledger, world, MORNING).changes == ()
        assert altered_terms(ledger) == []


def test_no_row_written_now_lists_the_types_of_today(session: Session, world: DataFiles) -> None:
    load(session, world, MORNING)
    written = session.scalars(select(TermsRow.documents)).all()
    assert ["all"] in written
    assert all(len(names) < len(DocumentType) for names in written)


def test_the_ten_types_of_the_first_version_can_still_be_named_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    first_ten = list(DocumentType)
    with one_more_type(monkeypatch, "crew_certificate") as crew_certificate:
        named = DocumentScope.of(first_ten)
        assert (named.is_every, crew_certificate in named) == (False, False)
        assert terms._document_scope(terms._documents_column(named)) == named
        assert DocumentScope.of([*first_ten, crew_certificate]) == EVERY_DOCUMENT

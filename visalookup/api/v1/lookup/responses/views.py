"""Many answers at once as JSON: the views by passport and by destination, and batches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from visalookup.api.v1.lookup.responses.answers import (
    answer_sources_json,
    answer_verification_json,
    best_granted_json,
)
from visalookup.api.v1.lookup.responses.sources import SourceJson, VerificationJson
from visalookup.api.v1.lookup.responses.terms import GrantedJson
from visalookup.domain.lookup import Answer, Basis
from visalookup.domain.moments import format_instant
from visalookup.domain.requirements import AnswerKind, Requirement
from visalookup.http.place_refs import PlaceRefJson, place_ref
from visalookup.http.problems import Problem, ProblemJson
from visalookup.services.lookup.links import format_on, question_json
from visalookup.services.lookup.view_requirements import View


class RowJson(GrantedJson):
    """One row of a view."""

    passport: PlaceRefJson
    destination: PlaceRefJson
    answer: AnswerKind
    requirement: Requirement | None
    basis: Basis
    regime: Annotated[str | None, Meta(description="The id of the regime it rests on.")]
    sources: list[SourceJson]
    verification: VerificationJson | None
    pending: Annotated[list[str], Meta(description="The ids of the regimes that are announced and not law.")]
    href: Annotated[str, Meta(description="The whole answer.")]


class ViewJson(TypedDict):
    """Everything one passport meets, or one destination asks."""

    place: PlaceRefJson
    on: str
    as_of: str
    revision: int
    requirements: list[RowJson]


class PlacedProblemJson(ProblemJson):
    """The problem of one question of a batch, with its place in the list, counted from 0."""

    index: int


class BatchFaultJson(TypedDict):
    """What stands in place of an answer where the question cannot be understood."""

    error: PlacedProblemJson


class BatchResultJson(TypedDict):
    """Answers in the order of the questions."""

    answers: list[dict[str, Any]]  # LookupResultJson or BatchFaultJson each; `api.openapi` describes that
    revision: int


def view_json(view: View) -> ViewJson:
    """A view, row by row."""
    return {
        "place": place_ref(view.place),
        "on": format_on(view.on),
        "as_of": format_instant(view.as_of),
        "revision": view.edition.revision,
        "requirements": [_row(answer, view.now) for answer in view.answers],
    }


def batch_fault_json(index: int, problem: Problem) -> BatchFaultJson:
    """The problem of the question at this place of a batch."""
    return {"error": {**problem.as_dict(), "index": index}}


def _row(answer: Answer, now: datetime) -> RowJson:
    question, verdict = answer.question, answer.verdict
    best = verdict.best
    return {
        "passport": place_ref(question.passport),
        "destination": place_ref(question.destination),
        "answer": verdict.answer,
        "requirement": verdict.requirement,
        "basis": verdict.basis,
        **best_granted_json(best),
        "regime": best.regime.id if best else None,
        "sources": answer_sources_json(answer),
        "verification": answer_verification_json(answer, now),
        "pending": [pending.regime.id for pending in answer.pending],
        "href": question_json(question),
    }

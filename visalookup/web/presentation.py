"""Words and helpers that the templates use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, url_for

from visalookup.domain.documents import DocumentType, document_phrase
from visalookup.domain.lookup import Answer
from visalookup.domain.moments import format_instant
from visalookup.domain.requirements import AnswerKind
from visalookup.domain.sources import SourceKind, VerificationLevel
from visalookup.domain.wording import (
    answer_sentence,
    describe_day,
    describe_instant,
    describe_on,
    describe_partial,
    describe_stay,
    describe_when,
    ended_sentence,
    needs_visa,
    pending_sentence,
    requirement_label,
    status_label,
)

ANSWER_HEADINGS = {
    AnswerKind.NO: "No visa needed",
    AnswerKind.YES: "Visa needed",
    AnswerKind.NOT_ADMITTED: "Not admitted",
    AnswerKind.UNKNOWN: "We do not know",
}

VERIFICATION_WORDS = {
    VerificationLevel.OFFICIAL: "The official text was read",
    VerificationLevel.SECONDARY: "A secondary source was read, not the official text",
    VerificationLevel.UNVERIFIED: "Nobody has read a source yet; the link says where to look",
}

SOURCE_WORDS = {
    SourceKind.OFFICIAL: "official",
    SourceKind.SECONDARY: "secondary source",
    SourceKind.PRESS: "press",
}


def init_presentation(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(_globals(Path(app.static_folder or "")))


def _globals(static_folder: Path) -> dict[str, Any]:
    words: tuple[Callable[..., str], ...] = (
        answer_sentence,
        describe_day,
        describe_instant,
        describe_on,
        describe_partial,
        describe_stay,
        describe_when,
        document_label,
        ended_sentence,
        format_instant,
        pending_sentence,
        question_url,
        requirement_label,
        status_label,
    )
    return {
        **{word.__name__: word for word in words},
        "needs_visa": needs_visa,
        "answer_headings": ANSWER_HEADINGS,
        "verification_words": VERIFICATION_WORDS,
        "source_words": SOURCE_WORDS,
        "document_types": list(DocumentType),
        "static_url": lambda name: static_url(static_folder, name),
    }


def document_label(document: DocumentType) -> str:
    """The document type as a choice in a form: "Ordinary passport"."""
    bare = document_phrase(document).split(" ", 1)[1]
    return f"{bare[0].upper()}{bare[1:]}"


def static_url(folder: Path, name: str) -> str:
    """The address of a static file, with a digest of its content, so that a browser may keep it for good."""
    return url_for("static", filename=name, v=_digest(folder / name))


@cache
def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


def question_url(answer: Answer, *, as_of: datetime | None = None, day: date | None = None) -> str:
    """The address of an answer's page, with the circumstances that differ from the usual ones."""
    question = answer.question
    on = day or question.on
    circumstances = {
        "on": format_instant(on) if isinstance(on, datetime) else on.isoformat(),
        "document": None if question.document is DocumentType.ORDINARY else str(question.document),
        "stay_days": question.stay_days,
        "as_of": format_instant(as_of) if as_of else None,
    }
    query = urlencode({name: value for name, value in circumstances.items() if value is not None})
    return f"/visa/{question.passport.code}/{question.destination.code}?{query}"

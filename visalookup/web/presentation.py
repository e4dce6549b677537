"""Labels and helpers for the templates."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, url_for
from markupsafe import Markup, escape

from visalookup.domain.circumstances import Judgement, Transit
from visalookup.domain.conditions import Holding, TravelMode, VisitPurpose
from visalookup.domain.date_phrases import (
    describe_day,
    describe_instant,
    describe_partial,
    describe_period,
    describe_when,
)
from visalookup.domain.documents import DocumentType, document_phrase
from visalookup.domain.entry_phrases import entry_condition_label, fee_phrase, passport_phrase
from visalookup.domain.lookup import ActiveRule, Verdict
from visalookup.domain.moments import format_instant
from visalookup.domain.regimes import Rule
from visalookup.domain.requirements import AnswerKind, Requirement
from visalookup.domain.sources import SourceKind, VerificationLevel
from visalookup.domain.wording.answers import (
    answer_sentence,
    day_not_covered_sentence,
    describe_on,
    describe_stay,
    ended_sentence,
    kind_label,
    needs_visa,
    pending_sentence,
    status_label,
)
from visalookup.domain.wording.circumstances import describe_stated, holding_label, stated_label
from visalookup.domain.wording.requirements import requirement_label
from visalookup.services.lookup.links import question_form, question_holding, question_json, question_page
from visalookup.services.lookup.view_requirements import View

ANSWER_HEADINGS = {
    AnswerKind.NO: "No visa needed",
    AnswerKind.YES: "Visa needed",
    AnswerKind.DOCUMENT_NOT_ACCEPTED: "Document not accepted",
    AnswerKind.NOT_ADMITTED: "Not admitted",
    AnswerKind.UNKNOWN: "We do not know",
}

ETA_HEADING = "No visa, but an ETA"
"""An authorisation is needed before the journey, so a green "No visa needed" would mislead."""

LEVEL_LABELS = {
    VerificationLevel.OFFICIAL: "Official text read",
    VerificationLevel.SECONDARY: "Secondary source",
    VerificationLevel.UNVERIFIED: "Not verified",
}

VERIFICATION_LABELS = {
    VerificationLevel.OFFICIAL: "The official text was read",
    VerificationLevel.SECONDARY: "A secondary source was read, not the official text",
    VerificationLevel.UNVERIFIED: "Nobody has read a source yet; the link says where to look",
}

SOURCE_KIND_LABELS = {
    SourceKind.OFFICIAL: "official",
    SourceKind.SECONDARY: "secondary source",
    SourceKind.PRESS: "press",
}


def init_presentation(app: Flask) -> None:
    """Make the labels and helpers available to the templates."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["with_code"] = with_code
    app.jinja_env.filters["lower_first"] = lower_first
    app.jinja_env.globals.update(_globals(Path(app.static_folder or "")))


def _globals(static_folder: Path) -> dict[str, Any]:
    helpers: tuple[Callable[..., str], ...] = (
        answer_colour,
        answer_heading,
        answer_sentence,
        day_not_covered_sentence,
        describe_day,
        describe_instant,
        describe_on,
        describe_partial,
        describe_period,
        describe_stay,
        describe_when,
        document_label,
        document_phrase,
        entry_condition_label,
        fee_phrase,
        host_of,
        passport_phrase,
        ended_sentence,
        format_instant,
        holding_label,
        kind_label,
        pending_sentence,
        question_form,
        question_holding,
        question_json,
        question_page,
        requirement_label,
        rule_page,
        stated_label,
        status_label,
        view_day,
    )
    return {
        **{helper.__name__: helper for helper in helpers},
        "needs_visa": needs_visa,
        "describe_stated": describe_stated,
        "missing_holdings": missing_holdings,
        "visit_purposes": list(VisitPurpose),
        "travel_modes": list(TravelMode),
        "transits": list(Transit),
        "level_labels": LEVEL_LABELS,
        "verification_labels": VERIFICATION_LABELS,
        "source_kind_labels": SOURCE_KIND_LABELS,
        "document_types": list(DocumentType),
        "static_url": lambda name: static_url(static_folder, name),
    }


def answer_heading(verdict: Verdict) -> str:
    """The answer in a few words."""
    return ETA_HEADING if verdict.requirement is Requirement.ETA else ANSWER_HEADINGS[verdict.answer]


def answer_colour(verdict: Verdict) -> str:
    """The CSS class that colours an answer: the short answer, or `eta` for an authorisation."""
    return "eta" if verdict.requirement is Requirement.ETA else str(verdict.answer)


def missing_holdings(active: ActiveRule) -> list[Holding]:
    """What a traveller may hold to meet the conditions of a rule that nothing shows to be met yet."""
    return [
        holding
        for condition, judgement in zip(active.rule.terms.conditions, active.judgements, strict=True)
        if judgement is Judgement.UNKNOWN
        for holding in condition.holds
    ]


def document_label(document: DocumentType) -> str:
    """The document type as a choice in a form: "Ordinary passport"."""
    phrase = document_phrase(document).split(" ", 1)[1]
    return f"{phrase[0].upper()}{phrase[1:]}"


def host_of(url: str) -> str:
    """The host of an address, as the text of a link to it."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def lower_first(text: str) -> str:
    """A heading within a sentence; an abbreviation stays as it is."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def rule_page(rule: Rule) -> str:
    """The page of the answer that a rule gives, with one of the rule's document types."""
    path = f"/visa/{rule.passport}/{rule.destination}"
    if DocumentType.ORDINARY in rule.terms.documents:
        return path
    return f"{path}?document={next(type_ for type_ in DocumentType if type_ in rule.terms.documents)}"


def view_day(view: View) -> str:
    """The day of a view; without a day in the question, every destination has its own today."""
    if isinstance(view.on, datetime):
        return f"At {format_instant(view.on)}"
    days = {answer.question.on for answer in view.answers}
    return f"On {describe_day(view.on)}" if len(days) == 1 else f"Today, {describe_day(view.now.date())}"


def static_url(folder: Path, name: str) -> str:
    """The URL of a static file with a digest of its content, so that browsers may cache it forever."""
    return url_for("static", filename=name, v=_digest(folder / name))


@cache
def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


_CODE = re.compile(r"`([^`]+)`")


def with_code(text: str) -> Markup:
    """The text as HTML, with everything between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first

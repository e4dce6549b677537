"""Terms as a row of the ledger, and back.

A field of `Terms` whose value a column can hold is stored in the column of its name without further ado; the others
have their conversion here. A new field needs its column (and the migration that adds it), and nothing in this module.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from visalookup.domain.conditions import Condition, ConditionKind, CountedFrom, Holding, TravelMode, VisitPurpose
from visalookup.domain.documents import EVERY_DOCUMENT, DocumentScope, DocumentType
from visalookup.domain.regimes import Terms
from visalookup.domain.requirements import Purpose, Stay, StayTotal
from visalookup.domain.sources import Verification
from visalookup.storage.models import TermsRow

Columns = dict[str, Any]

_EVERY = "all"
"""What stands for every document."""
_ONLY = "only"
"""Stands beside the names where the list of the first ten is meant literally, since a later type is left out."""
_FIRST_TEN = (
    "alien",
    "diplomatic",
    "emergency",
    "national_id_card",
    "official",
    "ordinary",
    "refugee_1951",
    "service",
    "special",
    "stateless_1954",
)
"""How every document was written before there was a name for it; rows are never rewritten, so it is still read."""

_COLUMNS = frozenset(column.name for column in TermsRow.__table__.columns)
_CONVERTED = frozenset({"documents", "purposes", "conditions"})
_PLAIN = tuple(field.name for field in fields(Terms) if field.name in _COLUMNS - _CONVERTED)
"""The fields stored as they are."""
_FIRST_COLUMNS = frozenset(
    {
        *("regime_id", "source_key", "requirement", "documents", "purposes", "conditions", "overriding", "note"),
        *("stay_days", "stay_within_days", "stay_months", "stay_unlimited"),
        *("stay_total_days", "stay_total_within_days", "stay_total_calendar_year"),
        *("verification_level", "verified_on"),
    }
)
"""The columns of the first schema: each counts for the digest. A later one must be nullable, and counts only where it
holds something, so that it changes no digest of before."""


def terms_columns(regime_id: str, terms: Terms) -> Columns:
    """The row of terms, under the digest of its content."""
    columns: Columns = {
        "regime_id": regime_id,
        **{name: getattr(terms, name) for name in _PLAIN},
        "documents": _documents_column(terms.documents),
        "purposes": sorted(terms.purposes),
        "conditions": [_condition_column(condition) for condition in terms.conditions],
        **_stay_columns(terms.stay),
        **verification_columns(terms.verification),
    }
    return {"digest": terms_digest(columns), **columns}


def terms_of(columns: Mapping[Any, Any]) -> Terms:
    """The terms that a row holds."""
    verification = verification_of(columns["verification_level"], columns["verified_on"])
    assert verification is not None  # noqa: S101 - the column is not null
    return Terms(
        **{name: columns[name] for name in _PLAIN},
        verification=verification,
        stay=_stay(columns),
        documents=_document_scope(columns["documents"]),
        purposes=frozenset(Purpose(name) for name in columns["purposes"]),
        conditions=tuple(_condition(row) for row in columns["conditions"]),
    )


def terms_digest(columns: Mapping[str, Any]) -> str:
    """The digest of the content of terms: the same, however every document is written, and with columns to come."""
    content = {
        name: value
        for name, value in columns.items()
        if name in _FIRST_COLUMNS or (name != "digest" and value is not None)
    }
    if content["documents"] == [_EVERY]:
        content["documents"] = list(_FIRST_TEN)
    text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verification_columns(verification: Verification | None) -> Columns:
    """How well something was checked, in the two columns for it."""
    return {
        "verification_level": verification.level if verification else None,
        "verified_on": verification.verified_on if verification else None,
    }


def verification_of(level: Any, verified_on: Any) -> Verification | None:
    """How well something was checked; None where nothing is recorded of that."""
    return Verification(level, verified_on) if level else None


def _documents_column(documents: DocumentScope) -> list[str]:
    if documents.is_every:
        return [_EVERY]
    names = sorted(str(document) for document in documents)
    return [*names, _ONLY] if tuple(names) == _FIRST_TEN else names


def _document_scope(names: Iterable[str]) -> DocumentScope:
    if names == [_EVERY] or tuple(sorted(names)) == _FIRST_TEN:
        return EVERY_DOCUMENT
    return DocumentScope(DocumentType(name) for name in names if name != _ONLY)


def _condition_column(condition: Condition) -> dict[str, Any]:
    """A condition as JSON; only the arguments that it states, so that one without any is written as ever."""
    arguments = {name: _argument_column(value) for name, value in condition.arguments.items()}
    return {"kind": condition.kind, "text": condition.text, **arguments}


def _argument_column(value: object) -> object:
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return value if isinstance(value, int) else str(value)


def _condition(column: Mapping[str, Any]) -> Condition:
    arguments = {name: read(column[name]) for name, read in _ARGUMENTS.items() if name in column}
    return Condition(ConditionKind(column["kind"]), column["text"], **arguments)


_ARGUMENTS: dict[str, Callable[[Any], Any]] = {
    "holds": lambda texts: tuple(Holding.parse(text) for text in texts),
    "of": tuple,
    "since": date.fromisoformat,
    "until": date.fromisoformat,
    "by": lambda names: tuple(TravelMode(name) for name in names),
    "purposes": lambda names: tuple(VisitPurpose(name) for name in names),
    "months": int,
    "days": int,
    "beyond": CountedFrom,
}
"""How an argument of a condition is read from its JSON."""


def _stay_columns(stay: Stay | None) -> Columns:
    total = stay.total if stay else None
    return {
        "stay_days": stay.days if stay else None,
        "stay_within_days": stay.within_days if stay else None,
        "stay_months": stay.months if stay else None,
        "stay_unlimited": bool(stay and stay.unlimited),
        "stay_total_days": total.days if total else None,
        "stay_total_within_days": total.within_days if total else None,
        "stay_total_calendar_year": bool(total and total.calendar_year),
    }


def _stay(columns: Mapping[Any, Any]) -> Stay | None:
    days, months, unlimited = columns["stay_days"], columns["stay_months"], columns["stay_unlimited"]
    if days is None and months is None and not unlimited:
        return None
    total_days = columns["stay_total_days"]
    total = (
        StayTotal(total_days, columns["stay_total_within_days"], columns["stay_total_calendar_year"])
        if total_days
        else None
    )
    return Stay(days, columns["stay_within_days"], months, unlimited, total)

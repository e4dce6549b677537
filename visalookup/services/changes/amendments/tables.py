"""Change many rules of a regime by a table, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from visalookup.domain.changes.amendments import level_borne_out
from visalookup.domain.documents import EVERY_DOCUMENT, DocumentScope, DocumentType
from visalookup.domain.errors import DomainError
from visalookup.domain.periods import ALWAYS
from visalookup.domain.regimes import Rule, WholeRegime
from visalookup.formats.faults import Fault, FaultyData
from visalookup.formats.rule_table import Row, read_rule_table, terms_of_row
from visalookup.services.changes.amendments.context import Amended, AmendmentContext
from visalookup.services.changes.amendments.rules import amend_rule


def amend_by_table(before: WholeRegime, name: str, text: str, context: AmendmentContext) -> Amended:
    """The regime with each line of the table taken in; raise FaultyData with every line that cannot be."""
    rows = read_rule_table(name, text)
    faults: list[Fault] = []
    whole = before
    for line, row in rows:
        try:
            whole = amend_rule(whole, _payload(whole, row), context).whole
        except FaultyData as error:
            faults += [replace(each, file=name, line=line, path=()) for each in error.faults]
        except DomainError as error:
            faults.append(Fault(name, line, str(error)))
    if faults:
        raise FaultyData(faults)
    lines = "1 line" if len(rows) == 1 else f"{len(rows)} lines"
    return Amended(whole, f"Changed by a table of {lines}")


def _payload(whole: WholeRegime, row: Row) -> Mapping[str, Any]:
    terms = terms_of_row(row)
    if terms is not None and row["verified_on"]:
        source = whole.regime.sources.get(row["source"])
        level = level_borne_out(source) if source else "secondary"
        terms["verification"] = {"level": str(level), "verified_on": row["verified_on"]}
    known = _known(whole, row)
    if known is not None:
        return {"key": known.key, "terms": terms}
    return {"passport": row["passport"], "destination": row["destination"], "terms": terms}


def _known(whole: WholeRegime, row: Row) -> Rule | None:
    """The rule for this pair and these documents that everybody meets, which the line replaces.

    A line has no dates, so a rule that has some stays as it is.
    """
    documents = _documents(row["documents"].split())
    for rule in whole.rules:
        same_pair = (rule.passport, rule.destination) == (row["passport"], row["destination"])
        is_plain = not rule.terms.narrows and rule.terms.period == ALWAYS
        if same_pair and rule.terms.documents == documents and is_plain:
            return rule
    return None


def _documents(names: list[str]) -> DocumentScope | None:
    """The documents a line names, ordinary passports where it names none; None for a name that is no type."""
    if "all" in names:
        return EVERY_DOCUMENT
    known = [DocumentType(name) for name in names if name in list(DocumentType)]
    return DocumentScope.of(known or [DocumentType.ORDINARY]) if len(known) == len(names) else None

"""Rules of one regime as a table (CSV): a line for each pair, with the number of the line for what is wrong."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from visalookup.formats.faults import Fault, FaultyData

COLUMNS = (
    "passport",
    "destination",
    "documents",
    "requirement",
    "days",
    "within_days",
    "source",
    "verified_on",
    "note",
)
"""A line without `requirement` removes the rule; `documents` are separated by spaces, `ordinary` if left out."""

Row = Mapping[str, str]


def read_rule_table(name: str, text: str) -> list[tuple[int, Row]]:
    """Each line with its number; raise FaultyData where the columns are others, or a line has too many values."""
    lines = csv.DictReader(text.splitlines(), strict=True)
    try:
        if tuple(lines.fieldnames or ()) != COLUMNS:
            raise FaultyData([Fault(name, 1, f"The first line must be {','.join(COLUMNS)}.")])
        rows = [(lines.line_num, row) for row in lines]
    except csv.Error as error:
        raise FaultyData([Fault(name, lines.line_num, f"This is not CSV: {error}.")]) from error
    faults = list(_faults(name, rows))
    if not rows:
        faults.append(Fault(name, 1, "There is no line below the first."))
    if faults:
        raise FaultyData(faults)
    return [(line, {column: value.strip() for column, value in row.items()}) for line, row in rows]


def _faults(name: str, rows: list[tuple[int, dict[str, Any]]]) -> Iterator[Fault]:
    seen: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        if None in row or None in row.values():
            yield Fault(name, line, f"A line has {len(COLUMNS)} values; put text with commas between quotes.")
            continue
        pair = (row["passport"].strip(), row["destination"].strip(), row["documents"].strip())
        if pair in seen:
            yield Fault(name, line, f"{pair[0]} to {pair[1]} stands on line {seen[pair]} already.")
        seen.setdefault(pair, line)


def terms_of_row(row: Row) -> dict[str, Any] | None:
    """What a line says a rule gives, in the shape of a data file; None where it removes the rule."""
    if not row["requirement"]:
        return None
    stay = {name: _number(row[name]) for name in ("days", "within_days") if row[name]}
    terms: dict[str, Any] = {"requirement": row["requirement"], "source": row["source"]}
    if row["documents"]:
        terms["documents"] = row["documents"].split()
    if stay:
        terms["stay"] = stay
    if row["note"]:
        terms["note"] = row["note"]
    return terms


def _number(text: str) -> int | str:
    """A number as such; what is none stays text, and is refused where the shape is checked."""
    return int(text) if text.isascii() and text.isdigit() else text

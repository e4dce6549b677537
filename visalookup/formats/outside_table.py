"""Reading an outside table from its CSV file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from visalookup.domain.datasets.outside_table import TableRow, parse_claim
from visalookup.domain.errors import InvalidValue
from visalookup.domain.gazetteer import UnknownPlace
from visalookup.domain.places import Place
from visalookup.formats.faults import Fault, FaultyData

COLUMNS = ("Passport", "Destination", "Requirement")
FindPlace = Callable[[str], Place]


@dataclass(frozen=True, slots=True)
class OutsideTable:
    """The pairs of a table, and the names in it that are no place we know, with what was said of each."""

    rows: tuple[TableRow, ...]
    unknown_places: dict[str, str]


def read_outside_table(path: Path, find_place: FindPlace) -> OutsideTable:
    """Read the table, citizens at home left out; raise FaultyData with every line that cannot be understood."""
    lines = csv.DictReader(_text(path).splitlines())
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise FaultyData([Fault(path.name, 1, f"The first line must be {','.join(COLUMNS)}.")])
    reading = _Reading(path.name, find_place)
    for row in lines:
        reading.take(lines.line_num, row)
    if reading.faults:
        raise FaultyData(reading.faults)
    return OutsideTable(tuple(reading.rows.values()), reading.unknown_places)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise FaultyData([Fault(path.name, 1, f"The file cannot be read: {error.strerror}.")]) from error
    except UnicodeDecodeError as error:
        raise FaultyData([Fault(path.name, 1, f"The file is not UTF-8: {error.reason}.")]) from error


class _Reading:
    """A table being read: what was understood so far, and what was not."""

    def __init__(self, file: str, find_place: FindPlace) -> None:
        self.rows: dict[tuple[str, str], TableRow] = {}
        self.faults: list[Fault] = []
        self.unknown_places: dict[str, str] = {}
        self._file = file
        self._find_place = find_place
        self._found: dict[str, Place | None] = {}

    def take(self, line: int, row: dict[str, str | None]) -> None:
        """Understand one line."""
        passport, destination, requirement = (row[column] for column in COLUMNS)
        if passport is None or destination is None or requirement is None or None in row:
            self.faults.append(Fault(self._file, line, f"A line has {len(COLUMNS)} values."))
            return
        try:
            claim = parse_claim(requirement)
        except InvalidValue as error:
            self.faults.append(Fault(self._file, line, str(error)))
            return
        holder, place = self._place(passport), self._place(destination)
        if claim is None or holder is None or place is None or holder is place:
            return
        pair = (holder.code, place.code)
        if pair in self.rows:
            self.faults.append(Fault(self._file, line, f"{passport} to {destination} stands in the table twice."))
        self.rows[pair] = TableRow(holder, place, claim)

    def _place(self, name: str) -> Place | None:
        if name not in self._found:
            try:
                self._found[name] = self._find_place(name)
            except UnknownPlace as error:
                self.unknown_places[name] = str(error)
                self._found[name] = None
        return self._found[name]

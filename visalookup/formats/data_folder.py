"""Reading the data folder: a data set, or every fault in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path as FilePath
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields

from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.places import Authority, Group, Place, PlaceKind, Places, index_places
from visalookup.domain.regimes import Regime, Rule
from visalookup.formats.checks import Assembly
from visalookup.formats.faults import Fault, FaultyData
from visalookup.formats.from_payload import (
    assemble_destination,
    assemble_group,
    assemble_regime,
)
from visalookup.formats.linking import FolderOrigins, Origins, check_stands_alone, link
from visalookup.formats.schemas import A_SLUG, DestinationShape, GroupShape, RegimeShape, SourceShape
from visalookup.formats.shared_sources import SOURCES_FILE
from visalookup.formats.value_fields import Text
from visalookup.formats.yaml_dialect import Document, Path, parse_document

Found = TypeVar("Found")

PLACES_FILE = "places.csv"
GROUPS_FILE = "groups.yaml"
PLACE_COLUMNS = (
    "code",
    "alpha2",
    "icao",
    "kind",
    "citizens_of",
    "name",
    "article",
    "aliases",
    "timezone",
    "authority_name",
    "authority_url",
)


_CODE = re.compile(r"[A-Z]{3}")


def read_data(folder: FilePath) -> DataSet:
    """Read every file of the data folder; raise FaultyData with all faults found."""
    faults: list[Fault] = []
    places = _collect(faults, lambda: read_places(folder))
    groups = _collect(faults, lambda: read_groups(folder, index_places(places)))
    known = index_places(places, groups)
    origins = FolderOrigins(folder, dict(_collect(faults, lambda: list(read_shared_sources(folder).items()))))
    regimes: list[Regime] = []
    rules: list[Rule] = []
    for path in sorted([*folder.glob("destinations/*.yaml"), *folder.glob("regimes/*.yaml")]):
        name = path.relative_to(folder).as_posix()
        for regime, found in _collect(faults, partial(_read_regime_file, folder, name, known, origins)):
            if any(each.id == regime.id for each in regimes):
                faults.append(Fault(name, 1, f"Another file holds the regime {regime.id} already."))
            regimes.append(regime)
            rules.extend(found)
    if faults:
        raise FaultyData(faults)
    if unused := sorted(origins.shared.keys() - origins.used):
        raise FaultyData([_unused_source(folder, key) for key in unused])
    return DataSet(tuple(places), tuple(groups), tuple(regimes), tuple(rules))


def _read_regime_file(folder: FilePath, name: str, places: Places, origins: Origins) -> list[tuple[Regime, list[Rule]]]:
    return [read_regime(name, _text(folder, name), places, origins)]


def read_shared_sources(folder: FilePath) -> dict[str, Any]:
    """The sources of `sources.yaml` by their keys, which is left out where no file needs it."""
    if not (folder / SOURCES_FILE).exists():
        return {}
    document = _shared_sources(folder)
    try:
        fields.Dict(keys=Text(validate=A_SLUG), values=fields.Nested(SourceShape)).deserialize(document.content)
    except ValidationError as error:
        raise _faulty(document, error) from error
    return dict(document.content)


def _shared_sources(folder: FilePath) -> Document:
    return parse_document(SOURCES_FILE, _text(folder, SOURCES_FILE))


def _unused_source(folder: FilePath, key: str) -> Fault:
    return _shared_sources(folder).fault(f"The source {key!r} is shared by no file.", (key,))


def _text(folder: FilePath, name: str) -> str:
    """The text of a file; a missing one, or one that is not UTF-8, is a fault."""
    try:
        return (folder / name).read_text("utf-8")
    except FileNotFoundError:
        raise FaultyData([Fault(name, 1, "The file is missing.")]) from None
    except UnicodeDecodeError as error:
        raise FaultyData([Fault(name, 1, f"The file is not UTF-8: {error.reason}.")]) from error


def _collect(faults: list[Fault], read: Callable[[], list[Found]]) -> list[Found]:
    try:
        return read()
    except FaultyData as error:
        faults.extend(error.faults)
        return []


def read_places(folder: FilePath) -> list[Place]:
    """The places of `places.csv`."""
    text = _text(folder, PLACES_FILE)
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ()) != PLACE_COLUMNS:
        raise FaultyData([Fault(PLACES_FILE, 1, f"The columns must be {','.join(PLACE_COLUMNS)}.")])
    listed = [(rows.line_num, row) for row in rows]
    faults = [fault for line, row in listed for fault in _place_faults(line, row)]
    codes = [row["code"] for _, row in listed]
    faults += [
        Fault(PLACES_FILE, line, f"{row['code']} is listed twice.")
        for number, (line, row) in enumerate(listed)
        if row["code"] in codes[:number]
    ]
    faults += [
        Fault(PLACES_FILE, line, f"citizens_of names {row['citizens_of']}, which is not listed.")
        for line, row in listed
        if row["citizens_of"] and row["citizens_of"] not in codes
    ]
    if faults:
        raise FaultyData(faults)
    return [_place(row) for _, row in listed]


def _place_faults(line: int, row: Mapping[str, str]) -> Iterator[Fault]:
    if None in row or None in row.values():
        yield Fault(PLACES_FILE, line, f"A row has {len(PLACE_COLUMNS)} values.")
        return
    if row["kind"] not in list(PlaceKind):
        yield Fault(PLACES_FILE, line, f"{row['kind']!r} is not one of {', '.join(PlaceKind)}.")
    if not row["name"] or not _CODE.fullmatch(row["code"]):
        yield Fault(PLACES_FILE, line, "A place needs a name and a code of three letters, in capitals.")
    if bool(row["authority_name"]) != bool(row["authority_url"]):
        yield Fault(PLACES_FILE, line, "An authority needs both a name and an address.")
    if (row["kind"] == PlaceKind.DOCUMENT) != (not row["timezone"]):
        yield Fault(PLACES_FILE, line, "A place needs a time zone, and a document has none.")
    elif row["timezone"] and not _is_zone(row["timezone"]):
        yield Fault(PLACES_FILE, line, f"{row['timezone']!r} is not an IANA time zone.")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        return False
    return True


def _place(row: Mapping[str, str]) -> Place:
    return Place(
        code=row["code"],
        kind=PlaceKind(row["kind"]),
        name=row["name"],
        alpha2=row["alpha2"] or None,
        icao=row["icao"] or None,
        citizens_of=row["citizens_of"] or None,
        article=row["article"] or None,
        aliases=tuple(each for each in row["aliases"].split(";") if each),
        timezone=row["timezone"] or None,
        authority=Authority(row["authority_name"], row["authority_url"]) if row["authority_name"] else None,
    )


def read_groups(folder: FilePath, places: Places) -> list[Group]:
    """The groups of `groups.yaml`."""
    document = parse_document(GROUPS_FILE, _text(folder, GROUPS_FILE))
    shapes = validated(document, GroupShape(many=True))
    assembly = Assembly(document, places)
    groups = [assemble_group(assembly, shape, index) for index, shape in enumerate(shapes)]
    codes = [shape["code"] for shape in shapes]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            assembly.fault(f"{code} is listed twice.", index, "code")
    if assembly.faults:
        raise FaultyData(assembly.faults)
    return [group for group in groups if group]


def read_regime(name: str, text: str, places: Places, origins: Origins | None = None) -> tuple[Regime, list[Rule]]:
    """The regime of one file, named relative to the data folder; raise FaultyData with its faults.

    Without the files it may take from (`origins`) it has to stand on its own.
    """
    document = parse_document(name, text)
    if origins is None:
        check_stands_alone(document)
        return read_regime_document(document, places)
    return read_regime_document(link(document, origins), places)


def read_regime_document(document: Document, places: Places) -> tuple[Regime, list[Rule]]:
    """The regime of a document, whose name says whether it is a policy; raise FaultyData with its faults."""
    name = document.file
    assembly = Assembly(document, places)
    if name.startswith("destinations/"):
        shape = validated(document, DestinationShape())
        _check_name(assembly, name, shape["destination"], "destination")
        found = assemble_destination(assembly, shape)
    else:
        shape = validated(document, RegimeShape())
        _check_name(assembly, name, shape["id"], "id")
        found = assemble_regime(assembly, shape)
    if assembly.faults or found is None:
        raise FaultyData(assembly.faults)
    return found


def _check_name(assembly: Assembly, name: str, stem: str, key: str) -> None:
    if FilePath(name).stem != stem:
        assembly.fault(f"The file must be named after its {key}: {stem}.yaml.", key)


def validated(document: Document, schema: Schema) -> Any:
    """The content in its shape; raise FaultyData with a fault for each value that does not fit."""
    try:
        return schema.load(document.content)
    except ValidationError as error:
        raise _faulty(document, error) from error


def _faulty(document: Document, error: ValidationError) -> FaultyData:
    return FaultyData([document.fault(message, path) for path, message in _flatten(error.messages)])


def _flatten(messages: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each message of a nested report with the path it is about."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = () if key in ("_schema", "value") else (key,)
            yield from _flatten(inner, (*path, *step))
    else:
        for message in messages:
            yield path, f"{'.'.join(str(step) for step in path)}: {message}" if path else str(message)

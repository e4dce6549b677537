"""The world as tiles: one square for each destination, roughly where it lies.

On a map drawn to scale the states that few people can find would be dots. Here all are equally large, because each
is one answer to give. `world.txt` is the map itself: a line of codes for each row, edited by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_MAP_FILE = Path(__file__).with_name("world.txt")
_COLUMN_WIDTH = 4
"""Characters of the file per column: a code and a space."""


@dataclass(frozen=True, slots=True)
class Tile:
    """The position of a destination's square, in columns and rows from the top left."""

    code: str
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class WorldMap:
    """All tiles, and the size of the map in columns and rows."""

    tiles: tuple[Tile, ...]
    columns: int
    rows: int


@cache
def world_map() -> WorldMap:
    """The map, read once."""
    lines = _MAP_FILE.read_text("utf-8").splitlines()
    tiles = tuple(
        Tile(code, start // _COLUMN_WIDTH, row)
        for row, line in enumerate(lines)
        for start in range(0, len(line), _COLUMN_WIDTH)
        if (code := line[start : start + _COLUMN_WIDTH].strip())
    )
    return WorldMap(tiles, 1 + max(tile.column for tile in tiles), len(lines))

"""The world as tiles: one square for each destination, about where it lies.

On a map drawn to scale the states that few people can find would be dots. Here each is as large as any other, for
each is one answer to give. `world.txt` is the map itself: a line of codes for each row, edited by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_MAP = Path(__file__).with_name("world.txt")
_WIDTH = 4
"""Characters of the map to a column: a code and a space."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Where the square of one destination stands, in columns and rows from the top left."""

    code: str
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class WorldMap:
    """All tiles, and how many columns and rows they need."""

    tiles: tuple[Tile, ...]
    columns: int
    rows: int


@cache
def world_map() -> WorldMap:
    """The map, read once."""
    lines = _MAP.read_text("utf-8").splitlines()
    tiles = tuple(
        Tile(code, start // _WIDTH, row)
        for row, line in enumerate(lines)
        for start in range(0, len(line), _WIDTH)
        if (code := line[start : start + _WIDTH].strip())
    )
    return WorldMap(tiles, 1 + max(tile.column for tile in tiles), len(lines))

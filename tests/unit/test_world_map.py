"""The map of tiles names every destination once."""

from __future__ import annotations

from tests.unit import real_data
from visalookup.web.world_map import world_map


def test_every_destination_has_one_tile_and_no_tile_lies_on_another() -> None:
    drawn = world_map()
    codes = [tile.code for tile in drawn.tiles]
    assert sorted(codes) == [place.code for place in real_data.rulebook().places.destinations]
    assert len({(tile.column, tile.row) for tile in drawn.tiles}) == len(codes)


def test_tiles_lie_as_the_world_does() -> None:
    at = {tile.code: tile for tile in world_map().tiles}
    assert at["CAN"].row < at["USA"].row < at["MEX"].row < at["BRA"].row
    assert at["USA"].column < at["GBR"].column < at["KAZ"].column < at["JPN"].column

"""The data the service ships with, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.builders import EDITION
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.gazetteer import Gazetteer, build_gazetteer
from visalookup.domain.places import index_places
from visalookup.domain.rulebook import Rulebook, build_rulebook
from visalookup.formats.data_folder import read_data
from visalookup.services.lookup.place_names import names_in_shipped_languages

FOLDER = Path(__file__).parents[2] / "data"


@cache
def data() -> DataSet:
    return read_data(FOLDER)


@cache
def rulebook() -> Rulebook:
    shipped = data()
    return build_rulebook(EDITION, index_places(shipped.places, shipped.groups), shipped.regimes, shipped.rules)


@cache
def gazetteer() -> Gazetteer:
    return build_gazetteer(data().places, names_in_shipped_languages())

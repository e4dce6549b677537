"""The data the service ships with: read once in a run of tests, whichever process needs it first."""

from __future__ import annotations

import gc
import pickle
from functools import cache
from pathlib import Path

from tests.builders import EDITION
from tests.made_once import SharedFolder
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.gazetteer import Gazetteer, build_gazetteer
from visalookup.domain.places import index_places
from visalookup.domain.rulebook import Rulebook, build_rulebook
from visalookup.formats.data_folder import read_data
from visalookup.services.lookup.place_names import names_in_shipped_languages

FOLDER = Path(__file__).parents[2] / "data"

shared: list[SharedFolder] = []
"""The folder to share it in, once tests/conftest.py has set it."""


@cache
def data() -> DataSet:
    """What the files in data/ say."""
    found = _data()
    gc.freeze()  # it stays until the end: the collector need not go through a million objects again and again
    return found


def _data() -> DataSet:
    if not shared:
        return read_data(FOLDER)
    read_here: list[DataSet] = []

    def read_and_keep(path: Path) -> None:
        read_here.append(read_data(FOLDER))
        path.write_bytes(pickle.dumps(read_here[0], pickle.HIGHEST_PROTOCOL))

    path = shared[0].file("real-data.pickle", read_and_keep)
    return read_here[0] if read_here else _kept(path)


def _kept(path: Path) -> DataSet:
    kept: DataSet = pickle.loads(path.read_bytes())  # noqa: S301 - another process of this run wrote it
    return kept


@cache
def rulebook() -> Rulebook:
    shipped = data()
    return build_rulebook(EDITION, index_places(shipped.places, shipped.groups), shipped.regimes, shipped.rules)


@cache
def gazetteer() -> Gazetteer:
    return build_gazetteer(data().places, names_in_shipped_languages())

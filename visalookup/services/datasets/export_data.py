"""Export the current data set, to write it back to files."""

from __future__ import annotations

from sqlalchemy.orm import Session

from visalookup.domain.datasets.dataset import DataSet
from visalookup.services.lookup.rulebook_store import NothingLoaded
from visalookup.storage.ledger import latest_edition
from visalookup.storage.snapshot import read_dataset


def export_data(session: Session) -> DataSet:
    """Return all data of the newest revision; raise NothingLoaded if there is none."""
    edition = latest_edition(session)
    if edition is None:
        raise NothingLoaded("There is nothing to export: no data has been loaded yet.")
    return read_dataset(session, edition.revision)

"""The rulebooks at hand: the current one, renewed within a second of a new revision, and a few earlier ones."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from visalookup.domain.gazetteer import Gazetteer, build_gazetteer
from visalookup.domain.places import Places, index_places
from visalookup.domain.rulebook import Edition, Rulebook, amended, build_rulebook
from visalookup.services.names import names_in_shipped_languages
from visalookup.storage.ledger import edition_as_of, latest_edition
from visalookup.storage.snapshot import read_dataset, read_whole_regimes, read_written

SECONDS_BETWEEN_CHECKS = 0.5
EARLIER_EDITIONS_KEPT = 4
MOST_REGIMES_RENEWED = 40
"""So many changed regimes are read one by one into the rulebook in hand; if more changed, all is read anew."""
_BEFORE_EVERYTHING = Edition(0, datetime(1970, 1, 1, tzinfo=UTC))


class NothingLoaded(Exception):
    """The database holds no data yet; `visalookup data load` brings it in."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A rulebook, and the gazetteer that understands places for it."""

    rulebook: Rulebook
    gazetteer: Gazetteer


class Library:
    """Keeps rulebooks for one process; safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._checked_at = float("-inf")
        self._current: Volume | None = None
        self._earlier: OrderedDict[int, Rulebook] = OrderedDict()

    def current(self, session: Session) -> Volume:
        """The newest volume, at most half a second behind; raise NothingLoaded where there is none."""
        volume = self._current
        if volume is not None and self._monotonic() - self._checked_at < SECONDS_BETWEEN_CHECKS:
            return volume
        with self._lock:
            return self._renew(session)

    def as_of(self, session: Session, moment: datetime) -> Volume:
        """What was known at `moment`; before the first revision that is nothing, so every answer is unknown."""
        current = self.current(session)
        if moment >= current.rulebook.edition.recorded_at:
            return current
        edition = edition_as_of(session, moment)
        return replace(current, rulebook=self._edition(session, edition, current.rulebook.places))

    def _renew(self, session: Session) -> Volume:
        edition = _newest_edition(session)
        volume = self._current
        if volume is None or volume.rulebook.edition != edition:
            rulebook = _renewed(session, volume.rulebook, edition) if volume else None
            if rulebook is None:
                rulebook = _read_rulebook(session, edition)
            volume = Volume(rulebook, self._gazetteer(rulebook.places))
            self._current = volume
        self._checked_at = self._monotonic()
        return volume

    def _gazetteer(self, places: Places) -> Gazetteer:
        """The gazetteer we have, if the places are the same: it is the slowest part to build."""
        if self._current is not None and self._current.rulebook.places.by_code == places.by_code:
            return self._current.gazetteer
        return build_gazetteer(places.by_code.values(), names_in_shipped_languages())

    def _edition(self, session: Session, edition: Edition | None, places: Places) -> Rulebook:
        if edition is None:
            return build_rulebook(_BEFORE_EVERYTHING, places, (), ())
        with self._lock:
            if edition.revision not in self._earlier:
                self._earlier[edition.revision] = _read_rulebook(session, edition)
                if len(self._earlier) > EARLIER_EDITIONS_KEPT:
                    self._earlier.popitem(last=False)
            self._earlier.move_to_end(edition.revision)
            return self._earlier[edition.revision]


def newest_rulebook(session: Session) -> Rulebook:
    """The rulebook of the newest revision, read now; raise NothingLoaded where there is none."""
    return _read_rulebook(session, _newest_edition(session))


def _newest_edition(session: Session) -> Edition:
    edition = latest_edition(session)
    if edition is None:
        raise NothingLoaded("No data has been loaded yet; run `visalookup data load`.")
    return edition


def _renewed(session: Session, rulebook: Rulebook, edition: Edition) -> Rulebook | None:
    """The rulebook in hand with what was written since; None where it must be read anew.

    That is so after a data load or a change of places, and where the ledger is not the one the rulebook is from:
    a database restored or replaced, or a revision read by its writer and then rolled back.
    """
    in_hand = rulebook.edition
    if edition_as_of(session, in_hand.recorded_at) != in_hand:
        return None
    written = read_written(session, in_hand.revision, edition.revision)
    if written.places or len(written.regime_ids) > MOST_REGIMES_RENEWED:
        return None
    return amended(rulebook, edition, read_whole_regimes(session, written.regime_ids, edition.revision))


def _read_rulebook(session: Session, edition: Edition) -> Rulebook:
    data = read_dataset(session, edition.revision)
    return build_rulebook(edition, index_places(data.places, data.groups), data.regimes, data.rules)

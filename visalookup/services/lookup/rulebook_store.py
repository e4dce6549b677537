"""The rulebooks of a process: the current one, renewed within a second of a new revision, and a few earlier ones."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from visalookup.domain.gazetteer import Gazetteer, build_gazetteer
from visalookup.domain.places import Places, index_places
from visalookup.domain.rulebook import Edition, Rulebook, amended, build_rulebook
from visalookup.services.bounded_cache import BoundedCache
from visalookup.services.lookup.place_names import names_in_shipped_languages
from visalookup.storage.ledger import edition_as_of, latest_edition
from visalookup.storage.snapshot import read_dataset, read_whole_regimes, read_written

SECONDS_BETWEEN_CHECKS = 0.5
SECONDS_UNTIL_AWAY = 3.0
"""After so long without an answer the database counts as away."""
EARLIER_EDITIONS_KEPT = 4
MOST_REGIMES_RENEWED = 40
"""Up to this many changed regimes are read one by one into the current rulebook; if more changed, all is read again."""
log = logging.getLogger(__name__)

_BEFORE_EVERYTHING = Edition(0, datetime(1970, 1, 1, tzinfo=UTC))


class NothingLoaded(Exception):
    """The database holds no data yet; `visalookup data load` brings it in."""


@dataclass(frozen=True, slots=True)
class LoadedRulebook:
    """A rulebook, and the gazetteer that understands places for it."""

    rulebook: Rulebook
    gazetteer: Gazetteer


class RulebookStore:
    """Keeps rulebooks for one process; safe to share between threads.

    Where a `RulebookRefresher` renews it in the background, no request waits for the database. Elsewhere a request
    looks for a new revision, at most twice a second.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._confirmed_at = float("-inf")
        self._tried_at = float("-inf")
        self._current: LoadedRulebook | None = None
        self._earlier: BoundedCache[int, Rulebook] = BoundedCache(EARLIER_EDITIONS_KEPT)
        self._has_failed = False
        self.is_watched = False

    def current(self, session: Session) -> LoadedRulebook:
        """The newest rulebook, at most half a second behind while the database answers; after that the last one known.

        Raise NothingLoaded where there is none.
        """
        loaded = self._current
        if loaded is not None and (self.is_watched or self._was_tried_lately()):
            return loaded
        if loaded is None or not self._lock.acquire(blocking=False):
            with self._lock:
                return self._current or self._renew(session)
        try:
            return self._renew(session)
        except DBAPIError as error:
            log.warning("the database does not answer: %s", type(error.orig).__name__)
            session.rollback()
            return loaded
        finally:
            self._lock.release()

    def renew(self, session: Session) -> LoadedRulebook:
        """Look for a new revision now; raise NothingLoaded where there is none at all."""
        with self._lock:
            return self._renew(session)

    def confirm(self) -> None:
        """Note that the current rulebook was just found to be the newest."""
        with self._lock:
            self._confirmed_at = self._tried_at = self._monotonic()
            self._has_failed = False

    def current_if_fresh(self) -> LoadedRulebook | None:
        """The newest rulebook where it is known to be that without asking the database."""
        certain = self.is_watched or self._was_tried_lately()
        return self._current if certain and not self._is_old else None

    @property
    def last_known(self) -> LoadedRulebook | None:
        """The last rulebook read, however old; None before the first."""
        return self._current

    @property
    def age(self) -> float:
        """Seconds since the current rulebook was last found to be the newest."""
        return self._monotonic() - self._confirmed_at

    @property
    def is_away(self) -> bool:
        """Whether the refresher has had no answer from the database for so long that no request should wait for it."""
        return self.is_watched and self._is_old

    @property
    def reported_age(self) -> int | None:
        """The age in whole seconds where answers must report it, because the database does not answer; else None."""
        return int(self.age) if self._is_old and (self.is_watched or self._has_failed) else None

    @property
    def _is_old(self) -> bool:
        return self._current is not None and self.age >= SECONDS_UNTIL_AWAY

    def _was_tried_lately(self) -> bool:
        return self._monotonic() - self._tried_at < SECONDS_BETWEEN_CHECKS

    def as_of(self, session: Session, moment: datetime) -> LoadedRulebook:
        """What was known at `moment`; before the first revision that is nothing, so every answer is unknown."""
        current = self.current(session)
        if moment >= current.rulebook.edition.recorded_at:
            return current
        edition = edition_as_of(session, moment)
        return replace(current, rulebook=self._edition(session, edition, current.rulebook.places))

    def _renew(self, session: Session) -> LoadedRulebook:
        self._tried_at = self._monotonic()
        self._has_failed = True  # until it has not
        edition = _newest_edition(session)
        loaded = self._current
        if loaded is None or loaded.rulebook.edition != edition:
            rulebook = _renewed(session, loaded.rulebook, edition) if loaded else None
            if rulebook is None:
                rulebook = _read_rulebook(session, edition)
            loaded = LoadedRulebook(rulebook, self._gazetteer(rulebook.places))
            self._current = loaded
        self._confirmed_at = self._tried_at = self._monotonic()
        self._has_failed = False
        return loaded

    def _gazetteer(self, places: Places) -> Gazetteer:
        """The gazetteer we have, if the places are the same: it is the slowest part to build."""
        if self._current is not None and self._current.rulebook.places.by_code == places.by_code:
            return self._current.gazetteer
        return build_gazetteer(places.by_code.values(), names_in_shipped_languages())

    def _edition(self, session: Session, edition: Edition | None, places: Places) -> Rulebook:
        if edition is None:
            return build_rulebook(_BEFORE_EVERYTHING, places, (), ())
        with self._lock:
            known = self._earlier.pop(edition.revision)  # put back at the end, so that the latest asked for stay
            return self._earlier.put(edition.revision, known or _read_rulebook(session, edition))


def newest_rulebook(session: Session) -> Rulebook:
    """The rulebook of the newest revision, read now; raise NothingLoaded where there is none."""
    return _read_rulebook(session, _newest_edition(session))


def _newest_edition(session: Session) -> Edition:
    edition = latest_edition(session)
    if edition is None:
        raise NothingLoaded("No data has been loaded yet; run `visalookup data load`.")
    return edition


def _renewed(session: Session, rulebook: Rulebook, edition: Edition) -> Rulebook | None:
    """The current rulebook with what was written since; None where all must be read again.

    That is so after a data load or a change of places, and where the ledger is not the one the rulebook is from:
    a database restored or replaced, or a revision read by its writer and then rolled back.
    """
    last_known = rulebook.edition
    if edition_as_of(session, last_known.recorded_at) != last_known:
        return None
    written = read_written(session, last_known.revision, edition.revision)
    if written.places or len(written.regime_ids) > MOST_REGIMES_RENEWED:
        return None
    return amended(rulebook, edition, read_whole_regimes(session, written.regime_ids, edition.revision))


def _read_rulebook(session: Session, edition: Edition) -> Rulebook:
    data = read_dataset(session, edition.revision)
    return build_rulebook(edition, index_places(data.places, data.groups), data.regimes, data.rules)

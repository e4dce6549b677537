"""The watch: looks for new revisions in the background, so that no question ever waits for the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from visalookup.services.lookup.rulebook_store import NothingLoaded, RulebookStore
from visalookup.storage.ledger import newest_revision_mark

SECONDS_BETWEEN_LOOKS = 0.25

log = logging.getLogger(__name__)


class RulebookRefresher:
    """A thread of one worker process that renews its library, with an engine of its own.

    `when_silent` is called when the database begins not to answer, and `each_time` after every look.
    """

    def __init__(
        self,
        rulebook_store: RulebookStore,
        engine: Engine,
        when_silent: Callable[[], None],
        each_time: Callable[[], None],
    ) -> None:
        self._rulebook_store = rulebook_store
        self._engine = engine
        self._when_silent = when_silent
        self._each_time = each_time
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visalookup-watch", daemon=True)
        self._seen: tuple[object, ...] | None = None
        self._was_silent = False
        self._was_away = False

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while True:
                self._look()
                self._each_time()
                if self._stopped.wait(SECONDS_BETWEEN_LOOKS):
                    return
        finally:
            self._rulebook_store.is_watched = False
            self._engine.dispose()

    def _look(self) -> None:
        try:
            self._renew_if_newer()
            self._rulebook_store.is_watched = True
            self._was_silent = False
        except NothingLoaded:
            self._rulebook_store.is_watched = False
        except DBAPIError as error:
            log.debug("the database does not answer: %s", type(error.orig).__name__)
            self._rulebook_store.is_watched = self._rulebook_store.last_known is not None
            if not self._was_silent:
                self._when_silent()
            self._was_silent = True
        self._note_whether_away()

    def _renew_if_newer(self) -> None:
        with self._engine.connect() as connection:
            mark = newest_revision_mark(connection)
        if mark is not None and mark == self._seen:
            self._rulebook_store.confirm()
            return
        with Session(self._engine) as session:
            self._rulebook_store.renew(session)
        self._seen = mark

    def _note_whether_away(self) -> None:
        away = self._rulebook_store.is_away
        if away and not self._was_away:
            log.error("the database has been away for %.0f s; answers go on from memory", self._rulebook_store.age)
        if self._was_away and not away:
            log.warning("the database is back")
        self._was_away = away

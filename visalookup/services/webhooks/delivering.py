"""The deliverer: creates messages for published changes, sends those that are due, and retries failed ones.

Any number of deliverers may run on one database; each message is claimed by one at a time. If one crashes while it
sends, others take over its messages when the lease ends; a message that has already arrived then arrives again, under
the same id.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from visalookup.domain.webhooks.signatures import signed_headers
from visalookup.domain.webhooks.subscription import DeliveryResponse, SettledDelivery, settle
from visalookup.services.clock import Clock
from visalookup.services.sealing import Seal, SealBroken
from visalookup.services.webhooks.announcing import Represent, announce_changes
from visalookup.services.webhooks.sending import Sender
from visalookup.storage.audit.chain import append_entry, lock_chain
from visalookup.storage.engine import begin_writing
from visalookup.storage.webhooks.deliveries import ClaimedDelivery, claim_due, end_deliveries, settle_delivery
from visalookup.storage.webhooks.webhooks import change_webhook, read_webhook

MAX_CONCURRENT_DELIVERIES = 8
"""How many messages are sent concurrently."""
SECONDS_BETWEEN_POLLS = 1.0
SECONDS_BEFORE_RETRY = 5.0
GONE = "The receiver answered 410: it wants no more messages."

log = logging.getLogger(__name__)

Report = Callable[[ClaimedDelivery, SettledDelivery, DeliveryResponse], None]
"""Called with the result of each attempt."""


@dataclass(frozen=True, slots=True)
class DelivererDependencies:
    """The dependencies of a deliverer."""

    sender: Sender
    seal: Seal
    represent: Represent
    clock: Clock
    report: Report


class Deliverer:
    """Delivers messages in one process, with a session that nothing else uses."""

    def __init__(self, session: Session, dependencies: DelivererDependencies) -> None:
        self._session = session
        self._dependencies = dependencies
        self._pool = ThreadPoolExecutor(MAX_CONCURRENT_DELIVERIES)
        self._in_flight: dict[Future[DeliveryResponse], ClaimedDelivery] = {}

    def deliver_all(self) -> None:
        """Deliver what is due now, and return."""
        while self._run_once():
            pass

    def run(self, stop: threading.Event) -> None:
        """Deliver messages as they fall due until `stop` is set; deliveries in progress are finished."""
        while not stop.is_set():
            try:
                if not self._run_once():
                    stop.wait(SECONDS_BETWEEN_POLLS)
            except DBAPIError as error:
                log.warning("the database does not answer: %s", type(error.orig).__name__)
                self._session.rollback()
                stop.wait(SECONDS_BEFORE_RETRY)
        wait(self._in_flight)
        self._settle_finished()

    def close(self) -> None:
        """Shut down the threads."""
        self._pool.shutdown()

    def _run_once(self) -> bool:
        """Do one round of work; return False if there was nothing to do."""
        announced = announce_changes(self._session, self._dependencies.represent, self._dependencies.clock())
        self._send_due()
        if self._in_flight:
            wait(self._in_flight, SECONDS_BETWEEN_POLLS, FIRST_COMPLETED)
            self._settle_finished()
            return True
        return announced > 0

    def _send_due(self) -> None:
        """Start sending as many due messages as the limit allows."""
        room = MAX_CONCURRENT_DELIVERIES - len(self._in_flight)
        if room:
            begin_writing(self._session)
            claimed = claim_due(self._session, self._dependencies.clock(), room)
            self._session.commit()
            self._in_flight |= {self._pool.submit(self._send, delivery): delivery for delivery in claimed}

    def _send(self, claimed: ClaimedDelivery) -> DeliveryResponse:
        dependencies = self._dependencies
        body = claimed.body.encode()
        try:
            secrets = [dependencies.seal.decrypt(sealed) for sealed in claimed.secrets]
        except SealBroken as error:
            return DeliveryResponse(None, str(error))
        headers = signed_headers(secrets, claimed.message_id, dependencies.clock(), body)
        return dependencies.sender.post(claimed.url, headers, body)

    def _settle_finished(self) -> None:
        for future in [future for future in self._in_flight if future.done()]:
            self._settle(self._in_flight[future], future.result())
            del self._in_flight[future]

    def _settle(self, claimed: ClaimedDelivery, response: DeliveryResponse) -> None:
        """Record the result of an attempt, and commit."""
        now = self._dependencies.clock()
        settled = settle(claimed.attempts, response, now, random.random())  # noqa: S311 - it only spreads attempts
        (lock_chain if response.is_gone else begin_writing)(self._session)
        if settle_delivery(self._session, claimed, settled, response, now) and response.is_gone:
            _disable(self._session, claimed.webhook_id, now)
        self._session.commit()
        self._dependencies.report(claimed, settled, response)


def _disable(session: Session, webhook_id: int, now: datetime) -> None:
    """Disable a webhook whose receiver has answered 410."""
    webhook = read_webhook(session, webhook_id)
    if webhook is None:
        return
    change_webhook(session, webhook_id, disabled_at=now, disabled_because=GONE)
    end_deliveries(session, webhook_id, GONE)
    append_entry(
        session,
        action="webhook_disabled",
        actor="webhooks",
        subject=webhook.agency,
        details={"webhook": webhook_id, "because": GONE},
        now=now,
    )

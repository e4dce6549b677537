"""The deliverer: makes messages of what was published, sends those that are due, and tries again what failed.

Any number of deliverers may run on one database: each message is one's at a time. One that perishes while it sends
leaves its messages to the others, who take them when the lease is over; a message that had arrived by then arrives
again, under the same id.
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
"""So many messages are under way at once."""
SECONDS_BETWEEN_POLLS = 1.0
SECONDS_BEFORE_RETRY = 5.0
GONE = "The receiver answered 410: it wants no more messages."

log = logging.getLogger(__name__)

Report = Callable[[ClaimedDelivery, SettledDelivery, DeliveryResponse], None]
"""Learns how each attempt went."""


@dataclass(frozen=True, slots=True)
class DelivererDependencies:
    """What a deliverer works with."""

    sender: Sender
    seal: Seal
    represent: Represent
    clock: Clock
    report: Report


class Deliverer:
    """Delivers messages, for one process; its session is its own."""

    def __init__(self, session: Session, dependencies: DelivererDependencies) -> None:
        self._session = session
        self._dependencies = dependencies
        self._pool = ThreadPoolExecutor(MAX_CONCURRENT_DELIVERIES)
        self._under_way: dict[Future[DeliveryResponse], ClaimedDelivery] = {}

    def deliver_all(self) -> None:
        """Deliver what is due now, and return."""
        while self._turn():
            pass

    def run(self, stop: threading.Event) -> None:
        """Deliver whatever falls due until told to stop; what is under way then is finished."""
        while not stop.is_set():
            try:
                if not self._turn():
                    stop.wait(SECONDS_BETWEEN_POLLS)
            except DBAPIError as error:
                log.warning("the database does not answer: %s", type(error.orig).__name__)
                self._session.rollback()
                stop.wait(SECONDS_BEFORE_RETRY)
        wait(self._under_way)
        self._settle_finished()

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown()

    def _turn(self) -> bool:
        """Do what there is to do; false where there was nothing."""
        told = announce_changes(self._session, self._dependencies.represent, self._dependencies.clock())
        self._send_due()
        if self._under_way:
            wait(self._under_way, SECONDS_BETWEEN_POLLS, FIRST_COMPLETED)
            self._settle_finished()
            return True
        return told > 0

    def _send_due(self) -> None:
        """Begin to send as many messages as there is room for."""
        room = MAX_CONCURRENT_DELIVERIES - len(self._under_way)
        if room:
            begin_writing(self._session)
            claimed = claim_due(self._session, self._dependencies.clock(), room)
            self._session.commit()
            self._under_way |= {self._pool.submit(self._send, each): each for each in claimed}

    def _send(self, claimed: ClaimedDelivery) -> DeliveryResponse:
        dependencies = self._dependencies
        body = claimed.body.encode()
        try:
            secrets = [dependencies.seal.decrypt(each) for each in claimed.secrets]
        except SealBroken as error:
            return DeliveryResponse(None, str(error))
        headers = signed_headers(secrets, claimed.message_id, dependencies.clock(), body)
        return dependencies.sender.post(claimed.url, headers, body)

    def _settle_finished(self) -> None:
        for future in [each for each in self._under_way if each.done()]:
            self._settle(self._under_way[future], future.result())
            del self._under_way[future]

    def _settle(self, claimed: ClaimedDelivery, response: DeliveryResponse) -> None:
        """Write down how an attempt went, and commit."""
        now = self._dependencies.clock()
        settled = settle(claimed.attempts, response, now, random.random())  # noqa: S311 - it only spreads attempts
        (lock_chain if response.is_gone else begin_writing)(self._session)
        if settle_delivery(self._session, claimed, settled, response, now) and response.is_gone:
            _disable(self._session, claimed.webhook_id, now)
        self._session.commit()
        self._dependencies.report(claimed, settled, response)


def _disable(session: Session, webhook_id: int, now: datetime) -> None:
    """Send nothing more to a receiver that wants no more."""
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

"""The delivery log: what was sent to whom with what result, and replaying it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.agencies.agency import Agency
from visalookup.domain.errors import NotFound
from visalookup.domain.webhooks.subscription import Delivery, DeliveryState
from visalookup.services.lookup.questions import BadQuestion, InputFault
from visalookup.storage.audit.chain import append_entry, lock_chain
from visalookup.storage.webhooks.deliveries import DeliveryFilter, read_deliveries, read_delivery, replay
from visalookup.storage.webhooks.outbox import count_waiting_announcements
from visalookup.storage.webhooks.webhooks import read_webhook, read_webhooks

DEFAULT_DELIVERIES = 50


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Messages, the newest first; `before` is the cursor of the next, older page, None if there is none."""

    deliveries: tuple[Delivery, ...]
    before: int | None


def list_deliveries(
    session: Session, wanted: DeliveryFilter, before: int | None = None, limit: int = DEFAULT_DELIVERIES
) -> DeliveryPage:
    """Return one page of the log."""
    found = read_deliveries(session, wanted, limit + 1, before)
    shown = tuple(found[:limit])
    return DeliveryPage(shown, shown[-1].id if len(found) > limit else None)


def count_waiting_changes(session: Session) -> int:
    """Return how many changes wait for a deliverer to create their messages."""
    return count_waiting_announcements(session)


def replay_delivery(session: Session, delivery_id: int, agency: Agency, webhook_id: int, now: datetime) -> Delivery:
    """Replay an agency's message under the same id; the caller commits.

    Raise NotFound, or BadQuestion for a pending message.
    """
    lock_chain(session)
    delivery = read_delivery(session, delivery_id, agency.id)
    if delivery is None or delivery.webhook_id != webhook_id or _is_deleted(session, delivery):
        raise _missing(delivery_id)
    return _replayed(session, delivery, agency.name, now)


def replay_any(session: Session, delivery_id: int, actor: str, now: datetime) -> Delivery:
    """Replay a message of any agency, on behalf of a member of staff; the caller commits.

    Raise NotFound, or BadQuestion for a message that is pending, or whose webhook was deleted.
    """
    lock_chain(session)
    delivery = read_delivery(session, delivery_id)
    if delivery is None:
        raise _missing(delivery_id)
    if _is_deleted(session, delivery):
        detail = f"{delivery.agency} deleted this webhook, so nothing is sent to it; leave the message as it is."
        raise BadQuestion([InputFault("request", detail)])
    return _replayed(session, delivery, actor, now)


def replay_dead(session: Session, wanted: DeliveryFilter, actor: str, now: datetime) -> int:
    """Replay the dead messages of a webhook, an agency or all; return how many. The caller commits.

    Messages of deleted webhooks stay dead.
    """
    lock_chain(session)
    found = read_deliveries(session, replace(wanted, state=DeliveryState.DEAD), limit=None)
    kept = {webhook.id for webhook in read_webhooks(session)}
    dead = [delivery for delivery in found if delivery.webhook_id in kept]
    number = replay(session, [delivery.id for delivery in dead], now)
    if number:
        _record(session, sorted({delivery.agency for delivery in dead}), [delivery.id for delivery in dead], actor, now)
    return number


def _replayed(session: Session, delivery: Delivery, actor: str, now: datetime) -> Delivery:
    if not replay(session, [delivery.id], now):
        detail = "This message is still tried; wait until it is delivered or dead, then ask again."
        raise BadQuestion([InputFault("request", detail)])
    _record(session, [delivery.agency], [delivery.id], actor, now)
    found = read_delivery(session, delivery.id)
    assert found is not None  # noqa: S101 - messages are never deleted
    return found


def _is_deleted(session: Session, delivery: Delivery) -> bool:
    return read_webhook(session, delivery.webhook_id) is None


def _record(
    session: Session, agencies: Collection[str], delivery_ids: Collection[int], actor: str, now: datetime
) -> None:
    append_entry(
        session,
        action="webhook_replayed",
        actor=actor,
        subject=", ".join(agencies),
        details={"deliveries": list(delivery_ids)},
        now=now,
    )


def _missing(delivery_id: int) -> NotFound:
    return NotFound(
        "message", delivery_id, f"There is no message {delivery_id} here", "use a number that the log of messages gives"
    )

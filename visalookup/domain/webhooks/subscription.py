"""Webhooks: for which pairs an agency receives changes, and when a delivery is retried.

Messages are those of the Standard Webhooks specification (standardwebhooks.com).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from visalookup.domain.errors import DomainError

MOST_WEBHOOKS = 10
"""So many webhooks an agency may have at once,"""
MOST_PAIRS = 200
"""so many pairs each may be for,"""
MOST_PAIRS_TOLD = 100
"""and so many of them one message lists; the rest is counted."""

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long to wait after each failure: the schedule that Standard Webhooks suggests."""
MOST_ATTEMPTS = len(WAITS) + 1
JITTER = 0.2
"""Each wait is longer by up to this share of it, so that what failed together is not tried again together."""
FORMER_SECRET_SIGNS = timedelta(hours=24)
"""So long after a rotation messages are signed with the former secret too."""

CHANGED: Final = "visa.changed"
PING = "webhook.ping"


class WebhookRefused(DomainError):
    """A webhook cannot be as it was asked for, or not do what was asked of it."""


@dataclass(frozen=True, slots=True, order=True)
class CountryPair:
    """Codes of the passport and the destination whose changes are sent; None stands for any."""

    passport: str | None
    destination: str | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where an agency receives changes, and which. `disabled_because` gives the reason why nothing is sent any more."""

    id: int
    agency: str
    url: str
    pairs: tuple[CountryPair, ...]
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_because: str | None = None


class DeliveryState(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    """It waits for its first or next attempt."""
    DELIVERED = "delivered"
    """It was accepted with a status of 2xx."""
    DEAD = "dead"
    """It is not tried again by itself; it can be replayed."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one webhook, and how it fared; `last_status` is the last HTTP status that was answered."""

    id: int
    message_id: str
    webhook_id: int
    agency: str
    url: str
    type: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    last_status: int | None = None
    last_fault: str | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryResponse:
    """What came of an attempt: the HTTP status, or why there was none."""

    status: int | None
    fault: str | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver has the message."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more (410)."""
        return self.status == 410


@dataclass(frozen=True, slots=True)
class SettledDelivery:
    """How a delivery stands after an attempt."""

    state: DeliveryState
    next_attempt_at: datetime | None
    fault: str | None


def settle(attempts: int, reply: DeliveryResponse, now: datetime, jitter: float) -> SettledDelivery:
    """How a delivery stands after so many attempts, of which this was the last; `jitter` is drawn from 0 to 1."""
    if reply.is_accepted:
        return SettledDelivery(DeliveryState.DELIVERED, None, None)
    if reply.is_gone:
        return SettledDelivery(DeliveryState.DEAD, None, "410: the receiver wants no more messages.")
    fault = reply.fault or f"{reply.status}: only a status of 2xx accepts a message."
    if attempts >= MOST_ATTEMPTS:
        return SettledDelivery(DeliveryState.DEAD, None, fault)
    return SettledDelivery(DeliveryState.PENDING, now + WAITS[attempts - 1] * (1 + JITTER * jitter), fault)


def checked_pairs(pairs: Collection[CountryPair]) -> tuple[CountryPair, ...]:
    """The pairs, each once; raise WebhookRefused where there are none or too many."""
    distinct = tuple(dict.fromkeys(pairs))
    if not distinct:
        raise WebhookRefused('Send at least one pair; {"passport": "any", "destination": "any"} is every change.')
    if len(distinct) > MOST_PAIRS:
        raise WebhookRefused(f"These are {len(distinct)} pairs; send at most {MOST_PAIRS}, or use `any` for one side.")
    return distinct

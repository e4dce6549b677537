"""Agencies with webhooks in the small world, and a deliverer whose clock tests move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MORNING, FixedClock
from visalookup.api.v1.webhooks.responses import change_messages
from visalookup.domain.agencies.agency import Agency
from visalookup.domain.webhooks.subscription import Delivery, DeliveryState
from visalookup.services.agencies import agencies as services
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.services.sealing import Seal
from visalookup.services.webhooks.announcing import Represent
from visalookup.services.webhooks.delivering import Deliverer, DelivererDependencies
from visalookup.services.webhooks.delivery_log import list_deliveries
from visalookup.services.webhooks.sending import Sender
from visalookup.services.webhooks.subscriptions import (
    PURPOSE,
    Secret,
    WebhookDependencies,
    WebhookForm,
    make_webhook,
)
from visalookup.storage.webhooks.deliveries import DeliveryFilter
from visalookup.storage.webhooks.models import Announcement

SECRET_KEY = "a long random text of the tests"  # noqa: S105 - of the tests
WORKSHOP = WebhookDependencies(Seal(SECRET_KEY, PURPOSE), Sender(allow_loopback=True))
EVERYTHING = (("any", "any"),)


def add_agency(session: Session, name: str) -> Agency:
    """An agency that may have webhooks."""
    session.commit()
    agency = services.add_agency(session, name, name.title(), "tests", MORNING)
    session.commit()
    return agency


def make(session: Session, agency: Agency, url: str, clock: FixedClock, *pairs: tuple[str, str]) -> Secret:
    """A webhook for these pairs, or for everything."""
    form = WebhookForm(url, pairs or EVERYTHING)
    made = make_webhook(session, RulebookStore(), WORKSHOP, agency, form, clock())
    session.commit()
    return made


@dataclass(slots=True)
class Post:
    """A deliverer, and what it reported of each attempt."""

    session: Session
    clock: FixedClock
    key: str = SECRET_KEY
    represent: Represent = change_messages
    reports: list[str] = field(default_factory=list)

    def deliver(self) -> None:
        """Deliver what is due."""
        dependencies = DelivererDependencies(
            sender=Sender(allow_loopback=True, total_timeout=10),
            seal=Seal(self.key, PURPOSE),
            represent=self.represent,
            clock=self.clock,
            report=lambda claimed, settled, _reply: self.reports.append(f"{claimed.message_id} {settled.state}"),
        )
        with closing(Deliverer(self.session, dependencies)) as deliverer:
            deliverer.deliver_all()

    def log(self, webhook_id: int | None = None, state: DeliveryState | None = None) -> list[Delivery]:
        """The messages, the newest first."""
        return list(list_deliveries(self.session, DeliveryFilter(None, webhook_id, state)).deliveries)


@contextmanager
def closing(deliverer: Deliverer) -> Iterator[Deliverer]:
    try:
        yield deliverer
    finally:
        deliverer.close()


def announcements(session: Session, *, told: bool | None = None) -> int:
    """How many changes are in the outbox: all, or those that were told, or were not."""
    query = select(func.count()).select_from(Announcement)
    if told is not None:
        query = query.where(Announcement.told_at.is_not(None) if told else Announcement.told_at.is_(None))
    return session.scalar(query) or 0

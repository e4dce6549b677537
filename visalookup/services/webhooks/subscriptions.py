"""Webhooks of agencies: create, list, ping, rotate secrets, resume, remove."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson
from sqlalchemy.orm import Session

from visalookup.domain.agencies.agency import Agency
from visalookup.domain.errors import NotFound
from visalookup.domain.moments import format_instant
from visalookup.domain.webhooks.signatures import SECRET_BYTES, secret_of
from visalookup.domain.webhooks.subscription import (
    FORMER_SECRET_SIGNS,
    MOST_WEBHOOKS,
    PING,
    CountryPair,
    Delivery,
    Webhook,
    WebhookRefused,
    checked_pairs,
)
from visalookup.services.lookup.questions import BadQuestion, InputFault, InputReader
from visalookup.services.lookup.rulebook_store import LoadedRulebook, RulebookStore
from visalookup.services.sealing import Seal
from visalookup.services.webhooks.sending import Sender
from visalookup.storage.audit.chain import append_entry, lock_chain
from visalookup.storage.ledger import latest_edition
from visalookup.storage.webhooks import webhooks as stored
from visalookup.storage.webhooks.deliveries import add_delivery, end_deliveries, read_delivery

ANY = "any"
"""Stands for every passport or every destination."""
PURPOSE = "webhook secrets"
"""The purpose of the seal for webhook secrets."""


@dataclass(frozen=True, slots=True)
class WebhookForm:
    """A new webhook as sent; both texts of a pair are a place or `any`."""

    url: str
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Secret:
    """A new secret, which is shown once. The former one also signs until `former_signs_until`."""

    webhook: Webhook
    secret: str = field(repr=False)
    former_signs_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhookDependencies:
    """The dependencies of webhooks: the seal of their secrets, and the sender that checks their URLs."""

    seal: Seal
    sender: Sender


def make_webhook(
    session: Session,
    rulebook_store: RulebookStore,
    webhook_dependencies: WebhookDependencies,
    agency: Agency,
    form: WebhookForm,
    now: datetime,
) -> Secret:
    """Create a webhook; the caller commits. Raise BadQuestion with all its faults."""
    pairs = _read_pairs(rulebook_store.current(session), webhook_dependencies.sender, form)
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    lock_chain(session)
    if stored.number_of_webhooks(session, agency.id) >= MOST_WEBHOOKS:
        raise _refused("request", f"You already have {MOST_WEBHOOKS} webhooks; use one of them, or delete one.")
    edition = latest_edition(session)
    after_revision = edition.revision if edition else 0
    new = stored.NewWebhook(agency.id, form.url, pairs, webhook_dependencies.seal.encrypt(secret), after_revision)
    webhook_id = stored.add_webhook(session, new, now)
    _record(session, "webhook_made", agency, webhook_id, now)
    return Secret(find_webhook(session, agency, webhook_id), secret)


def list_webhooks(session: Session, agency: Agency | None = None) -> list[Webhook]:
    """Return the webhooks of an agency, or of all; the oldest first."""
    return stored.read_webhooks(session, agency.id if agency else None)


def find_webhook(session: Session, agency: Agency, webhook_id: int) -> Webhook:
    """Return one webhook of an agency; raise NotFound."""
    found = stored.read_webhook(session, webhook_id, agency.id)
    if found is None:
        raise NotFound(
            "webhook",
            webhook_id,
            f"You have no webhook {webhook_id}",
            "use a number that the list of your webhooks gives",
        )
    return found


def remove_webhook(session: Session, agency: Agency, webhook_id: int, now: datetime) -> None:
    """Remove a webhook: nothing more is sent to it, and its pending messages are dead. The caller commits."""
    lock_chain(session)
    find_webhook(session, agency, webhook_id)
    stored.change_webhook(session, webhook_id, removed_at=now)
    end_deliveries(session, webhook_id, "The webhook was deleted.")
    _record(session, "webhook_deleted", agency, webhook_id, now)


def rotate_secret(session: Session, seal: Seal, agency: Agency, webhook_id: int, now: datetime) -> Secret:
    """Give a webhook a new secret; the former one also signs for a day. The caller commits."""
    lock_chain(session)
    webhook = find_webhook(session, agency, webhook_id)
    secret, until = secret_of(secrets.token_bytes(SECRET_BYTES)), now + FORMER_SECRET_SIGNS
    former = stored.secret_of(session, webhook_id)
    stored.change_webhook(
        session, webhook_id, secret=seal.encrypt(secret), former_secret=former, former_signs_until=until
    )
    _record(session, "webhook_secret_rotated", agency, webhook_id, now)
    return Secret(webhook, secret, until)


def resume_webhook(session: Session, agency: Agency, webhook_id: int, now: datetime) -> Webhook:
    """Resume a disabled webhook; changes published meanwhile are not sent. The caller commits."""
    lock_chain(session)
    webhook = find_webhook(session, agency, webhook_id)
    if webhook.disabled_at is None:
        return webhook
    stored.change_webhook(session, webhook_id, disabled_at=None, disabled_because=None)
    _record(session, "webhook_resumed", agency, webhook_id, now)
    return replace(webhook, disabled_at=None, disabled_because=None)


def ping(session: Session, agency: Agency, webhook_id: int, now: datetime) -> Delivery:
    """Send a message without content, to test the webhook; the caller commits."""
    lock_chain(session)
    webhook = find_webhook(session, agency, webhook_id)
    if webhook.disabled_at is not None:
        raise _refused("request", "This webhook is disabled, so nothing is sent to it; ask for its resumption first.")
    body = {"type": PING, "timestamp": format_instant(now), "data": {"webhook": webhook_id}}
    delivery_id = add_delivery(session, webhook_id, PING, orjson.dumps(body).decode(), now)
    delivery = read_delivery(session, delivery_id)
    assert delivery is not None  # noqa: S101 - it was stored a moment ago
    return delivery


def _read_pairs(loaded: LoadedRulebook, sender: Sender, form: WebhookForm) -> tuple[CountryPair, ...]:
    """Read the pairs and check the URL; raise BadQuestion with all faults."""
    faults: list[InputFault] = []
    pairs = [_pair(loaded, number, pair, faults) for number, pair in enumerate(form.pairs)]
    distinct: tuple[CountryPair, ...] = ()
    try:
        distinct = checked_pairs(pairs)
    except WebhookRefused as error:
        faults.append(InputFault("pairs", str(error)))
    try:
        sender.check(form.url)
    except WebhookRefused as error:
        faults.append(InputFault("url", str(error), form.url))
    if faults:
        raise BadQuestion(faults)
    return distinct


def _pair(loaded: LoadedRulebook, number: int, given: tuple[str, str], faults: list[InputFault]) -> CountryPair:
    reading = InputReader(loaded.gazetteer, loaded.rulebook.places)
    passport, destination = given
    holder = None if _is_any(passport) else reading.passport(passport)
    entered = None if _is_any(destination) else reading.destination(destination)
    faults += (replace(fault, field=f"/pairs/{number}/{fault.field}") for fault in reading.faults)
    return CountryPair(holder.code if holder else None, entered.code if entered else None)


def _is_any(text: str) -> bool:
    return text.strip().lower() == ANY


def _refused(name: str, detail: str) -> BadQuestion:
    return BadQuestion([InputFault(name, detail)])


def _record(session: Session, action: str, agency: Agency, webhook_id: int, now: datetime) -> None:
    append_entry(
        session, action=action, actor=agency.name, subject=agency.name, details={"webhook": webhook_id}, now=now
    )

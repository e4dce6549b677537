"""Agencies are told of what they chose: each change once, signed, and tried again until it has arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NoReturn

import msgspec
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import WebhookVerificationError

from tests.conftest import FixedClock
from tests.integration.webhook_world import WORKSHOP, Post, add_agency, announcements, make
from tests.integration.world import DataFiles, load, new_event, record
from tests.receiver import Receiver, receiving
from visalookup.api.v1.lookup.responses.changes import change_json
from visalookup.api.v1.webhooks.responses import ChangeMessageJson, change_messages
from visalookup.domain.agencies.agency import Agency
from visalookup.domain.errors import NotFound
from visalookup.domain.lifecycle import Status
from visalookup.domain.webhooks.subscription import (
    MOST_ATTEMPTS,
    MOST_WEBHOOKS,
    WAITS,
    DeliveryResponse,
    DeliveryState,
    settle,
)
from visalookup.services.agencies.agencies import disable_agency, enable_agency
from visalookup.services.changes.add_event import add_event
from visalookup.services.changes.list_changes import PolicyChange, list_changes
from visalookup.services.clock import system_clock
from visalookup.services.lookup.questions import BadQuestion
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.services.webhooks.announcing import announce_changes
from visalookup.services.webhooks.delivery_log import (
    list_deliveries,
    replay_any,
    replay_dead,
    replay_delivery,
)
from visalookup.services.webhooks.sending import Sender
from visalookup.services.webhooks.subscriptions import (
    WebhookDependencies,
    WebhookForm,
    find_webhook,
    list_webhooks,
    make_webhook,
    ping,
    remove_webhook,
    resume_webhook,
    rotate_secret,
)
from visalookup.storage.audit.models import AuditEntry
from visalookup.storage.engine import begin_writing
from visalookup.storage.webhooks.deliveries import (
    LEASE,
    ClaimedDelivery,
    DeliveryFilter,
    claim_due,
    settle_delivery,
)
from visalookup.storage.webhooks.models import DeliveryRow, WebhookRow
from visalookup.storage.webhooks.outbox import AffectedWebhook

SIGNED = new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01")
AGREEMENT = "regimes/mar-aze-2024.yaml"


@pytest.fixture
def clock() -> FixedClock:
    """The present: receivers refuse what was signed long ago."""
    return FixedClock(system_clock())


@pytest.fixture
def session(own_engine: Engine, files: DataFiles, clock: FixedClock) -> Iterator[Session]:
    """A session on a ledger that holds the small world, and commits for real."""
    with Session(own_engine) as session:
        load(session, files, clock())
        yield session


@pytest.fixture
def agency(session: Session) -> Agency:
    return add_agency(session, "globetrotter")


@pytest.fixture
def post(session: Session, clock: FixedClock) -> Post:
    return Post(session, clock)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def told_of(receiver: Receiver) -> list[tuple[str, str]]:
    """The steps a receiver was told of."""
    changes = [each["data"]["change"] for each in receiver.messages]
    return [(each["regime"]["id"], each["status"]) for each in changes]


def trail(session: Session) -> list[tuple[str, str, Any]]:
    """What the audit trail says of webhooks."""
    query = select(AuditEntry.action, AuditEntry.actor, AuditEntry.details).order_by(AuditEntry.number)
    return [(row.action, row.actor, row.details) for row in session.execute(query) if "webhook" in row.action]


class TestTheOutbox:
    def test_holds_every_change_of_policy_as_soon_as_it_is_published(self, session: Session) -> None:
        assert announcements(session) == len(list_changes(session, RulebookStore(), None, "500").changes) == 4

    def test_holds_nothing_of_a_change_that_was_not_published_after_all(
        self, session: Session, clock: FixedClock
    ) -> None:
        session.commit()
        add_event(session, SIGNED, "boris", clock())
        assert announcements(session) == 5
        session.rollback()
        assert announcements(session) == 4
        record(session, SIGNED, clock())
        assert announcements(session) == 5

    def test_holds_corrections_and_retractions_but_not_edits_of_our_own_data(
        self, session: Session, files: DataFiles, clock: FixedClock
    ) -> None:
        files.edit(AGREEMENT, "accessed_on: 2026-11-20", "accessed_on: 2026-11-22")
        load(session, files, clock())
        assert announcements(session) == 4
        files.edit(AGREEMENT, "on: 2024-08-28", "on: 2024-08-29")
        files.remove("regimes/jor-gbr-eta.yaml")
        load(session, files, clock.move(hours=1))
        assert announcements(session) == 6

    def test_is_emptied_though_nobody_listens(self, session: Session, post: Post) -> None:
        post.deliver()
        assert (announcements(session, told=True), announcements(session, told=False)) == (4, 0)
        assert post.log() == []


class TestWhoIsTold:
    def test_those_who_chose_a_pair_that_the_change_concerns(
        self, session: Session, agency: Agency, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        choices: dict[int, list[dict[str, str]]] = {}
        there, back = {"passport": "KAZ", "destination": "ISR"}, {"passport": "ISR", "destination": "KAZ"}
        for chosen, concerned in (
            ([("any", "any")], [back, there]),
            ([("Kazakhstan", "ANY")], [there]),
            ([("any", "IL"), ("KAZ", "ISR")], [there]),
            ([("MAR", "AZE"), ("KAZ", "AZE"), ("MAR", "any")], None),
        ):
            made = make(session, agency, receiver.url, clock, *chosen)
            if concerned:
                choices[made.webhook.id] = concerned
        record(session, SIGNED, clock.move(hours=1))
        post.deliver()

        assert {each.webhook_id for each in post.log()} == set(choices)
        assert len(receiver.received) == len(choices)
        told = sorted((each["data"]["pairs"] for each in receiver.messages), key=len)
        assert told == [[there], [there], [back, there]]
        assert [each["data"]["number_of_pairs"] for each in receiver.messages].count(1) == 2

    def test_what_is_told_is_what_the_feed_says_signed_and_with_the_day_from_which_it_holds(
        self, session: Session, agency: Agency, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        secret = make(session, agency, receiver.url, clock).secret
        published = record(session, SIGNED, clock())
        change = list_changes(session, RulebookStore(), None, None).changes[-1]
        assert change.step.revision == published.revision
        post.deliver()
        (request,) = receiver.received
        body = request.verified(secret)
        assert msgspec.convert(body, ChangeMessageJson, strict=True) == body
        assert body["data"]["change"] == change_json(change)
        assert body["data"]["change"]["effective"] == "2026-12-01"
        assert body["timestamp"] == body["data"]["change"]["recorded_at"]

    def test_nobody_is_told_of_what_was_published_before_they_asked(
        self, session: Session, agency: Agency, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        record(session, SIGNED, clock())
        make(session, agency, receiver.url, clock)
        post.deliver()
        assert receiver.received == []

    def test_a_list_for_many_names_some_pairs_and_counts_the_rest(
        self,
        session: Session,
        agency: Agency,
        post: Post,
        receiver: Receiver,
        clock: FixedClock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("visalookup.storage.webhooks.outbox.MOST_PAIRS_TOLD", 1)
        make(session, agency, receiver.url, clock)
        record(session, SIGNED, clock())
        post.deliver()
        (message,) = receiver.messages
        assert message["data"]["pairs"] == [{"passport": "ISR", "destination": "KAZ"}]
        assert message["data"]["number_of_pairs"] == 2


class TestAMessage:
    @pytest.fixture(autouse=True)
    def _one_webhook_and_one_change(
        self, session: Session, agency: Agency, receiver: Receiver, clock: FixedClock
    ) -> None:
        self.made = make(session, agency, receiver.url, clock)
        record(session, SIGNED, clock())

    def test_arrives_once_verified_by_the_library_for_receivers(self, post: Post, receiver: Receiver) -> None:
        post.deliver()
        post.deliver()
        (request,) = receiver.received
        assert request.verified(self.made.secret)["data"]["change"]["regime"]["id"] == "kaz-isr-2026"
        (delivery,) = post.log()
        assert (delivery.state, delivery.attempts, delivery.last_status) == (DeliveryState.DELIVERED, 1, 204)
        assert delivery.message_id == request.id
        assert post.reports == [f"{request.id} delivered"]

    def test_is_tried_again_under_the_same_id_when_its_time_has_come(
        self, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        receiver.statuses = [500, 204]
        post.deliver()
        post.deliver()
        (delivery,) = post.log()
        assert (delivery.state, delivery.attempts, delivery.last_status) == (DeliveryState.PENDING, 1, 500)
        assert delivery.last_fault == "500: only a status of 2xx accepts a message."
        assert delivery.next_attempt_at is not None
        assert clock() + WAITS[0] <= delivery.next_attempt_at
        assert len(receiver.received) == 1

        clock.now = delivery.next_attempt_at
        post.deliver()
        assert len(set(receiver.ids)) == 1
        assert len(receiver.received) == 2
        assert receiver.received[0].body == receiver.received[1].body
        (delivery,) = post.log()
        assert (delivery.state, delivery.attempts, delivery.last_fault) == (DeliveryState.DELIVERED, 2, None)

    def test_is_dead_after_the_last_attempt_and_can_be_replayed(
        self, session: Session, agency: Agency, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        receiver.statuses = [503]
        for _ in range(MOST_ATTEMPTS + 2):
            post.deliver()
            clock.move(hours=30)
        assert len(receiver.received) == MOST_ATTEMPTS
        (delivery,) = post.log(state=DeliveryState.DEAD)
        assert (delivery.attempts, delivery.next_attempt_at) == (MOST_ATTEMPTS, None)

        receiver.statuses = [204]
        again = replay_delivery(session, delivery.id, agency, self.made.webhook.id, clock())
        session.commit()
        assert (again.state, again.attempts) == (DeliveryState.PENDING, 0)
        post.deliver()
        assert len(set(receiver.ids)) == 1
        assert post.log()[0].state is DeliveryState.DELIVERED
        assert trail(session)[-1] == ("webhook_replayed", "globetrotter", {"deliveries": [delivery.id]})

    def test_can_be_replayed_though_it_arrived_but_not_while_it_is_tried(
        self, session: Session, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        post.deliver()
        (delivery,) = post.log()
        replay_any(session, delivery.id, "ada", clock())
        session.commit()
        with pytest.raises(BadQuestion, match="still tried"):
            replay_any(session, delivery.id, "ada", clock())
        session.rollback()
        post.deliver()
        assert len(receiver.received) == 2

    def test_of_another_agency_is_nobodys_business(self, session: Session, post: Post, clock: FixedClock) -> None:
        post.deliver()
        (delivery,) = post.log()
        other = add_agency(session, "other")
        with pytest.raises(NotFound):
            replay_delivery(session, delivery.id, other, self.made.webhook.id, clock())
        with pytest.raises(NotFound):
            replay_any(session, 999, "ada", clock())
        with pytest.raises(NotFound):
            find_webhook(session, other, self.made.webhook.id)
        assert list_deliveries(session, DeliveryFilter(other.id)).deliveries == ()
        assert list_webhooks(session, other) == []

    def test_that_arrived_is_sent_again_if_its_sender_perished_before_it_could_write_that_down(
        self, session: Session, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        self._sent_by_one_who_perishes(session, clock)
        post.deliver()
        assert len(receiver.received) == 1, "it is another's until the lease is over"
        clock.move(minutes=LEASE.total_seconds() / 60)
        post.deliver()
        assert len(receiver.received) == 2
        assert len(set(receiver.ids)) == 1
        assert post.log()[0].state is DeliveryState.DELIVERED

    def test_is_settled_by_whoever_has_it_now_and_not_by_one_who_comes_late(
        self, session: Session, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        claimed = self._sent_by_one_who_perishes(session, clock)
        clock.move(minutes=3)
        receiver.statuses = [500]
        post.deliver()
        response = DeliveryResponse(204)
        assert not settle_delivery(session, claimed, settle(1, response, clock(), 0), response, clock())
        session.rollback()
        assert post.log()[0].state is DeliveryState.PENDING

    @staticmethod
    def _sent_by_one_who_perishes(session: Session, clock: FixedClock) -> ClaimedDelivery:
        announce_changes(session, change_messages, clock())
        begin_writing(session)
        (claimed,) = claim_due(session, clock(), 8)
        session.commit()
        assert Sender(allow_loopback=True).post(claimed.url, {"webhook-id": claimed.message_id}, b"{}").is_accepted
        return claimed

    def test_is_neither_lost_nor_doubled_if_its_maker_perishes_on_the_way_from_the_outbox(
        self, session: Session, post: Post, receiver: Receiver
    ) -> None:
        class Perished(Exception):
            pass

        def perish(_change: PolicyChange, _concerned: Sequence[AffectedWebhook]) -> NoReturn:
            raise Perished

        post.represent = perish
        with pytest.raises(Perished):
            post.deliver()
        session.rollback()
        assert (announcements(session, told=False), post.log()) == (5, [])
        post.represent = change_messages
        post.deliver()
        assert told_of(receiver) == [("kaz-isr-2026", "signed")]

    def test_cannot_be_signed_with_another_key_than_its_secret_was_sealed_under(
        self, post: Post, receiver: Receiver
    ) -> None:
        post.key = "another key"
        post.deliver()
        (delivery,) = post.log()
        assert delivery.state is DeliveryState.PENDING
        assert "SECRET_KEY is not the one" in str(delivery.last_fault)
        assert receiver.received == []


class TestAWebhook:
    def test_keeps_its_secret_sealed(
        self, session: Session, agency: Agency, receiver: Receiver, clock: FixedClock
    ) -> None:
        made = make(session, agency, receiver.url, clock)
        (row,) = session.scalars(select(WebhookRow))
        assert made.secret not in row.secret
        assert WORKSHOP.seal.decrypt(row.secret) == made.secret
        assert made.secret not in repr(made)
        assert trail(session) == [("webhook_made", "globetrotter", {"webhook": made.webhook.id})]

    def test_signs_with_both_secrets_for_a_day_after_a_rotation(
        self, session: Session, agency: Agency, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        made = make(session, agency, receiver.url, clock)
        new = rotate_secret(session, WORKSHOP.seal, agency, made.webhook.id, clock())
        session.commit()
        assert new.former_signs_until == clock() + timedelta(days=1)
        ping(session, agency, made.webhook.id, clock())
        session.commit()
        post.deliver()
        for secret in (made.secret, new.secret):
            assert receiver.received[0].verified(secret)["type"] == "webhook.ping"
        begun = clock()
        session.execute(text("UPDATE webhook SET former_signs_until = created_at"))
        clock.move(begun)
        ping(session, agency, made.webhook.id, clock())
        session.commit()
        post.deliver()
        assert receiver.received[1].verified(new.secret)
        with pytest.raises(WebhookVerificationError):
            receiver.received[1].verified(made.secret)

    def test_is_disabled_when_its_receiver_is_gone_and_can_be_resumed(
        self, session: Session, agency: Agency, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        made = make(session, agency, receiver.url, clock)
        receiver.statuses = [410]
        record(session, SIGNED, clock())
        post.deliver()
        webhook = find_webhook(session, agency, made.webhook.id)
        assert webhook.disabled_at == clock()
        assert "410" in str(webhook.disabled_because)
        assert trail(session)[-1][:2] == ("webhook_disabled", "webhooks")
        with pytest.raises(BadQuestion, match="disabled"):
            ping(session, agency, made.webhook.id, clock())
        session.rollback()

        record(session, new_event("mar-aze-2024", Status.SUSPENDED, "2026-12-02"), clock.move(hours=1))
        post.deliver()
        receiver.statuses = [204]
        resume_webhook(session, agency, made.webhook.id, clock())
        session.commit()
        record(session, new_event("mar-aze-2024", Status.IN_FORCE, "2026-12-09", "gazette"), clock.move(hours=1))
        post.deliver()
        assert told_of(receiver) == [("kaz-isr-2026", "signed"), ("mar-aze-2024", "in_force")]
        assert replay_dead(session, DeliveryFilter(), "ada", clock()) == 1
        session.commit()
        post.deliver()
        assert post.log(state=DeliveryState.DEAD) == []

    def test_gets_nothing_more_once_it_is_deleted(
        self, session: Session, agency: Agency, post: Post, receiver: Receiver, clock: FixedClock
    ) -> None:
        made = make(session, agency, receiver.url, clock)
        receiver.statuses = [500]
        record(session, SIGNED, clock())
        post.deliver()
        remove_webhook(session, agency, made.webhook.id, clock())
        session.commit()
        record(session, new_event("mar-aze-2024", Status.SUSPENDED, "2026-12-02"), clock.move(days=1))
        post.deliver()
        assert len(receiver.received) == 1
        assert post.log()[0].last_fault == "The webhook was deleted."
        assert list_webhooks(session, agency) == []
        with pytest.raises(NotFound):
            remove_webhook(session, agency, made.webhook.id, clock())

    def test_that_was_deleted_gets_no_replay_either(
        self, session: Session, post: Post, receiver: Receiver, agency: Agency, clock: FixedClock
    ) -> None:
        webhook = make(session, agency, receiver.url, clock).webhook
        record(session, SIGNED, clock())
        announce_changes(session, change_messages, clock())
        remove_webhook(session, agency, webhook.id, clock())
        session.commit()
        (delivery,) = post.log()
        assert replay_dead(session, DeliveryFilter(), "ada", clock()) == 0
        with pytest.raises(BadQuestion, match="deleted this webhook"):
            replay_any(session, delivery.id, "ada", clock())
        with pytest.raises(NotFound):
            replay_delivery(session, delivery.id, agency, webhook.id, clock())
        session.rollback()
        post.deliver()
        assert receiver.received == []

    def test_gets_nothing_while_its_agency_is_shut_out(
        self, session: Session, post: Post, receiver: Receiver, agency: Agency, clock: FixedClock
    ) -> None:
        webhook = make(session, agency, receiver.url, clock).webhook
        waiting = ping(session, agency, webhook.id, clock())
        disable_agency(session, agency.name, "ada", clock())
        session.commit()
        record(session, SIGNED, clock())
        post.deliver()
        assert receiver.received == []
        assert announcements(session, told=False) == 0
        enable_agency(session, agency.name, "ada", clock())
        session.commit()
        post.deliver()
        assert receiver.ids == [waiting.message_id], "what waited goes on, what was published meanwhile is in the feed"

    def test_is_one_of_ten_at_most(
        self, session: Session, agency: Agency, receiver: Receiver, clock: FixedClock
    ) -> None:
        for _ in range(MOST_WEBHOOKS):
            make(session, agency, receiver.url, clock)
        with pytest.raises(BadQuestion, match="You already have 10 webhooks"):
            make(session, agency, receiver.url, clock)
        session.rollback()
        assert len(list_webhooks(session)) == MOST_WEBHOOKS

    def test_is_refused_with_everything_that_is_wrong_with_it(
        self, session: Session, agency: Agency, clock: FixedClock
    ) -> None:
        form = WebhookForm("https://192.168.1.1/", [("Marocko", "any"), ("any", "Isreal")])
        with pytest.raises(BadQuestion) as refused:
            make_webhook(session, RulebookStore(), WebhookDependencies(WORKSHOP.seal, Sender()), agency, form, clock())
        assert [each.field for each in refused.value.faults] == [
            "/pairs/0/passport",
            "/pairs/1/destination",
            "url",
        ]
        assert list_webhooks(session) == []


def test_the_database_lets_no_change_be_told_twice_to_one_webhook(
    session: Session, agency: Agency, post: Post, receiver: Receiver, clock: FixedClock
) -> None:
    make(session, agency, receiver.url, clock)
    record(session, SIGNED, clock())
    post.deliver()
    with pytest.raises(Exception, match=r"(?i)unique"):
        session.execute(
            text(
                "INSERT INTO webhook_delivery"
                " (webhook_id, change_id, message_id, type, body, state, attempts, created_at)"
                " SELECT webhook_id, change_id, 'msg_other', type, body, state, attempts, created_at"
                " FROM webhook_delivery"
            )
        )
    session.rollback()
    assert len(session.scalars(select(DeliveryRow)).all()) == 1

"""Deliverers as processes: several side by side, one that is killed, and one that is told to stop."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.conftest import FixedClock, MakeDatabase, opened
from tests.integration.command_line import CommandLine
from tests.integration.webhook_world import SECRET_KEY, Post, add_agency, announcements, make
from tests.integration.world import DataFiles, load, new_event, record
from tests.receiver import Receiver, receiving
from visalookup.config import ROOT
from visalookup.domain.lifecycle import Status
from visalookup.domain.webhooks.subscription import DeliveryState
from visalookup.services.clock import system_clock
from visalookup.storage.webhooks.deliveries import LEASE

SECONDS = 30
DELIVER = [sys.executable, "-c", "from visalookup.cli import main; main()", "webhooks", "deliver"]
CHANGES = [(Status.SUSPENDED, "2026-12-02"), (Status.IN_FORCE, "2026-12-03")] * 4


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def url(make_postgres: MakeDatabase, postgres_template: str, files: DataFiles) -> str:
    """A PostgreSQL database with the small world."""
    made = make_postgres(postgres_template)
    with opened(made) as engine, Session(engine) as session:
        load(session, files, system_clock())
    return made


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "WEBHOOKS_TO_LOOPBACK": "on"}


def subscribe(url: str, receiver: Receiver, webhooks: int = 1) -> str:
    """So many webhooks of one agency, and a change for them; the secret of the last."""
    clock = FixedClock(system_clock())
    with opened(url) as engine, Session(engine) as session:
        agency = add_agency(session, "globetrotter")
        secrets = [make(session, agency, receiver.url, clock).secret for _ in range(webhooks)]
        record(session, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), clock())
    return secrets[-1]


def deliver(url: str, ahead: timedelta) -> None:
    """Deliver what is due, by a clock that is ahead."""
    with opened(url) as engine, Session(engine) as session:
        Post(session, FixedClock(system_clock() + ahead)).deliver()


def test_what_one_deliverer_was_killed_over_another_completes(url: str, receiver: Receiver) -> None:
    secret = subscribe(url, receiver)
    receiver.hold()
    first = subprocess.Popen(DELIVER, cwd=ROOT, env=environment(url), stderr=subprocess.PIPE)  # noqa: S603
    assert receiver.arrived.wait(SECONDS), "the message is on its way"
    first.kill()
    first.communicate(timeout=SECONDS)
    assert first.returncode == -signal.SIGKILL
    receiver.released.set()

    second = multiprocessing.get_context("spawn").Process(target=deliver, args=(url, LEASE))
    second.start()
    second.join(SECONDS)
    assert second.exitcode == 0
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1, "the receiver sees that it is the same message"
    assert receiver.received[0].verified(secret) == receiver.messages[1]
    with opened(url) as engine, Session(engine) as session:
        (delivery,) = Post(session, FixedClock(system_clock())).log()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 2)


def test_several_deliverers_at_once_lose_nothing_and_send_nothing_twice(url: str, receiver: Receiver) -> None:
    subscribe(url, receiver, webhooks=10)
    with opened(url) as engine, Session(engine) as session:
        for status, day in CHANGES[:2]:
            record(session, new_event("mar-aze-2024", status, day, "gazette"), system_clock())
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=deliver, args=(url, timedelta())) for _ in range(3)]
    for each in processes:
        each.start()
    for each in processes:
        each.join(SECONDS)
    assert [each.exitcode for each in processes] == [0, 0, 0]
    deliver(url, timedelta())
    assert Counter(Counter(receiver.ids).values()) == {1: 30}
    with opened(url) as engine, Session(engine) as session:
        assert announcements(session, told=False) == 0


def test_changes_published_while_deliverers_run_are_all_told_once(url: str, receiver: Receiver) -> None:
    subscribe(url, receiver)

    def publish() -> None:
        with opened(url) as engine, Session(engine) as session:
            for number, (status, _) in enumerate(CHANGES):
                day = f"2026-12-{number + 2:02}"
                record(session, new_event("mar-aze-2024", status, day, "gazette"), system_clock())

    def deliver_meanwhile() -> None:
        while not publishing.done():
            deliver(url, timedelta())

    with ThreadPoolExecutor(3) as pool:
        publishing = pool.submit(publish)
        meanwhile = [pool.submit(deliver_meanwhile) for _ in range(2)]
        for each in meanwhile:
            each.result()
    publishing.result()
    deliver(url, timedelta())
    told = Counter((each["data"]["change"]["cursor"], each["type"]) for each in receiver.messages)
    assert set(told.values()) == {1}
    assert len(told) == 1 + len(CHANGES)


def test_a_deliverer_that_is_told_to_stop_finishes_what_is_under_way(url: str, receiver: Receiver) -> None:
    subscribe(url, receiver)
    receiver.hold()
    process = subprocess.Popen(  # noqa: S603 - our own command
        DELIVER, cwd=ROOT, env=environment(url), stderr=subprocess.PIPE, text=True
    )
    assert receiver.arrived.wait(SECONDS)
    process.terminate()
    receiver.released.set()
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert "Delivering messages" in said
    assert f"{receiver.ids[0]} to 127.0.0.1, attempt 1: 204, delivered" in said
    with opened(url) as engine, Session(engine) as session:
        assert Post(session, FixedClock(system_clock())).log()[0].state is DeliveryState.DELIVERED


def test_the_command_line_delivers_lists_and_replays(
    small: CommandLine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(small.url).items():
        monkeypatch.setenv(name, value)
    assert small.says("webhooks", "list") == small.says("webhooks", "log") == "There are none.\n"
    subscribe(small.url, receiver)
    receiver.statuses = [410]
    assert "attempt 1: 410, dead" in small.run("webhooks", "deliver", "--once").stderr
    assert "1 globetrotter" in small.says("webhooks", "list")
    assert "410" in small.says("webhooks", "list")
    assert "dead after 1 attempts, 410" in small.says("webhooks", "log", "--state", "dead", "--webhook", "1")
    assert "There are none." in small.says("webhooks", "log", "--state", "pending")
    assert small.says("webhooks", "replay", "--dead").startswith("1 messages are sent again")
    assert small.says("webhooks", "replay", "--dead").startswith("0 messages")
    assert "still tried" in small.refuses("webhooks", "replay", "1")
    assert "no message 9" in small.refuses("webhooks", "replay", "9")
    assert "Give the numbers of messages, or --dead." in small.run("webhooks", "replay").stderr

"""Webhooks over JSON: an agency makes them, tries them, looks at their log, and is told of what is published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.conftest import FixedClock, MakeDatabase
from tests.contract.conftest import Json, assert_declared, checked_problem, close_app
from tests.contract.html import page_of
from tests.integration.webhook_world import Post
from tests.integration.world import new_event, record
from tests.receiver import Receiver, receiving
from tests.staff_app import SIGNING_KEY, StaffSite, open_site
from visalookup.api.v1.webhooks.responses import (
    DeliveriesJson,
    DeliveryJson,
    NewSecretJson,
    NewWebhookJson,
    WebhookJson,
    WebhooksJson,
)
from visalookup.domain.accounts.roles import Role
from visalookup.domain.lifecycle import Status
from visalookup.services.agencies.agencies import add_agency, issue_key
from visalookup.services.clock import system_clock

AT = "/api/v1/webhooks"


@pytest.fixture
def site(make_sqlite: MakeDatabase, loaded_sqlite_template: str, quick_passwords: None) -> Iterator[StaffSite]:
    """The service, from which webhooks may lead to this machine."""
    site = open_site(make_sqlite(loaded_sqlite_template), webhooks_to_loopback=True)
    site.clock.move(system_clock())
    yield site
    close_app(site.app)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


class Customer:
    """An agency's program."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {key}"}

    def send(self, method: str, path: str, status: int, body: Any = None) -> Any:
        response = self.client.open(f"{AT}{path}", method=method, json=body, headers=self.headers)
        assert response.status_code == status, response.get_data(as_text=True)[:400]
        assert response.headers["Cache-Control"] == "no-store"
        return response.get_json() if response.data else None

    def refused(self, method: str, path: str, status: int, body: Any = None) -> Json:
        return checked_problem(self.client.open(f"{AT}{path}", method=method, json=body, headers=self.headers), status)

    def make(self, url: str, *pairs: tuple[str, str]) -> Json:
        asked = [{"passport": passport, "destination": destination} for passport, destination in pairs]
        made: Json = self.send("POST", "", 201, {"url": url, "pairs": asked})
        return made


def customer_of(site: StaffSite, name: str) -> Customer:
    with site.session() as session:
        add_agency(session, name, name.title(), "tests", site.clock())
        key = issue_key(session, name, None, "tests", site.clock())
    return Customer(site.app.test_client(), key.secret)


@pytest.fixture
def customer(site: StaffSite) -> Customer:
    return customer_of(site, "globetrotter")


def deliver(site: StaffSite) -> None:
    with Session(site.engine) as session:
        Post(session, FixedClock(site.clock()), SIGNING_KEY).deliver()


def publish(site: StaffSite) -> None:
    with Session(site.engine) as session:
        record(session, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), site.clock())


def test_an_agency_is_told_of_a_change_it_asked_for(site: StaffSite, customer: Customer, receiver: Receiver) -> None:
    made = customer.make(receiver.url, ("Kazakhstan", "any"))
    assert made["pairs"] == [{"passport": "KAZ", "destination": "any"}]
    assert made["secret"].startswith("whsec_")
    assert (made["disabled_at"], made["disabled_because"]) == (None, None)

    publish(site)
    deliver(site)
    (request,) = receiver.received
    message = request.verified(made["secret"])
    changes = site.app.test_client().get("/api/v1/changes?passport=KAZ&limit=500").get_json()["changes"]
    assert message["data"]["change"] == changes[-1]
    assert message["data"]["pairs"] == [{"passport": "KAZ", "destination": "ISR"}]
    (delivery,) = customer.send("GET", f"/{made['id']}/deliveries", 200)["deliveries"]
    assert (delivery["state"], delivery["last_status"], delivery["message_id"]) == ("delivered", 204, request.id)


def test_the_secret_is_shown_once(customer: Customer, receiver: Receiver) -> None:
    made = customer.make(receiver.url, ("any", "any"))
    (listed,) = customer.send("GET", "", 200)["webhooks"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert customer.send("GET", f"/{made['id']}", 200) == listed


def test_a_ping_shows_that_all_is_well_and_a_new_secret_signs_at_once(
    site: StaffSite, customer: Customer, receiver: Receiver
) -> None:
    made = customer.make(receiver.url, ("any", "any"))
    new = customer.send("POST", f"/{made['id']}/secret", 200)
    assert new["former_signs_until"] > made["created_at"]
    ping = customer.send("POST", f"/{made['id']}/ping", 202)
    assert (ping["type"], ping["state"], ping["attempts"]) == ("webhook.ping", "pending", 0)
    deliver(site)
    for secret in (made["secret"], new["secret"]):
        assert receiver.received[0].verified(secret)["data"] == {"webhook": made["id"]}


def test_what_is_dead_can_be_replayed_and_a_webhook_that_was_gone_resumed(
    site: StaffSite, customer: Customer, receiver: Receiver
) -> None:
    made = customer.make(receiver.url, ("any", "ISR"))
    receiver.statuses = [410, 204]
    publish(site)
    deliver(site)
    webhook = f"/{made['id']}"
    assert "410" in customer.send("GET", webhook, 200)["disabled_because"]
    assert "disabled" in customer.refused("POST", f"{webhook}/ping", 422)["detail"]
    assert customer.send("POST", f"{webhook}/resumption", 200)["disabled_at"] is None
    (dead,) = customer.send("GET", f"{webhook}/deliveries?state=dead", 200)["deliveries"]
    again = customer.send("POST", f"{webhook}/deliveries/{dead['id']}/replay", 202)
    assert (again["state"], again["message_id"]) == ("pending", dead["message_id"])
    assert "still tried" in customer.refused("POST", f"{webhook}/deliveries/{dead['id']}/replay", 422)["detail"]
    deliver(site)
    assert len(set(receiver.ids)) == 1
    assert customer.send("GET", f"{webhook}/deliveries?state=dead", 200)["deliveries"] == []


def test_the_log_comes_page_by_page(site: StaffSite, customer: Customer, receiver: Receiver) -> None:
    made = customer.make(receiver.url, ("any", "any"))
    pings = [customer.send("POST", f"/{made['id']}/ping", 202)["id"] for _ in range(53)]
    first = customer.send("GET", f"/{made['id']}/deliveries", 200)
    last = customer.send("GET", f"/{made['id']}/deliveries?before={first['before']}", 200)
    assert [each["id"] for each in (*first["deliveries"], *last["deliveries"])] == pings[::-1]
    assert last["before"] is None


def test_a_deleted_webhook_is_gone_and_nobody_sees_anothers(
    site: StaffSite, customer: Customer, receiver: Receiver
) -> None:
    made = customer.make(receiver.url, ("any", "any"))
    other = customer_of(site, "other")
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/deliveries"),
        ("POST", "/ping"),
        ("POST", "/secret"),
        ("POST", "/resumption"),
        ("POST", "/deliveries/1/replay"),
    ):
        other.refused(method, f"/{made['id']}{path}", 404)
    assert other.send("GET", "", 200) == {"webhooks": []}
    assert customer.send("DELETE", f"/{made['id']}", 204) is None
    customer.refused("DELETE", f"/{made['id']}", 404)
    assert customer.send("GET", "", 200) == {"webhooks": []}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"url", "pairs"}),
        ({"url": "https://1.1.1.1/", "pairs": []}, {"pairs"}),
        ({"url": "https://1.1.1.1/", "pairs": [{"passport": "KAZ"}]}, {"/pairs/0/destination"}),
        ({"url": "https://1.1.1.1/", "pairs": [{"passport": "", "destination": "any"}]}, {"/pairs/0/passport"}),
        ({"url": "https://1.1.1.1/", "pairs": "any"}, {"pairs"}),
        ({"url": 5, "pairs": [{"passport": "any", "destination": "any"}]}, {"url"}),
        ({"url": "ftp://1.1.1.1/", "pairs": [{"passport": "any", "destination": "Isreal"}]},
         {"url", "/pairs/0/destination"}),
        ({"url": "https://169.254.169.254/", "pairs": [{"passport": "any", "destination": "any"}]}, {"url"}),
        ({"url": "https://[::ffff:10.0.0.1]/", "pairs": [{"passport": "any", "destination": "any"}]}, {"url"}),
        ({"url": "https://1.1.1.1/", "pairs": [{"passport": "any", "destination": "any"}], "secret": "x"},
         {"secret"}),
    ],
)  # fmt: skip
def test_what_cannot_be_a_webhook_is_refused_field_by_field(customer: Customer, body: Json, fields: set[str]) -> None:
    problem = customer.refused("POST", "", 422, body)
    assert {each["field"] for each in problem["errors"]} == fields


@pytest.mark.parametrize("query", ["state=lost", "before=soon", "before=0", "state=dead&state=dead", "limit=5"])
def test_what_the_log_cannot_be_asked_is_refused(customer: Customer, receiver: Receiver, query: str) -> None:
    made = customer.make(receiver.url, ("any", "any"))
    customer.refused("GET", f"/{made['id']}/deliveries?{query}", 422)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_key_there_are_no_webhooks(site: StaffSite, method: str) -> None:
    response = site.app.test_client().open(AT, method=method)
    checked_problem(response, 401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_every_response_is_as_declared(customer: Customer, receiver: Receiver) -> None:
    made = customer.make(receiver.url, ("any", "ISR"), ("MAR", "any"))
    assert_declared(made, NewWebhookJson)
    webhook = f"/{made['id']}"
    assert_declared(customer.send("GET", "", 200), WebhooksJson)
    assert_declared(customer.send("GET", webhook, 200), WebhookJson)
    assert_declared(customer.send("POST", f"{webhook}/secret", 200), NewSecretJson)
    assert_declared(customer.send("POST", f"{webhook}/ping", 202), DeliveryJson)
    assert_declared(customer.send("GET", f"{webhook}/deliveries", 200), DeliveriesJson)


def test_the_document_describes_what_a_receiver_gets(site: StaffSite) -> None:
    document = site.app.test_client().get("/openapi.json").get_json()
    message = document["webhooks"]["visa.changed"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert message == {"$ref": "#/components/schemas/ChangeMessage"}
    told = document["components"]["schemas"]["MessageData"]["properties"]
    assert told.keys() == {"change", "pairs", "number_of_pairs"}


def test_staff_see_the_log_and_administrators_replay(site: StaffSite, customer: Customer, receiver: Receiver) -> None:
    made = customer.make(
        f"{receiver.url}/their-own-secret", ("any", "ISR"), *(("MAR", each) for each in ("FRA", "DEU", "ITA"))
    )
    receiver.statuses = [404]
    publish(site)
    edith = site.client_of(Role.EDITOR)
    assert "changes wait for a deliverer" in page_of(edith.get("/staff/webhooks")).text
    deliver(site)
    page = page_of(edith.get("/staff/webhooks"))
    assert "for a deliverer" not in page.text
    assert "globetrotter" in page.text
    assert "127.0.0.1" in page.text
    assert "any to ISR, MAR to FRA, MAR to DEU and 1 more" in page.text
    assert "404: only a status of 2xx accepts a message." in page.text
    assert "their-own-secret" not in page.text
    assert made["secret"] not in page.text
    assert [each for each in page.all("button") if each.text == "Replay"] == []

    with Session(site.engine) as session:
        Post(session, FixedClock(site.clock.move(days=9)), SIGNING_KEY).deliver()
    receiver.statuses = [410]
    site.clock.move(days=20)
    deliver(site)
    ada = site.client_of(Role.ADMINISTRATOR)
    assert ada.press(page_of(ada.get("/staff/webhooks?state=dead&webhook=1")), "Replay").status_code == 303
    page = page_of(ada.get("/staff/webhooks?state=pending"))
    assert "still tried" in page.text
    assert "There are none." in page_of(ada.get("/staff/webhooks?state=dead")).text
    assert ada.post("/staff/webhooks/deliveries/99/replay", {}).status_code == 404


def test_the_console_shows_the_log_page_by_page(site: StaffSite, customer: Customer, receiver: Receiver) -> None:
    made = customer.make(receiver.url, ("any", "any"))
    for _ in range(53):
        customer.send("POST", f"/{made['id']}/ping", 202)
    edith = site.client_of(Role.EDITOR)
    first = page_of(edith.get("/staff/webhooks?state=pending"))
    (older,) = [each for each in first.all("a") if each.text == "Older"]
    second = page_of(edith.get(older.attributes["href"]))
    shown = [len(each.all("table")[1].all("th", scope="row")) for each in (first, second)]
    assert shown == [50, 3]

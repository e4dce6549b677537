"""Keys and limits as programs meet them: who may ask how much, and what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import MORNING, FixedClock, MakeDatabase
from tests.contract.conftest import Json, checked_problem, close_app
from visalookup import create_app
from visalookup.config import Settings
from visalookup.extensions import db, rulebook_store_of
from visalookup.rate_limits.hooks import meter_of
from visalookup.services.agencies.agencies import add_agency, change_limits, issue_key, list_keys, revoke_key
from visalookup.services.agencies.key_ring import SECONDS_A_KEY_IS_TRUSTED

NAME = "silk-road-travel"
ASKED = "/api/v1/requirements?passport=KAZ&destination=ISR"
BATCH = "/api/v1/requirements/batch"
QUESTION = {"passport": "KAZ", "destination": "ISR"}
ANONYMOUS, AGENCY, DAY = 5, 500, 800
USUAL = Settings(log_level="ERROR", rate_limit_anonymous=ANONYMOUS, rate_limit_agency=AGENCY, quota_agency=DAY)


@dataclass(slots=True)
class Service:
    """The service with low limits, and programs that ask it."""

    app: Flask
    clock: FixedClock

    def get(self, path: str = ASKED, key: str | None = None, address: str = "192.0.2.1") -> TestResponse:
        return self._open("GET", path, key, address)

    def batch(self, questions: int, key: str | None = None) -> TestResponse:
        return self._open("POST", BATCH, key, "192.0.2.1", {"queries": [QUESTION] * questions})

    def key(self, days: int | None = None) -> str:
        with self.app.app_context():
            issued = issue_key(db.session, NAME, days, "ada", self.clock())
            db.session.commit()
        return issued.secret

    def trust_nobody_longer(self) -> None:
        """As after the seconds for which a key is not looked up again."""
        for each in meter_of(self.app).ring._callers.values():
            each.trusted_until -= SECONDS_A_KEY_IS_TRUSTED

    def _open(self, method: str, path: str, key: str | None, address: str, body: Json | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self.app.test_client().open(
            path, method=method, json=body, headers=headers, environ_overrides={"REMOTE_ADDR": address}
        )


def service_on(url: str, **changed: object) -> Service:
    clock = FixedClock(MORNING)
    app = create_app(replace(USUAL, database_url=url, **changed), clock)  # type: ignore[arg-type]
    with app.app_context():
        rulebook_store_of(app).current(db.session)
    return Service(app, clock)


@pytest.fixture
def service(make_sqlite: MakeDatabase, loaded_sqlite_template: str) -> Iterator[Service]:
    found = service_on(make_sqlite(loaded_sqlite_template))
    with found.app.app_context():
        add_agency(db.session, NAME, "Silk Road Travel", "ada", MORNING)
        db.session.commit()
    yield found
    close_app(found.app)


def told(response: TestResponse) -> tuple[int, int]:
    """The limit and what remains of it."""
    assert 1 <= int(response.headers["RateLimit-Reset"]) <= 60
    return int(response.headers["RateLimit-Limit"]), int(response.headers["RateLimit-Remaining"])


def test_anybody_may_ask_so_many_questions_a_minute_and_is_told_how_many_remain(service: Service) -> None:
    asked = [service.get() for _ in range(ANONYMOUS)]
    assert [each.status_code for each in asked] == [200] * ANONYMOUS
    assert [told(each) for each in asked] == [(ANONYMOUS, left) for left in (4, 3, 2, 1, 0)]


def test_one_question_too_many_is_refused_with_when_to_try_again(service: Service) -> None:
    for _ in range(ANONYMOUS):
        service.get()
    refused = service.get()
    problem = checked_problem(refused, 429)
    assert problem["type"] == "/docs/errors#too-many-requests"
    assert "5 questions a minute are allowed" in problem["detail"]
    assert "agency's key" in problem["detail"]
    assert told(refused) == (ANONYMOUS, 0)
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert refused.headers["Cache-Control"] == "no-store"


def test_what_is_used_up_for_the_minute_comes_back_with_the_next_minute_of_the_clock(service: Service) -> None:
    """Of the application's clock: how long the machine takes for these requests does not matter."""
    service.clock.move(seconds=20.5)
    assert [service.get().status_code for _ in range(ANONYMOUS + 1)] == [200] * ANONYMOUS + [429]
    assert service.get().headers["Retry-After"] == "40"
    service.clock.move(seconds=39.4)
    assert service.get().headers["Retry-After"] == "1"
    service.clock.move(seconds=0.1)
    assert told(service.get()) == (ANONYMOUS, ANONYMOUS - 1)
    service.clock.move(minutes=1)
    assert told(service.get()) == (ANONYMOUS, ANONYMOUS - 1), "nor is a lot of the minute before dealt out"


def test_addresses_are_counted_apart_but_not_within_one_network_of_ipv6(service: Service) -> None:
    for number in range(ANONYMOUS):
        assert service.get(address=f"2001:db8:1:2::{number}").status_code == 200
    assert service.get(address="2001:db8:1:2:ffff::9").status_code == 429
    assert service.get(address="2001:db8:1:3::1").status_code == 200
    assert service.get(address="192.0.2.77").status_code == 200


def test_where_ipv6_stands_for_ipv4_addresses_are_counted_apart_all_the_same(service: Service) -> None:
    for address in ["::ffff:192.0.2.7", "192.0.2.7"] * ANONYMOUS:
        last = service.get(address=address)
    assert last.status_code == 429
    assert service.get(address="::ffff:192.0.2.8").status_code == 200


def test_a_key_lets_more_be_asked_and_takes_nothing_from_the_address(service: Service) -> None:
    key = service.key()
    assert told(service.get(key=key)) == (AGENCY, AGENCY - 1)
    assert told(service.get(key=key)) == (AGENCY, AGENCY - 2)
    assert told(service.get()) == (ANONYMOUS, ANONYMOUS - 1)


def test_the_keys_of_one_agency_share_its_limit(service: Service) -> None:
    assert told(service.get(key=service.key()))[1] == AGENCY - 1
    assert told(service.get(key=service.key()))[1] == AGENCY - 2


def test_an_agency_may_have_been_given_its_own_limit(service: Service) -> None:
    key = service.key()
    with service.app.app_context():
        change_limits(db.session, NAME, 2, None, "ada", MORNING)
        db.session.commit()
    assert [service.get(key=key).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("key", ["vla_nonsense", "vla_" + "x" * 43])
def test_a_wrong_key_is_refused_and_counts_against_the_address(service: Service, key: str) -> None:
    refused = service.get(key=key)
    problem = checked_problem(refused, 401)
    assert "No agency has this key" in problem["detail"]
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="Visa Lookup", error="invalid_token"'
    for _ in range(ANONYMOUS - 1):
        assert service.get(key=key).status_code == 401
    assert service.get(key=key).status_code == 429


def test_a_revoked_key_is_soon_refused_and_the_other_goes_on_being_good(service: Service) -> None:
    old, new = service.key(), service.key()
    assert service.get(key=old).status_code == 200
    with service.app.app_context():
        (first,) = (each for each in list_keys(db.session) if old.startswith(each.beginning))
        revoke_key(db.session, NAME, first.id, "ada", MORNING)
        db.session.commit()
    service.trust_nobody_longer()
    assert "revoked" in checked_problem(service.get(key=old), 401)["detail"]
    assert service.get(key=new).status_code == 200


def test_an_expired_key_is_refused(service: Service) -> None:
    key = service.key(days=1)
    service.clock.move(days=1)
    assert "expired" in checked_problem(service.get(key=key), 401)["detail"]


def test_staff_read_with_their_tokens_as_anybody_does(service: Service) -> None:
    assert told(service.get(key="vl_whatever-it-is")) == (ANONYMOUS, ANONYMOUS - 1)


def test_a_batch_costs_as_much_as_its_questions(service: Service) -> None:
    key = service.key()
    assert service.batch(100, key).status_code == 200
    assert told(service.get(key=key))[1] == AGENCY - 101
    assert service.batch(390, key).status_code == 200
    refused = service.batch(50, key)
    assert "used up" in checked_problem(refused, 429)["detail"]
    assert service.get(key=key).status_code == 200, "a batch that was refused took nothing but its request"


def test_a_batch_that_can_never_pass_says_so(service: Service) -> None:
    problem = checked_problem(service.batch(ANONYMOUS + 1), 429)
    assert "these are 6: split them" in problem["detail"]


def test_what_is_used_up_for_the_day_comes_back_with_the_next_day_of_utc(service: Service) -> None:
    key = service.key()
    with service.app.app_context():
        change_limits(db.session, NAME, 10_000, None, "ada", MORNING)
        db.session.commit()
    assert service.batch(DAY - 1, key).status_code == 200
    assert service.get(key=key).status_code == 200
    refused = service.get(key=key)
    assert "today" in checked_problem(refused, 429)["detail"]
    assert int(refused.headers["Retry-After"]) == 15 * 60 * 60, "from nine in the morning to midnight"
    service.clock.move(hours=15)
    service.trust_nobody_longer()
    assert service.get(key=key).status_code == 200


def test_only_the_public_interface_is_limited(service: Service) -> None:
    for _ in range(ANONYMOUS + 1):
        for path in ("/", "/visa/KAZ/ISR", "/healthz", "/readyz", "/metrics", "/openapi.json", "/staff/sign-in"):
            response = service.get(path)
            assert response.status_code == 200
            assert "RateLimit-Limit" not in response.headers
    preflight = service.app.test_client().options(ASKED)
    assert preflight.status_code == 200
    assert "RateLimit-Limit" not in preflight.headers


def test_flask_and_the_short_cut_deal_out_of_the_same_lot(service: Service) -> None:
    """Between two plain questions, which the fast path answers, one that only Flask understands."""
    key = service.key()
    paths = [ASKED, ASKED, "/api/v1/requirements?passport=kaz&destination=Israel"] * 9
    remaining = [told(service.get(path, key))[1] for path in paths]
    assert remaining == list(range(AGENCY - 1, AGENCY - 28, -1))


def test_what_was_asked_is_counted_by_key(service: Service) -> None:
    key = service.key()
    for _ in range(7):
        service.get(key=key)
    service.batch(30, key)
    service.get()
    with service.app.app_context():
        meter_of(service.app).usage.store(db.session)
        rows = db.session.connection().exec_driver_sql("SELECT day, requests, questions FROM agency_usage").all()
    assert [tuple(each) for each in rows] == [("2026-11-23", 8, 37)]


def test_a_trip_costs_a_question_for_each_document_on_each_leg(service: Service) -> None:
    documents = [{"passport": "KAZ"}, {"passport": "DEU"}]
    out = {"from": "KAZ", "to": "ISR", "arrival": "2027-01-10", "departure": "2027-01-20"}
    home = {"from": "ISR", "to": "KAZ", "arrival": "2027-01-20"}
    body = {"travellers": [{"label": "A", "documents": documents}], "legs": [out, home]}
    client = service.app.test_client()
    assert client.post("/api/v1/trips", json=body).status_code == 200
    assert checked_problem(client.post("/api/v1/trips", json=body), 429), "four of five are used up"

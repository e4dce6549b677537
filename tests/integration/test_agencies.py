"""Agencies and their keys in the database, from the services and from the command line."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.conftest import MORNING, MakeDatabase
from tests.integration.command_line import CommandLine
from visalookup.domain.errors import InvalidValue, NotFound
from visalookup.services.agencies.agencies import (
    add_agency,
    change_limits,
    disable_agency,
    enable_agency,
    issue_key,
    list_agencies,
    list_keys,
    revoke_key,
)
from visalookup.services.agencies.key_ring import SECONDS_A_KEY_IS_TRUSTED, KeyRefused, KeyRing
from visalookup.services.agencies.usage import UsageCounter, export_usage, list_usage
from visalookup.storage.agencies.models import AgencyKeyRow
from visalookup.storage.audit.models import AuditEntry

NAME = "silk-road-travel"


class Monotonic:
    """A clock that runs when it is told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def agency(session: Session) -> str:
    add_agency(session, NAME, "Silk Road Travel", "ada", MORNING)
    return NAME


def key_of(session: Session, days: int | None = None) -> str:
    return issue_key(session, NAME, days, "ada", MORNING).secret


def test_a_key_is_kept_as_a_digest_only(session: Session, agency: str) -> None:
    secret = key_of(session)
    assert re.fullmatch(r"vla_[A-Za-z0-9_-]{43}", secret)
    row = session.scalars(select(AgencyKeyRow)).one()
    assert secret not in (row.digest, row.beginning)
    assert secret.startswith(row.beginning)
    assert len(row.beginning) < 12


def test_a_third_key_is_refused_until_one_of_two_is_revoked_or_has_ended(session: Session, agency: str) -> None:
    first = issue_key(session, NAME, None, "ada", MORNING)
    issue_key(session, NAME, 1, "ada", MORNING)
    with pytest.raises(InvalidValue, match="2 keys that are good"):
        issue_key(session, NAME, None, "ada", MORNING)
    tomorrow = MORNING + timedelta(days=1)
    issue_key(session, NAME, None, "ada", tomorrow)
    with pytest.raises(InvalidValue):
        issue_key(session, NAME, None, "ada", tomorrow)
    revoke_key(session, NAME, first.key.id, "ada", tomorrow)
    issue_key(session, NAME, None, "ada", tomorrow)
    assert len(list_keys(session)) == 4


def test_a_name_is_never_given_twice_and_must_be_known(session: Session, agency: str) -> None:
    with pytest.raises(InvalidValue, match="choose another name"):
        add_agency(session, NAME, "Another", "ada", MORNING)
    with pytest.raises(NotFound, match="agency list"):
        issue_key(session, "nobody", None, "ada", MORNING)
    with pytest.raises(NotFound):
        revoke_key(session, NAME, 99, "ada", MORNING)


def test_the_audit_trail_tells_what_was_done_and_no_secret(session: Session, agency: str) -> None:
    secret = key_of(session, 30)
    change_limits(session, NAME, 5, 100, "ada", MORNING)
    assert disable_agency(session, NAME, "ada", MORNING)
    assert not disable_agency(session, NAME, "ada", MORNING)
    assert enable_agency(session, NAME, "ada", MORNING)
    revoke_key(session, NAME, list_keys(session)[0].id, "ada", MORNING)
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [each.action for each in entries] == [
        "agency_added",
        "agency_key_issued",
        "agency_limits_changed",
        "agency_disabled",
        "agency_enabled",
        "agency_key_revoked",
    ]
    assert {each.subject for each in entries} == {NAME}
    assert not any(secret in str(each.details) for each in entries)


def test_a_revoked_key_is_refused_once_it_is_no_longer_trusted(session: Session, agency: str) -> None:
    monotonic = Monotonic()
    ring, secret = KeyRing(1000, monotonic), key_of(session)
    assert ring.caller(session, secret, MORNING).agency.name == NAME
    revoke_key(session, NAME, list_keys(session)[0].id, "ada", MORNING)
    monotonic.seconds += SECONDS_A_KEY_IS_TRUSTED
    assert ring.current_if_fresh(secret) is None
    with pytest.raises(KeyRefused, match="revoked"):
        ring.caller(session, secret, MORNING)


def test_unknown_ended_and_disabled_keys_each_say_why(session: Session, agency: str) -> None:
    ring, secret = KeyRing(1000), key_of(session, 1)
    with pytest.raises(KeyRefused, match="No agency has this key"):
        ring.caller(session, "vla_unknown", MORNING)
    with pytest.raises(KeyRefused, match="expired"):
        ring.caller(session, secret, MORNING + timedelta(days=1))
    disable_agency(session, NAME, "ada", MORNING)
    with pytest.raises(KeyRefused, match="disabled"):
        ring.caller(session, secret, MORNING)


class Unreachable(Session):
    """A session whose database is away."""

    def execute(self, *_arguments: object, **_options: object) -> object:  # type: ignore[override]
        raise OperationalError("SELECT", {}, Exception("away"))


def test_while_the_database_is_away_a_key_that_was_good_goes_on_being_good(session: Session, agency: str) -> None:
    monotonic = Monotonic()
    ring, secret = KeyRing(1000, monotonic), key_of(session)
    ring.caller(session, secret, MORNING)
    monotonic.seconds += 60
    assert ring.caller(Unreachable(), secret, MORNING).agency.name == NAME
    with pytest.raises(OperationalError):
        ring.caller(Unreachable(), "vla_another", MORNING)


def test_while_the_database_is_away_a_key_that_was_refused_stays_refused(session: Session, agency: str) -> None:
    monotonic = Monotonic()
    ring, secret = KeyRing(1000, monotonic), key_of(session)
    ring.caller(session, secret, MORNING)
    disable_agency(session, NAME, "ada", MORNING)
    monotonic.seconds += 60
    with pytest.raises(KeyRefused, match="disabled"):
        ring.caller(session, secret, MORNING)
    with pytest.raises(OperationalError):
        ring.caller(Unreachable(), secret, MORNING)


def test_a_quota_counts_all_keys_of_the_agency_and_begins_anew_each_day(session: Session, agency: str) -> None:
    change_limits(session, NAME, None, 100, "ada", MORNING)
    first, second = key_of(session), key_of(session)
    counter = UsageCounter()
    counter.count(KeyRing(1).caller(session, first, MORNING).key_id, MORNING, questions=70)
    counter.store(session)
    assert KeyRing(1).caller(session, second, MORNING).left == 30
    assert KeyRing(1).caller(session, second, MORNING + timedelta(days=1)).left == 100


def test_what_several_processes_counted_adds_up(session: Session, agency: str) -> None:
    key_id = issue_key(session, NAME, None, "ada", MORNING).key.id
    for _ in range(3):
        process = UsageCounter()
        process.count(key_id, MORNING, questions=10)
        process.store(session)
        process.store(session)
    UsageCounter().store(session)
    (found,) = list_usage(session, MORNING.date())
    assert (found.agency, found.requests, found.questions) == (NAME, 3, 30)
    assert "".join(export_usage(session, MORNING.date())).splitlines() == [
        "day,agency,key,requests,questions",
        f"2026-11-23,{NAME},{found.beginning},3,30",
    ]


def test_what_cannot_be_stored_is_kept_until_it_can(own_engine: Engine) -> None:
    with Session(own_engine) as session:
        add_agency(session, NAME, "Silk Road Travel", "ada", MORNING)
        key_id = issue_key(session, NAME, None, "ada", MORNING).key.id
        session.commit()
        counter = UsageCounter()
        counter.count(key_id, MORNING, questions=7)
        session.connection().exec_driver_sql("ALTER TABLE agency_usage RENAME TO hidden")
        session.commit()
        counter.store_now(own_engine)
        session.connection().exec_driver_sql("ALTER TABLE hidden RENAME TO agency_usage")
        session.commit()
        counter.store_now(own_engine)
        assert [each.questions for each in list_usage(session, MORNING.date())] == [7]


def test_agencies_on_the_command_line(make_sqlite: MakeDatabase, sqlite_template: str) -> None:
    line = CommandLine(make_sqlite(sqlite_template))
    added = line.says("agency", "add", NAME, "--title", "Silk Road Travel")
    secret = added.split()[0]
    assert secret.startswith("vla_")
    assert "key 1" in added
    line.says("agency", "key", "add", NAME, "--days", "30")
    assert "revoke one first" in line.refuses("agency", "key", "add", NAME)
    line.says("agency", "key", "revoke", NAME, "1")
    line.says("agency", "limit", NAME, "--per-minute", "600")
    listed = line.says("agency", "list")
    assert "600 a minute" in listed
    assert "revoked" in listed
    assert secret not in listed
    assert "asked nothing" in line.says("agency", "usage", NAME)
    assert "now disabled" in line.says("agency", "disable", NAME)
    assert "valid again" in line.says("agency", "enable", NAME)
    assert "no agency" in line.refuses("agency", "key", "list", "nobody")


def test_agencies_are_listed_by_name(session: Session, agency: str) -> None:
    add_agency(session, "alp-tours", "Alp Tours", "ada", MORNING)
    assert [each.name for each in list_agencies(session)] == ["alp-tours", NAME]

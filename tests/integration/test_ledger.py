"""The ledger's promises, kept by the database itself: only additions, and nothing that cannot be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Table, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import instant, new_event, record
from visalookup.domain.lifecycle import Status
from visalookup.storage import models
from visalookup.storage.ledger import Author, Change, Conflict, append, edition_as_of, latest_edition
from visalookup.storage.models import Base, Origin, RegimeVersion, Revision, RuleVersion
from visalookup.storage.records import RecordId
from visalookup.storage.snapshot import read_records

TABLES = sorted(
    {each.class_.__tablename__ for each in Base.registry.mappers if each.class_.__module__ == models.__name__}
    | {"audit_entry"}
)
"""The tables to which a load of the data adds."""


def table(name: str) -> Table:
    return Base.metadata.tables[name]


def a_row(session: Session, name: str, **wanted: Any) -> dict[str, Any]:
    """Some row of a table."""
    found = session.execute(select(table(name)).filter_by(**wanted).limit(1)).one()
    return dict(found._mapping)


def add_like(session: Session, name: str, row: dict[str, Any], **changes: Any) -> None:
    """Add a row like one there is, under a number of its own, but for the changes."""
    fresh = {column: value for column, value in row.items() if column != "id"}
    with session.begin_nested():
        session.execute(insert(table(name)).values({**fresh, **changes}))


class TestNothingIsChangedOrRemoved:
    @pytest.mark.parametrize("name", TABLES)
    def test_a_row_cannot_be_updated(self, ledger: Session, name: str) -> None:
        column = next(iter(table(name).primary_key)).name
        with pytest.raises(DBAPIError, match=f"{name} is append-only: UPDATE is refused"), ledger.begin_nested():
            ledger.execute(text(f"UPDATE {name} SET {column} = {column}"))  # noqa: S608 - names of our own tables

    @pytest.mark.parametrize("name", TABLES)
    def test_a_row_cannot_be_deleted(self, ledger: Session, name: str) -> None:
        with pytest.raises(DBAPIError, match=f"{name} is append-only: DELETE is refused"), ledger.begin_nested():
            ledger.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - names of our own tables

    @pytest.mark.parametrize("backend", ["postgres"], indirect=True, scope="session")  # SQLite has no TRUNCATE
    @pytest.mark.parametrize("name", TABLES)
    def test_a_table_cannot_be_emptied_at_a_stroke(self, ledger: Session, name: str) -> None:
        with pytest.raises(DBAPIError, match="is append-only: TRUNCATE is refused"), ledger.begin_nested():
            ledger.execute(text(f"TRUNCATE {name} CASCADE"))

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")  # PostgreSQL has no REPLACE
    @pytest.mark.parametrize("name", ["revision", "source_version", "place_version"])
    def test_a_row_cannot_be_replaced_by_another(self, ledger: Session, name: str) -> None:
        with pytest.raises(DBAPIError, match=f"{name} is append-only"), ledger.begin_nested():
            ledger.execute(text(f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}"))  # noqa: S608 - our tables

    def test_every_table_is_guarded_and_holds_something_to_guard(self, ledger: Session) -> None:
        for name in TABLES:
            assert a_row(ledger, name)


class TestWhatCannotBeIsRefused:
    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"status": "ratified"}, "ck_timeline_entry_version_status"),
            ({"effective_at": instant("2024-08-28T00:00:00Z")}, "day_or_instant"),
            ({"effective_on": None}, "day_or_instant"),
            ({"precision": "month"}, "exact_where_answers_change"),
            ({"precision": "roughly", "status": "signed"}, "ck_timeline_entry_version_precision"),
            ({"status": None}, "status_of_an_event"),
            ({"milestone": "ratified"}, "name_of_a_milestone"),
            ({"transition_until": date(2024, 10, 8)}, "transition_is_whole"),
            ({"version": 2}, "first_supersedes_nothing"),
        ],
    )
    def test_in_a_step_of_a_regime(self, ledger: Session, changes: dict[str, Any], constraint: str) -> None:
        step = a_row(ledger, "timeline_entry_version", status=Status.IN_FORCE)
        with pytest.raises(IntegrityError, match=constraint):
            add_like(ledger, "timeline_entry_version", step, key="new", **changes)
        add_like(ledger, "timeline_entry_version", step, key="new")

    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"requirement": "bribe"}, "ck_terms_requirement"),
            ({"stay_days": 0}, "stay_days_positive"),
            ({"stay_months": -1}, "stay_months_positive"),
            ({"stay_days": 90, "stay_within_days": 30}, "stay_fits_its_period"),
            ({"verified_on": None}, "verified_when_read"),
            ({"verification_level": "unverified"}, "verified_when_read"),
        ],
    )
    def test_in_what_a_list_gives(self, ledger: Session, changes: dict[str, Any], constraint: str) -> None:
        terms = a_row(ledger, "terms", stay_days=30)
        with pytest.raises(IntegrityError, match=constraint):
            add_like(ledger, "terms", terms, digest="new", **changes)
        add_like(ledger, "terms", terms, digest="new")

    def test_a_rule_at_home(self, ledger: Session) -> None:
        rule = a_row(ledger, "rule_version")
        with pytest.raises(IntegrityError, match="not_at_home"):
            add_like(ledger, "rule_version", rule, key="new", passport=rule["destination"])

    def test_a_source_without_an_address(self, ledger: Session) -> None:
        source = a_row(ledger, "source_version")
        successor = {**source, "version": 2, "supersedes_id": source["id"]}
        with pytest.raises(IntegrityError, match="url_is_http"):
            add_like(ledger, "source_version", successor, url="somebody told me")
        add_like(ledger, "source_version", successor)

    @pytest.mark.parametrize(
        ("name", "changes"),
        [
            ("rule_version", {"passport": "ATL"}),
            ("rule_version", {"destination": "ATL"}),
            ("rule_version", {"passport_group": "NOBODY"}),
            ("rule_version", {"terms_digest": "0" * 64}),
            ("rule_version", {"regime_id": "no-such-regime"}),
            ("rule_version", {"revision": 99}),
            ("timeline_entry_version", {"source_key": "hearsay"}),
            ("timeline_entry_version", {"regime_id": "no-such-regime"}),
            ("terms", {"source_key": "hearsay"}),
            ("regime_version", {"regime_id": "no-such-regime"}),
            ("place_version", {"code": "ATL"}),
            ("place_version", {"citizens_of": "ATL"}),
        ],
    )
    def test_what_points_at_nothing(self, ledger: Session, name: str, changes: dict[str, Any]) -> None:
        fresh = {
            "terms": {"digest": "new"},
            "rule_version": {"key": "new"},
            "timeline_entry_version": {"key": "new"},
        }
        row = {**a_row(ledger, name), **fresh.get(name, {})}
        if name in ("regime_version", "place_version"):
            row |= {"version": 2, "supersedes_id": row["id"]}
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
            add_like(ledger, name, row, **changes)


class TestEachRecordHasOneCurrentVersion:
    def test_a_version_cannot_be_superseded_twice(self, ledger: Session) -> None:
        first = a_row(ledger, "regime_version")
        successor = {**first, "version": 2, "supersedes_id": first["id"]}
        add_like(ledger, "regime_version", successor)
        with pytest.raises(IntegrityError, match="supersedes_id"):
            add_like(ledger, "regime_version", {**successor, "version": 3})

    def test_versions_are_counted_from_one(self, ledger: Session) -> None:
        first = a_row(ledger, "regime_version")
        with pytest.raises(IntegrityError, match="version_positive"):
            add_like(ledger, "regime_version", first, version=0, supersedes_id=first["id"])

    def test_two_versions_cannot_bear_one_number(self, ledger: Session) -> None:
        first = a_row(ledger, "regime_version")
        with pytest.raises(IntegrityError, match="version"):
            add_like(ledger, "regime_version", first)

    def test_a_change_that_was_overtaken_is_a_conflict(self, ledger: Session, clock: FixedClock) -> None:
        regimes = read_records(ledger, RegimeVersion, revision=1)
        overtaken = regimes[RecordId(RegimeVersion, ("mar-aze-2024",))]
        change = Change(RecordId(RegimeVersion, ("mar-aze-2024",)), {**overtaken.content, "title": "New"}, overtaken)
        author = Author("ana", Origin.STAFF, "A correction")
        append(ledger, author, clock(), [change])
        with pytest.raises(Conflict, match="Another person changed this record first"), ledger.begin_nested():
            append(ledger, author, clock(), [change])

    def test_a_change_that_cannot_be_is_no_conflict(self, ledger: Session, clock: FixedClock) -> None:
        """Whoever is told of a conflict repeats the change; one that points at nothing never will go through."""
        (identity, before) = next(iter(read_records(ledger, RuleVersion, 1).items()))
        change = Change(identity, {**before.content, "passport": "QQQ"}, before)
        with pytest.raises(IntegrityError), ledger.begin_nested():
            append(ledger, Author("boris", Origin.STAFF, "A place that is none"), clock(), [change])


class TestRevisionsAreNumberedWithoutGapsAndInTime:
    def test_even_while_the_clock_stands_still_or_goes_back(self, ledger: Session, clock: FixedClock) -> None:
        clock.move(hours=1)
        record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), clock())
        record(ledger, new_event("kaz-isr-2026", Status.IN_FORCE, "2027-01-01", "notice"), clock())
        clock.move(days=-3)
        record(ledger, new_event("jor-gbr-eta", Status.TERMINATED, "2024-09-10"), clock())

        written = ledger.execute(select(Revision.number, Revision.recorded_at).order_by(Revision.number)).all()
        assert [number for number, _ in written] == [1, 2, 3, 4]
        moments = [moment for _, moment in written]
        assert moments == sorted(set(moments))
        assert moments[3] - moments[2] == timedelta(microseconds=1)

    def test_a_moment_names_the_revision_that_was_the_newest_then(self, ledger: Session, clock: FixedClock) -> None:
        first = clock()
        second = clock.move(minutes=5)
        record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), second)

        def known_at(moment: Any) -> int | None:
            edition = edition_as_of(ledger, moment)
            return edition.revision if edition else None

        assert known_at(first - timedelta(microseconds=1)) is None
        assert known_at(first) == 1
        assert known_at(second - timedelta(microseconds=1)) == 1
        assert known_at(second) == 2

    def test_an_instant_comes_back_in_utc_as_it_was_written(self, session: Session) -> None:
        moment = instant("2026-03-29T02:30:00.123456+03:00")
        append(session, Author("ana", Origin.FILE, "A test"), moment, [])
        session.commit()
        edition = latest_edition(session)
        assert edition is not None
        assert edition.recorded_at.isoformat() == "2026-03-28T23:30:00.123456+00:00"


def test_the_engine_under_test_is_a_real_one(engine: Engine) -> None:
    assert (engine.dialect.name, engine.driver) in {("postgresql", "psycopg"), ("sqlite", "pysqlite")}

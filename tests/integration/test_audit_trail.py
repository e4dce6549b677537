"""The audit trail: it says who did what, and nobody can alter, remove or move anything in it unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Engine, Integer, Table, insert, select, text
from sqlalchemy.orm import Session

from tests.conftest import FixedClock, opened
from tests.integration.command_line import CommandLine
from tests.integration.intruder import broken_in, rewrite_trail, tamper
from tests.integration.world import DataFiles, load, new_event, record
from visalookup.domain.errors import InvalidValue
from visalookup.domain.lifecycle import Status
from visalookup.services.audit.seal_audit import seal_audit
from visalookup.services.audit.verify_audit import parse_head, verify_audit
from visalookup.storage.audit.canonical import canonical
from visalookup.storage.audit.chain import (
    BrokenTrail,
    ChainHead,
    NewAuditEntry,
    append_entry,
    lock_chain,
    read_head,
)
from visalookup.storage.audit.content_digest import read_contents
from visalookup.storage.audit.models import AuditEntry
from visalookup.storage.engine import make_engine
from visalookup.storage.history.audit_trail import read_entry
from visalookup.storage.ledger import Author, append, lock_for_writing
from visalookup.storage.models import Instant, Origin, Revision
from visalookup.storage.schema import metadata

STEP = ("--status", "signed", "--on", "2026-11-20", "--source", "press")


@pytest.fixture
def trail(ledger: Session, clock: FixedClock) -> Session:
    """The small world (entry 1), a sign-in (2), two steps of a regime (3 and 4) and another sign-in (5)."""
    sign_in(ledger, clock)
    clock.move(hours=1)
    record(ledger, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), clock())
    record(ledger, new_event("kaz-isr-2026", Status.IN_FORCE, "2027-03-01", "notice"), clock())
    clock.move(hours=1)
    sign_in(ledger, clock)
    return ledger


def sign_in(session: Session, clock: FixedClock, name: str = "ana") -> int:
    lock_chain(session)
    number = append_entry(
        session, action="signed_in", actor=name, subject=f"account {name}", details={"by": "password"}, now=clock()
    )
    session.commit()
    return number


def entry(session: Session, number: int) -> NewAuditEntry:
    found = read_entry(session, number)
    assert found is not None
    return found


def faults(session: Session, kept: ChainHead | None = None) -> list[str]:
    return [str(each) for each in verify_audit(session, kept).breaks]


class TestEveryWriteLeavesAnEntry:
    def test_bound_to_the_one_before_it(self, trail: Session) -> None:
        entries = [entry(trail, number) for number in range(1, 6)]
        assert [each.action for each in entries] == [
            "revision_recorded",
            "signed_in",
            "revision_recorded",
            "revision_recorded",
            "signed_in",
        ]
        assert [each.previous_hash for each in entries] == ["0" * 64, *(each.hash for each in entries[:-1])]
        assert read_head(trail) == ChainHead(5, entries[-1].hash)

    def test_and_a_revision_says_what_it_wrote(self, trail: Session) -> None:
        found = entry(trail, 3)
        assert (found.revision, found.subject, found.actor) == (2, "revision 2", "boris")
        assert found.details["reason"].startswith("signed of kaz-isr-2026")
        assert found.details["records"] == {"source": 1, "timeline entry": 1}
        assert len(found.details["content_digest"]) == 64

    def test_at_a_time_that_never_goes_backwards(self, trail: Session, clock: FixedClock) -> None:
        clock.move(days=-3)
        number = sign_in(trail, clock)
        assert entry(trail, number).recorded_at == entry(trail, number - 1).recorded_at
        assert faults(trail) == []

    def test_and_none_is_left_by_what_was_undone(self, trail: Session, clock: FixedClock) -> None:
        with trail.begin_nested() as undone:
            append_entry(trail, action="signed_in", actor="eve", subject="account eve", details={}, now=clock())
            undone.rollback()
        assert read_entry(trail, 6) is None
        assert faults(trail) == []

    def test_what_is_hashed_is_what_another_program_can_compute(self, trail: Session) -> None:
        """Canonical JSON (RFC 8785) and SHA-256, written out by hand."""
        found = entry(trail, 2)
        content = {
            "action": "signed_in",
            "actor": "ana",
            "details": {"by": "password"},
            "number": 2,
            "previous_hash": entry(trail, 1).hash,
            "recorded_at": "2026-11-23T09:00:00.000000Z",
            "revision": None,
            "subject": "account ana",
        }
        written = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        assert found.hash == hashlib.sha256(written.encode()).hexdigest()


class TestWritersGoOneByOne:
    def test_so_who_took_no_lock_is_told(self, own_engine: Engine, clock: FixedClock) -> None:
        with Session(own_engine) as session, pytest.raises(RuntimeError, match="call lock_chain"):
            append_entry(session, action="x", actor="ana", subject="account ana", details={}, now=clock())

    def test_and_a_trail_that_lost_its_end_takes_nothing_more(self, trail: Session, clock: FixedClock) -> None:
        tamper(trail, "DELETE FROM audit_head")
        with pytest.raises(BrokenTrail, match="visalookup audit verify"):
            sign_in(trail, clock)


class TestRevisionsFromBeforeThereWasATrail:
    @pytest.fixture
    def old(self, session: Session, clock: FixedClock) -> Session:
        """Three revisions, written by a version of the program that kept no trail."""
        for number in (1, 2, 3):
            moment = clock.move(minutes=1)
            values = {"number": number, "recorded_at": moment, "actor": "ana", "reason": f"Load {number}"}
            session.execute(insert(Revision).values(origin=Origin.FILE, **values))
        return session

    def test_are_entered_with_the_first_write(self, old: Session, clock: FixedClock) -> None:
        append(old, Author("boris", Origin.STAFF, "The first with a trail"), clock(), [])
        assert [entry(old, number).revision for number in (1, 2, 3, 4)] == [1, 2, 3, 4]
        assert [entry(old, number).details.get("sealed_with") for number in (1, 4)] == [4, None]
        assert faults(old) == []

    def test_or_when_somebody_says_so(self, old: Session) -> None:
        assert [fault.split(".")[0] for fault in faults(old)] == [
            f"Revision {number} has no entry" for number in (1, 2, 3)
        ]
        assert seal_audit(old, "carla") == (1, 2, 3)
        assert entry(old, 2).details["sealed_by"] == "carla"
        assert entry(old, 2).actor == "ana"
        assert faults(old) == []
        assert seal_audit(old, "carla") == ()

    def test_and_later_none_is_entered_unseen(self, trail: Session, clock: FixedClock) -> None:
        """Whoever slips in a revision must not have it sealed by the next honest write."""
        tamper(
            trail,
            "INSERT INTO revision (number, recorded_at, actor, origin, reason)"
            " VALUES (4, '2026-11-23 13:00:00.000000', 'ana', 'staff', 'Slipped in')",
        )
        lock_for_writing(trail)
        append(trail, Author("boris", Origin.STAFF, "An honest one"), clock.move(days=1), [])
        (fault,) = faults(trail)
        assert fault.startswith("Revision 4 has no entry.")


TAMPERING: list[tuple[str, list[str], list[str]]] = [
    (
        "another actor in an entry",
        ["UPDATE audit_entry SET actor = 'carla' WHERE number = 2"],
        ["entry 2: it was altered: its content does not give its hash"],
    ),
    (
        "other details in an entry",
        ['UPDATE audit_entry SET details = \'{"by": "single sign-on"}\' WHERE number = 5'],
        ["entry 5: it was altered: its content does not give its hash"],
    ),
    (
        "an entry dated back",
        ["UPDATE audit_entry SET recorded_at = '2025-01-01 00:00:00.000000' WHERE number = 4"],
        ["entry 4: it is dated before the entry it follows", "entry 4: it was altered"],
    ),
    (
        "an entry removed",
        ["DELETE FROM audit_entry WHERE number = 2"],
        ["entry 2: it is missing", "entry 3: it does not follow the entry before it"],
    ),
    (
        "an entry removed, and the gap closed",
        [
            "DELETE FROM audit_entry WHERE number = 2",
            "UPDATE audit_entry SET number = 2 WHERE number = 3",
            "UPDATE audit_entry SET number = 3 WHERE number = 4",
            "UPDATE audit_entry SET number = 4 WHERE number = 5",
            "UPDATE audit_head SET number = 4",
        ],
        [
            "entry 2: it does not follow the entry before it",
            "entry 2: it was moved: it was written as entry 3",
            "entry 3: it was moved: it was written as entry 4",
            "entry 4: it was altered",
        ],
    ),
    (
        "two entries in each other's places",
        [
            "UPDATE audit_entry SET number = 99 WHERE number = 2",
            "UPDATE audit_entry SET number = 2 WHERE number = 3",
            "UPDATE audit_entry SET number = 3 WHERE number = 99",
        ],
        [
            "entry 2: it does not follow the entry before it",
            "entry 2: it was moved: it was written as entry 3",
            "entry 3: it does not follow the entry before it",
            "entry 3: it is dated before the entry it follows",
            "entry 3: it was moved: it was written as entry 2",
            "entry 4: it does not follow the entry before it",
        ],
    ),
    (
        "an entry slipped in at the end",
        [
            "INSERT INTO audit_entry SELECT 6, recorded_at, actor, action, subject, details, NULL, hash, 'beef'"
            " FROM audit_entry WHERE number = 5"
        ],
        ["entry 6: it stands after the end of the trail", "entry 6: it was altered"],
    ),
    (
        "an entry slipped in before the first",
        [
            "INSERT INTO audit_entry SELECT 0, recorded_at, actor, action, subject, details, NULL, 'beef', 'cafe'"
            " FROM audit_entry WHERE number = 2"
        ],
        [
            "entry 0: it does not follow",
            "entry 0: it was altered",
            "entry 0: it was inserted before the first entry",
            "entry 1: it does not follow",
        ],
    ),
    (
        "the end cut off",
        ["DELETE FROM audit_entry WHERE number > 3"],
        [
            "entry 4: it is missing, with all up to entry 5: the end of the trail was cut off",
            "Revision 3 has no entry.",
        ],
    ),
    (
        "the last entry cut off",
        ["DELETE FROM audit_entry WHERE number > 4"],
        ["entry 5: it is missing: the end of the trail was cut off"],
    ),
    ("where the trail ends removed", ["DELETE FROM audit_head"], ["The end of the trail is not recorded"]),
    (
        "the whole trail removed",
        ["DELETE FROM audit_head", "DELETE FROM audit_entry"],
        ["Revision 1 has no entry.", "Revision 2 has no entry.", "Revision 3 has no entry."],
    ),
    (
        "an entry that no longer says which revision it seals",
        ["UPDATE audit_entry SET revision = NULL WHERE number = 3"],
        [
            "entry 3: it seals a revision and does not say which",
            "entry 3: it was altered",
            "Revision 2 has no entry.",
        ],
    ),
    (
        "an entry that cannot be read",
        ["UPDATE audit_entry SET details = '\"nothing\"' WHERE number = 3"],
        ["entry 3: it was altered: it holds what cannot be read"],
    ),
    (
        "another author of a revision",
        ["UPDATE revision SET actor = 'ana' WHERE number = 2"],
        ["entry 3: revision 2, which it seals, was altered (a value in it was changed)"],
    ),
    (
        "a revision removed with all it wrote",
        [
            "DELETE FROM timeline_entry_version WHERE revision = 3",
            "DELETE FROM revision WHERE number = 3",
        ],
        ["entry 4: revision 3, which it seals, is missing or cannot be read"],
    ),
    (
        "a step dated earlier",
        ["UPDATE timeline_entry_version SET effective_on = '2026-12-01' WHERE revision = 3"],
        ["entry 4: revision 3, which it seals, was altered (a value in it was changed)"],
    ),
    (
        "a step removed",
        ["DELETE FROM timeline_entry_version WHERE revision = 3"],
        ["entry 4: revision 3, which it seals, was altered (timeline entries: 1 were sealed, 0 are there)"],
    ),
    (
        "a rule slipped into an old revision",
        [
            "INSERT INTO rule_version (id, version, retracted, revision, regime_id, key, passport, destination,"
            " terms_digest) SELECT 990, 1, retracted, 2, regime_id, 'new', 'GBR', 'JOR', terms_digest"
            " FROM rule_version WHERE revision = 1 LIMIT 1"
        ],
        ["entry 3: revision 2, which it seals, was altered (rules: 0 were sealed, 1 are there)"],
    ),
    (
        "a rule inserted under a revision that does not exist",
        [
            "INSERT INTO rule_version (id, version, retracted, revision, regime_id, key, passport, destination,"
            " terms_digest) SELECT 990, 1, retracted, -1, regime_id, 'new', 'GBR', 'JOR', terms_digest"
            " FROM rule_version WHERE revision = 1 LIMIT 1"
        ],
        ["Records were inserted under revision -1, which does not exist."],
    ),
    (
        "a longer stay in the terms",
        ["UPDATE terms SET stay_days = 90 WHERE requirement = 'e_visa'"],
        ["The terms "],
    ),
    (
        "terms removed",
        ["DELETE FROM terms WHERE requirement = 'e_visa'"],
        ["The terms "],
    ),
]


class TestTamperingIsFoundAndNamed:
    @pytest.mark.parametrize(
        ("statements", "expected"), [each[1:] for each in TAMPERING], ids=[each[0] for each in TAMPERING]
    )
    def test_of(self, trail: Session, statements: list[str], expected: list[str]) -> None:
        assert faults(trail) == []
        tamper(trail, *statements)
        found = faults(trail)
        assert len(found) == len(expected), found
        assert [fault for fault, start in zip(found, expected, strict=True) if not fault.startswith(start)] == []

    @pytest.mark.parametrize(
        "alter",
        [
            lambda session: tamper(session, "UPDATE audit_entry SET actor = 'carla' WHERE number = 2"),
            lambda session: tamper(session, "DELETE FROM audit_entry WHERE number = 5"),
        ],
        ids=["altered", "cut off"],
    )
    def test_even_of_a_trail_written_anew_by_whoever_kept_its_head(
        self, trail: Session, alter: Callable[[Session], None]
    ) -> None:
        kept = read_head(trail)
        alter(trail)
        rewrite_trail(trail)
        assert faults(trail) == []
        (fault,) = faults(trail, kept)
        assert fault.startswith("entry 5: its hash")

    def test_and_a_head_kept_earlier_is_found_in_a_trail_that_went_on(self, trail: Session, clock: FixedClock) -> None:
        kept = read_head(trail)
        sign_in(trail, clock)
        assert faults(trail, kept) == []


SEALED = [
    "audit_entry",
    "audit_head",
    "revision",
    "place_version",
    "place_group_version",
    "regime_version",
    "source_version",
    "timeline_entry_version",
    "rule_version",
    "terms",
]


class TestNoCellCanBeAlteredUnnoticed:
    @pytest.mark.parametrize("name", SEALED)
    def test_in(self, trail: Session, name: str) -> None:
        table = metadata.tables[name]
        with broken_in(trail):
            unnoticed = [column.name for column in table.columns if not _is_noticed(trail, table, column)]
        assert unnoticed == []


def _is_noticed(session: Session, table: Table, column: Column[Any]) -> bool:
    """Whether verifying finds one altered cell; it is as it was afterwards."""
    key = next(iter(table.primary_key)).name
    some = f"(SELECT max({key}) FROM {table.name})"  # noqa: S608 - names of our own tables
    with session.begin_nested() as undone:
        altered = session.execute(
            text(f"UPDATE {table.name} SET {column.name} = {_another(column)} WHERE {key} = {some}")  # noqa: S608
        )
        assert altered.rowcount == 1  # type: ignore[attr-defined]
        found = faults(session)
        undone.rollback()
    return found != []


def _another(column: Column[Any]) -> str:
    """SQL for a value that the cell does not hold."""
    if isinstance(column.type, Boolean):
        return f"NOT {column.name}"
    if isinstance(column.type, Integer):
        return f"coalesce({column.name}, 0) + 1000"
    if isinstance(column.type, Date):
        return "'1999-09-09'"
    if isinstance(column.type, Instant):
        return "'1999-09-09 00:00:00.000000'"
    if isinstance(column.type, JSON):
        return "'[\"another\"]'"
    return f"coalesce({column.name}, '') || 'x'"


class TestTheDigestOfContent:
    def test_is_the_same_on_both_databases(
        self, trail: Session, make_sqlite: Callable[[str | None], str], sqlite_template: str
    ) -> None:
        digests = {number: each.digest for number, each in read_contents(trail, 1, 3).items()}
        assert len(set(digests.values())) == 3
        with opened(make_sqlite(sqlite_template)) as engine, Session(engine) as copy:
            lock_chain(copy)
            for table in metadata.sorted_tables:
                rows = [dict(row._mapping) for row in trail.execute(select(table))]
                if rows:
                    copy.execute(insert(table), rows)
            assert {number: each.digest for number, each in read_contents(copy, 1, 3).items()} == digests
            assert faults(copy) == []
            copy.rollback()

    def test_does_not_change_when_a_migration_adds_a_column(self, trail: Session) -> None:
        """The columns without a value are left out, so old revisions keep their digest."""
        row = trail.execute(select(metadata.tables["revision"])).first()
        assert row is not None
        before = {name: value for name, value in row._mapping.items() if value is not None}
        after = {name: value for name, value in {**row._mapping, "added": None}.items() if value is not None}
        assert canonical(before) == canonical(after)


class TestTheHeadThatSomebodyKept:
    def test_is_read_as_it_was_printed(self) -> None:
        assert parse_head(f"12 {'a' * 64}") == parse_head(f"12:{'a' * 64}") == ChainHead(12, "a" * 64)

    @pytest.mark.parametrize("written", ["", "12", f"12:{'A' * 64}", f"12:{'a' * 63}", f"-1:{'a' * 64}"])
    def test_or_refused(self, written: str) -> None:
        with pytest.raises(InvalidValue, match="write NUMBER:HASH"):
            parse_head(written)


def test_an_entry_is_never_dated_before_its_revision(trail: Session) -> None:
    query = select(AuditEntry.recorded_at, Revision.recorded_at).join(Revision)
    pairs = trail.execute(query).all()
    assert len(pairs) == 3
    assert all(timedelta(0) <= entered - written for entered, written in pairs)


class TestManyWriteAtOnce:
    def test_to_the_ledger_and_to_the_trail_alone_and_nobody_waits_in_a_ring(
        self, own_engine: Engine, files: DataFiles, clock: FixedClock
    ) -> None:
        with Session(own_engine) as session:
            load(session, files, clock())

        def act(number: int) -> None:
            with Session(own_engine) as session:
                if number % 2:
                    sign_in(session, clock, f"member-{number}")
                else:
                    lock_for_writing(session)
                    details = {"regime": "mar-aze-2024"}
                    append_entry(
                        session, action="proposed", actor="ana", subject="proposal", details=details, now=clock()
                    )
                    append(session, Author("ana", Origin.STAFF, f"Change {number}"), clock(), [])
                    session.commit()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(act, range(40)))
        with Session(own_engine) as session:
            assert faults(session) == []
            assert read_head(session) == ChainHead(61, entry(session, 61).hash)


class TestTheCommand:
    def test_prints_where_the_trail_ends_and_checks_it_against_what_was_kept(self, small: CommandLine) -> None:
        kept = small.says("audit", "head").strip()
        number, _, hashed = kept.partition(" ")
        assert number == "1"
        assert small.says("regime", "add-event", "kaz-isr-2026", *STEP)
        assert f"2 entries, none altered or missing. The last is {small.says('audit', 'head')}" == self.verified(
            small, "--head", f"{number}:{hashed}"
        )

    def test_names_each_fault_and_fails(self, small: CommandLine) -> None:
        small.says("regime", "add-event", "kaz-isr-2026", *STEP)
        engine = make_engine(small.url)
        with Session(engine) as session:
            tamper(session, "UPDATE audit_entry SET actor = 'nobody' WHERE number = 1")
            session.commit()
        engine.dispose()
        result = small.run("audit", "verify")
        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            "entry 1: it was altered: its content does not give its hash",
            "1 fault found in 2 entries. Keep a copy of the database as it is before you repair anything.",
        ]

    def test_of_a_head_that_is_none_says_how_to_write_it(self, small: CommandLine) -> None:
        result = small.run("audit", "verify", "--head", "yesterday's")
        assert result.exit_code == 2
        assert "write NUMBER:HASH" in result.stderr

    def test_seals_what_an_older_version_wrote(self, small: CommandLine) -> None:
        engine = make_engine(small.url)
        with Session(engine) as session:
            tamper(session, "DELETE FROM audit_entry", "DELETE FROM audit_head")
            session.commit()
        engine.dispose()
        assert small.refuses("audit", "head") == "The trail has no entry yet; it begins with the first write."
        assert "Revision 1 has no entry." in small.run("audit", "verify").stdout
        assert small.says("audit", "seal") == "Revision 1 was entered.\n"
        assert small.says("audit", "seal") == "Every revision already has its entry.\n"
        assert self.verified(small).startswith("1 entry, none altered or missing.")

    def test_of_an_empty_database_has_nothing_to_find(
        self, make_sqlite: Callable[[str | None], str], sqlite_template: str
    ) -> None:
        line = CommandLine(make_sqlite(sqlite_template))
        assert self.verified(line) == "The trail has no entry yet, and there is no revision.\n"

    @staticmethod
    def verified(line: CommandLine, *words: str) -> str:
        """What verifying prints where it finds nothing; the progress bar is beside it."""
        result = line.run("audit", "verify", *words)
        assert result.exit_code == 0, result.output
        return result.stdout

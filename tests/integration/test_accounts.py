"""Accounts, sessions and attempts to sign in on both databases, and what the audit trail tells of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from tests.conftest import MORNING, FixedClock
from visalookup.config import StaffSettings
from visalookup.domain.accounts.roles import Role
from visalookup.domain.changes.proposals import NotAllowed
from visalookup.domain.errors import DomainError, InvalidValue, NotFound
from visalookup.services.accounts.accounts import (
    Identity,
    NewAccount,
    add_account,
    change_role,
    disable_account,
    enable_account,
    set_password,
)
from visalookup.services.accounts.sign_in import UNKNOWN_NAME, Credentials, SignedIn, SignInRefused, sign_in
from visalookup.services.accounts.sign_in_throttle import TooManyAttempts
from visalookup.services.accounts.staff_sessions import (
    begin_session,
    end_session,
    list_sessions,
    member_of_session,
)
from visalookup.services.accounts.two_factor import new_secret, turn_off, turn_on
from visalookup.storage.accounts.accounts import find_account, lock_accounts
from visalookup.storage.accounts.models import Account, SignInAttempt, SignInMethod, StaffSession
from visalookup.storage.audit.models import AuditEntry

PASSWORD = "four words without sense"  # noqa: S105
NEW = "another of four words"
ADDRESS = "192.0.2.1"
STAFF = StaffSettings()

pytestmark = pytest.mark.usefixtures("quick_passwords")


def add(session: Session, name: str, role: Role = Role.EDITOR) -> Account:
    return add_account(session, NewAccount(name, name.title(), role, PASSWORD), "root", MORNING)


def enter(
    session: Session,
    name: str = "edith",
    password: str = PASSWORD,
    code: str = "",
    now: datetime = MORNING,
    address: str = ADDRESS,
) -> SignedIn:
    return sign_in(session, Credentials(name, password, code, address), now)


def trail(session: Session) -> list[tuple[str, str, str]]:
    """The action, actor and subject of each entry, in order."""
    query = select(AuditEntry.action, AuditEntry.actor, AuditEntry.subject).order_by(AuditEntry.number)
    return [(action, actor, subject) for action, actor, subject in session.execute(query)]


def details(session: Session, action: str) -> dict[str, Any]:
    found: dict[str, Any] = session.scalars(select(AuditEntry.details).where(AuditEntry.action == action)).one()
    return found


def everything_stored(session: Session) -> str:
    """Every value of the tables of accounts and of the trail, as one text."""
    tables = (Account, StaffSession, SignInAttempt, AuditEntry)
    return "\n".join(str(tuple(row)) for table in tables for row in session.execute(select(table.__table__)))


@pytest.fixture
def edith(session: Session) -> Account:
    return add(session, "edith")


def test_an_account_signs_in_and_the_token_tells_who_it_is(session: Session, edith: Account) -> None:
    signed_in = enter(session)
    member = member_of_session(session, signed_in.token, STAFF, MORNING)
    assert member == signed_in.member
    assert member is not None
    assert (member.account_id, member.name, member.role, member.rights) == (
        edith.id,
        "edith",
        Role.EDITOR,
        Role.EDITOR.rights,
    )


def test_no_password_no_token_and_no_secret_is_stored_readable(session: Session, edith: Account) -> None:
    secret = new_secret()
    first = enter(session)
    turn_on(session, first.member, secret, pyotp.TOTP(secret).at(MORNING), MORNING)
    later = MORNING + timedelta(minutes=1)
    second = enter(session, code=pyotp.TOTP(secret).at(later), now=later)
    with pytest.raises(SignInRefused):
        enter(session, "my password, typed as a name", "wrong")
    turn_off(session, edith.id, "edith", later)
    stored = everything_stored(session)
    for hidden in (PASSWORD, first.token, second.token, secret, "typed as a name"):
        assert hidden not in stored
    assert repr(Credentials("edith", PASSWORD, "123456", ADDRESS)).count("'") == 4, "a log would show no secret"
    assert first.token not in repr(first)


def test_names_are_given_once_and_never_again(session: Session, edith: Account) -> None:
    add(session, "ada", Role.ADMINISTRATOR)
    disable_account(session, "edith", "ada", MORNING)
    with pytest.raises(InvalidValue, match="choose another name"):
        add(session, "edith")


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        (NewAccount("Edith", "Edith", Role.EDITOR, PASSWORD), "cannot be an account's name"),
        (NewAccount("edith", " ", Role.EDITOR, PASSWORD), "1 to 100 characters"),
        (NewAccount("edith", "Edith", Role.EDITOR, "short"), "too short"),
        (NewAccount("edith", "Edith", Role.EDITOR), "either a password or an identity"),
        (NewAccount("edith", "Edith", Role.EDITOR, PASSWORD, Identity("i", "s")), "either a password or"),
    ],
)
def test_an_account_that_cannot_be_is_refused_and_nothing_is_written(
    session: Session, new: NewAccount, fault: str
) -> None:
    with pytest.raises(InvalidValue, match=fault):
        add_account(session, new, "root", MORNING)
    assert find_account(session, "edith") is None
    assert trail(session) == []


def test_who_comes_by_single_sign_on_has_no_password_to_guess_or_change(session: Session) -> None:
    add_account(session, NewAccount("sam", "Sam", Role.EDITOR, identity=Identity("https://id", "1")), "id", MORNING)
    for guess in ("", PASSWORD, "nobody's password"):
        with pytest.raises(SignInRefused):
            enter(session, "sam", guess)
    with pytest.raises(InvalidValue, match="identity provider"):
        set_password(session, "sam", NEW, "root", MORNING)


def test_the_trail_tells_every_act_with_who_did_it_to_whom(session: Session, edith: Account) -> None:
    add(session, "ada", Role.ADMINISTRATOR)
    token = enter(session).token
    with pytest.raises(SignInRefused):
        enter(session, password="wrong")  # noqa: S106
    with pytest.raises(SignInRefused):
        enter(session, "nobody")
    end_session(session, token, MORNING)
    assert change_role(session, "edith", Role.PUBLISHER, "ada", MORNING)
    set_password(session, "edith", NEW, "edith", MORNING)
    assert disable_account(session, "edith", "ada", MORNING)
    assert enable_account(session, "edith", "ada", MORNING)
    assert trail(session) == [
        ("account_added", "root", "edith"),
        ("account_added", "root", "ada"),
        ("signed_in", "edith", "edith"),
        ("sign_in_failed", "edith", "edith"),
        ("sign_in_failed", UNKNOWN_NAME, UNKNOWN_NAME),
        ("signed_out", "edith", "edith"),
        ("role_changed", "ada", "edith"),
        ("password_changed", "edith", "edith"),
        ("account_disabled", "ada", "edith"),
        ("account_enabled", "ada", "edith"),
    ]
    assert details(session, "role_changed") == {"before": "editor", "after": "publisher"}
    assert details(session, "signed_in") == {"method": "password"}


def test_what_changes_nothing_leaves_no_trace(session: Session, edith: Account) -> None:
    add(session, "ada", Role.ADMINISTRATOR)
    before = trail(session)
    assert not change_role(session, "edith", Role.EDITOR, "ada", MORNING)
    assert not enable_account(session, "edith", "ada", MORNING)
    end_session(session, "no such token", MORNING)
    assert trail(session) == before


def test_the_last_administrator_stays_one(session: Session) -> None:
    add(session, "ada", Role.ADMINISTRATOR)
    add(session, "abel", Role.ADMINISTRATOR)
    assert disable_account(session, "abel", "root", MORNING)
    with pytest.raises(NotAllowed, match="last administrator"):
        change_role(session, "ada", Role.EDITOR, "root", MORNING)
    with pytest.raises(NotAllowed, match="last administrator"):
        disable_account(session, "ada", "root", MORNING)
    assert enable_account(session, "abel", "root", MORNING)
    assert change_role(session, "ada", Role.EDITOR, "root", MORNING)


@pytest.mark.parametrize("name", ["nobody", "", "edith\x00"])
def test_an_account_that_is_not_there_is_told(session: Session, edith: Account, name: str) -> None:
    with pytest.raises(NotFound, match="visalookup user list"):
        disable_account(session, name, "root", MORNING)


def test_being_seen_is_written_at_most_once_a_minute(session: Session, edith: Account) -> None:
    token = enter(session).token

    def last_seen() -> datetime:
        return session.scalars(select(StaffSession.last_seen_at)).one()

    for seconds, seen in ((30, 0), (59, 0), (60, 60), (119, 60), (120, 120)):
        assert member_of_session(session, token, STAFF, MORNING + timedelta(seconds=seconds))
        session.expire_all()
        assert last_seen() == MORNING + timedelta(seconds=seen)


@pytest.mark.parametrize("token", ["", "wrong", "x" * 10_000, "\x00", "ü"])
def test_a_token_of_no_session_is_nobodys(session: Session, edith: Account, token: str) -> None:
    enter(session)
    assert member_of_session(session, token, STAFF, MORNING) is None


def test_the_digest_that_is_stored_opens_nothing(session: Session, edith: Account) -> None:
    enter(session)
    digest = session.scalars(select(StaffSession.digest)).one()
    assert member_of_session(session, digest, STAFF, MORNING) is None


def test_a_session_begun_by_single_sign_on_is_one_like_any_other(session: Session, edith: Account) -> None:
    lock_accounts(session)
    token = begin_session(session, edith.id, SignInMethod.SINGLE_SIGN_ON, MORNING)
    member = member_of_session(session, token, STAFF, MORNING)
    assert member is not None
    assert [each.method for each in list_sessions(session, member, token, STAFF, MORNING)] == ["single_sign_on"]
    assert details(session, "signed_in") == {"method": "single_sign_on"}


def test_attempts_are_kept_no_longer_than_they_count(session: Session, edith: Account, clock: FixedClock) -> None:
    for _ in range(3):
        with pytest.raises(SignInRefused):
            enter(session, password="wrong", now=clock())  # noqa: S106
        clock.move(minutes=10)
    assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 2


def test_sessions_long_unused_are_forgotten_and_the_trail_keeps_them(
    session: Session, edith: Account, clock: FixedClock
) -> None:
    begin_session(session, edith.id, SignInMethod.PASSWORD, clock())
    begin_session(session, edith.id, SignInMethod.PASSWORD, clock.move(hours=24 * 30))
    assert len(session.scalars(select(StaffSession)).all()) == 2
    begin_session(session, edith.id, SignInMethod.PASSWORD, clock.move(hours=1))
    assert len(session.scalars(select(StaffSession)).all()) == 2
    assert [action for action, *_ in trail(session)].count("signed_in") == 3


def test_an_older_hash_is_made_anew_when_its_owner_signs_in(session: Session, edith: Account) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    session.execute(update(Account).values(password_hash=older))
    enter(session)
    assert session.scalars(select(Account.password_hash)).one() != older
    enter(session)


@pytest.fixture
def accounts_engine(own_engine: Engine) -> Engine:
    """A database with two administrators and an editor, which many may write to at once."""
    with Session(own_engine) as session:
        for name, role in (("ada", Role.ADMINISTRATOR), ("abel", Role.ADMINISTRATOR), ("edith", Role.EDITOR)):
            add(session, name, role)
        session.commit()
    return own_engine


def try_respond(engine: Engine, acts: list[Any]) -> list[str]:
    """What becomes of acts that begin at the same moment, each with a connection of its own."""
    barrier = Barrier(len(acts))

    def run(act: Any) -> str:
        with Session(engine) as session:
            barrier.wait()
            try:
                act(session)
                session.commit()
            except DomainError as error:
                return type(error).__name__
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_twelve_guesses_at_the_same_moment_are_twelve_guesses(accounts_engine: Engine) -> None:
    guesses = [lambda session: enter(session, password="wrong") for _ in range(12)]  # noqa: S106
    assert try_respond(accounts_engine, guesses) == ["SignInRefused"] * 5 + ["TooManyAttempts"] * 7
    with Session(accounts_engine) as session, pytest.raises(TooManyAttempts):
        enter(session)


def test_one_code_lets_one_in_however_many_send_it_at_once(accounts_engine: Engine) -> None:
    secret = new_secret()
    with Session(accounts_engine) as session:
        member = enter(session).member
        turn_on(session, member, secret, pyotp.TOTP(secret).at(MORNING), MORNING)
        session.commit()
    later = MORNING + timedelta(minutes=1)
    code = pyotp.TOTP(secret).at(later)
    acts = [lambda session: enter(session, code=code, now=later) for _ in range(4)]
    assert try_respond(accounts_engine, acts) == ["SignInRefused"] * 3 + ["done"]


def test_two_administrators_who_disable_each_other_at_once_do_not_both_succeed(accounts_engine: Engine) -> None:
    acts = [
        lambda session: disable_account(session, "ada", "abel", MORNING),
        lambda session: disable_account(session, "abel", "ada", MORNING),
    ]
    assert try_respond(accounts_engine, acts) == ["NotAllowed", "done"]


def test_one_name_is_given_to_one_account_however_many_ask_at_once(accounts_engine: Engine) -> None:
    assert try_respond(accounts_engine, [lambda session: add(session, "sam")] * 4) == ["InvalidValue"] * 3 + ["done"]

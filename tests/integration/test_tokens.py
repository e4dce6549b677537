"""Tokens of staff's scripts: shown once, kept as a digest, good for so long and for so much."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from tests.conftest import MORNING, FixedClock, opened
from tests.integration.command_line import CommandLine
from visalookup.domain.accounts.roles import Member, Right, Role
from visalookup.domain.accounts.tokens import TokenStatus, UnusableToken
from visalookup.domain.errors import NotFound
from visalookup.services.accounts.staff_sessions import member_of
from visalookup.services.accounts.tokens import (
    ExpiredToken,
    HolderDisabled,
    RevokedToken,
    TokenRefused,
    UnknownToken,
    issue_token,
    list_tokens,
    member_of_token,
    revoke_token,
)
from visalookup.storage.accounts.models import Account, ApiToken
from visalookup.storage.audit.models import AuditEntry


def add_member(session: Session, name: str, role: Role = Role.EDITOR) -> Member:
    account = Account(name=name, display_name=name.title(), role=role, created_at=MORNING)
    session.add(account)
    session.commit()
    return member_of(account)


@pytest.fixture
def edith(session: Session) -> Member:
    return add_member(session, "edith")


def secret_of(session: Session, owner: Member, *scopes: str, days: int = 90, name: str = "nightly") -> str:
    """The secret of a new token."""
    issued = issue_token(session, owner, name, scopes or ("read",), days, MORNING)
    session.commit()
    return issued.secret


def trail(session: Session) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What the audit trail tells, in order."""
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number))
    return [(each.action, each.actor, each.subject, dict(each.details)) for each in entries]


def test_a_script_comes_in_as_its_owner(session: Session, edith: Member) -> None:
    found = member_of_token(session, secret_of(session, edith, "read", "propose"), MORNING)
    assert found == edith


def test_a_secret_is_long_and_random_and_only_its_digest_is_kept(session: Session, edith: Member) -> None:
    secret, other = secret_of(session, edith), secret_of(session, edith, name="other")
    assert secret.startswith("vl_")
    assert len(secret) == 3 + 43
    assert secret != other
    row = session.scalars(select(ApiToken).where(ApiToken.name == "nightly")).one()
    assert row.digest == hashlib.sha256(secret.encode()).hexdigest()
    kept = [str(value) for each in session.scalars(select(ApiToken)) for value in vars(each).values()]
    assert not [value for value in (*kept, str(trail(session))) if secret[3:] in value]


def test_what_is_issued_does_not_show_its_secret_where_it_is_printed(session: Session, edith: Member) -> None:
    issued = issue_token(session, edith, "nightly", ["read"], 1, MORNING)
    assert issued.secret not in repr(issued)


def test_a_token_may_do_what_its_scopes_and_its_owners_role_both_allow(session: Session) -> None:
    paul = add_member(session, "paul", Role.PUBLISHER)
    secret = secret_of(session, paul, "read", "publish")
    assert member_of_token(session, secret, MORNING).rights == {Right.READ, Right.PUBLISH}
    session.get_one(Account, paul.account_id).role = Role.EDITOR
    session.commit()
    assert member_of_token(session, secret, MORNING).rights == {Right.READ}


def test_no_token_looks_after_accounts_even_an_administrators(session: Session) -> None:
    ada = add_member(session, "ada", Role.ADMINISTRATOR)
    secret = secret_of(session, ada, "read", "propose", "publish")
    assert not member_of_token(session, secret, MORNING).may(Right.ADMINISTER)


@pytest.mark.parametrize(
    "secret", ["", "vl_", "vl_" + "A" * 43, "password", "\udce9", "' OR 1=1 --", "x" * 10_000, "Ж"]
)
def test_what_is_no_token_of_ours_is_refused(session: Session, edith: Member, secret: str) -> None:
    real = secret_of(session, edith)
    for wrong in (secret, real + secret[:1] if secret else real[:-1], real.upper(), real[3:]):
        with pytest.raises(UnknownToken):
            member_of_token(session, wrong, MORNING)


def test_the_digest_that_is_kept_opens_nothing(session: Session, edith: Member) -> None:
    secret_of(session, edith)
    digest = session.scalars(select(ApiToken.digest)).one()
    with pytest.raises(UnknownToken):
        member_of_token(session, digest, MORNING)


def test_a_token_ends_with_its_days(session: Session, edith: Member, clock: FixedClock) -> None:
    secret = secret_of(session, edith, days=1)
    clock.move(hours=23, minutes=59, seconds=59)
    assert member_of_token(session, secret, clock()).name == "edith"
    clock.move(seconds=1)
    with pytest.raises(ExpiredToken):
        member_of_token(session, secret, clock())


def test_a_revoked_token_is_refused_from_then_on(session: Session, edith: Member) -> None:
    secret = secret_of(session, edith)
    (token,) = list_tokens(session, edith)
    revoked = revoke_token(session, token.id, edith, MORNING)
    assert revoked.status(MORNING) is TokenStatus.REVOKED
    with pytest.raises(RevokedToken):
        member_of_token(session, secret, MORNING)


def test_a_disabled_account_takes_its_tokens_with_it_and_enabling_it_brings_them_back(
    session: Session, edith: Member
) -> None:
    secret = secret_of(session, edith)
    account = session.get_one(Account, edith.account_id)
    account.disabled_at = MORNING
    session.commit()
    with pytest.raises(HolderDisabled):
        member_of_token(session, secret, MORNING)
    account.disabled_at = None
    session.commit()
    assert member_of_token(session, secret, MORNING).name == "edith"


def test_every_refusal_is_one_kind_of_error_and_says_what_to_do(session: Session, edith: Member) -> None:
    with pytest.raises(TokenRefused, match="use the whole text as it was shown"):
        member_of_token(session, "vl_x", MORNING)


def test_one_revokes_ones_own_tokens_and_an_administrator_anybodys(session: Session, edith: Member) -> None:
    paul = add_member(session, "paul", Role.PUBLISHER)
    ada = add_member(session, "ada", Role.ADMINISTRATOR)
    secret_of(session, edith)
    (token,) = list_tokens(session, edith)
    for number in (token.id, token.id + 999):
        with pytest.raises(NotFound):
            revoke_token(session, number, paul, MORNING)
    revoke_token(session, token.id, ada, MORNING)
    assert trail(session)[-1] == ("token_revoked", "ada", "edith", {"token": "nightly"})


def test_revoking_twice_is_done_once(session: Session, edith: Member, clock: FixedClock) -> None:
    secret_of(session, edith)
    (token,) = list_tokens(session, edith)
    first = revoke_token(session, token.id, edith, clock())
    again = revoke_token(session, token.id, edith, clock.move(hours=1))
    assert again.revoked_at == first.revoked_at == MORNING
    assert [action for action, *_ in trail(session)] == ["token_issued", "token_revoked"]


def test_the_trail_tells_who_got_a_token_for_what_and_until_when(session: Session, edith: Member) -> None:
    issue_token(session, edith, "nightly", ["read", "propose"], 30, MORNING, actor="root")
    details = {"token": "nightly", "scopes": ["propose", "read"], "expires_at": "2026-12-23T09:00:00.000000Z"}
    assert trail(session) == [("token_issued", "root", "edith", details)]


def test_a_name_is_used_once_by_an_account_even_after_revoking(session: Session, edith: Member) -> None:
    secret_of(session, edith)
    (token,) = list_tokens(session, edith)
    revoke_token(session, token.id, edith, MORNING)
    with pytest.raises(UnusableToken) as refused:
        issue_token(session, edith, "nightly", ["read"], 1, MORNING)
    assert list(refused.value.faults) == ["name"]
    secret_of(session, add_member(session, "paul"), name="nightly")


def test_each_sees_their_own_tokens_and_all_are_listed_newest_first(session: Session, edith: Member) -> None:
    paul = add_member(session, "paul", Role.PUBLISHER)
    for owner, name in ((edith, "first"), (paul, "second"), (edith, "third")):
        secret_of(session, owner, name=name)
    assert [each.name for each in list_tokens(session, edith)] == ["third", "first"]
    assert [(each.owner, each.name) for each in list_tokens(session)] == [
        ("edith", "third"),
        ("paul", "second"),
        ("edith", "first"),
    ]


@pytest.fixture
def writes(engine: Engine) -> Iterator[list[str]]:
    """The statements that changed a token."""
    found: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].startswith("UPDATE api_token"):
            found.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def test_use_is_written_down_at_most_once_a_minute(
    session: Session, edith: Member, clock: FixedClock, writes: list[str]
) -> None:
    secret = secret_of(session, edith)
    used = []
    for seconds in (0, 1, 58, 1, 30, 30):
        member_of_token(session, secret, clock.move(seconds=seconds))
        (token,) = list_tokens(session, edith)
        assert token.last_used_at is not None
        used.append((token.last_used_at - MORNING) // timedelta(seconds=1))
    assert used == [0, 0, 0, 60, 60, 120]
    assert len(writes) == 3


def test_a_refused_token_counts_as_not_used(session: Session, edith: Member, clock: FixedClock) -> None:
    secret = secret_of(session, edith, days=1)
    with pytest.raises(ExpiredToken):
        member_of_token(session, secret, clock.move(days=2))
    (token,) = list_tokens(session, edith)
    assert token.last_used_at is None


def test_a_double_click_makes_one_token(own_engine: Engine) -> None:
    with Session(own_engine) as session:
        edith = add_member(session, "edith")
    outcomes: list[str] = []

    def click() -> None:
        with Session(own_engine) as session:
            try:
                issue_token(session, edith, "nightly", ["read"], 1, MORNING)
                session.commit()
                outcomes.append("made")
            except UnusableToken:
                outcomes.append("refused")

    clicks = [Thread(target=click) for _ in range(4)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert sorted(outcomes) == ["made", "refused", "refused", "refused"]


class TestAtTheConsole:
    """`visalookup token`, as whoever runs the service uses it."""

    @pytest.fixture
    def line(self, small: CommandLine) -> CommandLine:
        with opened(small.url) as engine, Session(engine) as session:
            add_member(session, "edith")
        return small

    def test_a_token_is_issued_listed_and_revoked(self, line: CommandLine) -> None:
        said = line.says("token", "issue", "--account", "edith", "--name", "nightly", "--scope", "propose")
        secret = said.splitlines()[0]
        assert secret.startswith("vl_")
        assert "not shown again" in said
        listed = line.says("token", "list")
        assert "nightly" in listed
        assert "propose" in listed
        assert "never used" in listed
        assert secret not in listed
        assert line.says("token", "list", "--account", "paul") == ""
        assert line.says("token", "revoke", "--account", "edith", "--name", "nightly").startswith("The token nightly")
        assert "revoked" in line.says("token", "list")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("issue", "--account", "bob", "--name", "n", "--scope", "read"), "No account is named 'bob'"),
            (("issue", "--account", "edith", "--name", "n", "--scope", "publish"), "as editor choose from"),
            (("issue", "--account", "edith", "--name", "<n>", "--scope", "read"), "Write a name"),
            (("revoke", "--account", "edith", "--name", "n"), "has no token named 'n'"),
        ],
    )
    def test_what_cannot_be_is_refused_in_a_line(self, line: CommandLine, words: tuple[str, ...], said: str) -> None:
        assert said in line.refuses("token", *words)

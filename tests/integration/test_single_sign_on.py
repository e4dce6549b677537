"""Accounts of people whom the identity provider vouches for."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.conftest import MORNING, FixedClock
from visalookup.config import StaffSettings
from visalookup.domain.accounts.identities import Person
from visalookup.domain.accounts.roles import Right, Role
from visalookup.services.accounts.accounts import NewAccount, add_account
from visalookup.services.accounts.single_sign_on import AccountDisabled, record_person_without_role, sign_in_person
from visalookup.services.accounts.staff_sessions import member_of_session
from visalookup.storage.accounts.models import Account, SignInMethod, StaffSession
from visalookup.storage.audit.models import AuditEntry

BORIS = Person("https://id.example", "8f2c", "boris", "Boris B.", Role.EDITOR)


def trail(session: Session) -> list[tuple[str, str, str]]:
    """What the audit trail tells, in order."""
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number))
    return [(each.action, each.actor, each.subject) for each in entries]


def last_details(session: Session) -> dict[str, Any]:
    """The details of the newest entry."""
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).one()
    return dict(entry.details)


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Account.name).order_by(Account.id)))


def test_the_first_sign_in_makes_an_account_and_the_next_finds_it(session: Session, clock: FixedClock) -> None:
    first = sign_in_person(session, BORIS, clock())
    again = sign_in_person(session, BORIS, clock.move(days=1))
    assert first.member == again.member
    assert (first.member.name, first.member.display_name) == ("boris", "Boris B.")
    assert first.member.rights == Role.EDITOR.rights
    assert trail(session) == [
        ("account_added", "identity provider", "boris"),
        ("signed_in", "boris", "boris"),
        ("signed_in", "boris", "boris"),
    ]
    assert last_details(session) == {"method": "single_sign_on"}


def test_it_begins_a_session_like_any_other(session: Session) -> None:
    signed_in = sign_in_person(session, BORIS, MORNING)
    assert member_of_session(session, signed_in.token, StaffSettings(), MORNING) == signed_in.member
    assert session.scalars(select(StaffSession.method)).one() is SignInMethod.SINGLE_SIGN_ON


def test_such_an_account_has_no_password(session: Session) -> None:
    sign_in_person(session, BORIS, MORNING)
    account = session.scalars(select(Account)).one()
    assert (account.password_hash, account.issuer, account.subject) == (None, "https://id.example", "8f2c")


def test_the_role_is_the_one_the_provider_gives_now(session: Session) -> None:
    before = sign_in_person(session, BORIS, MORNING)
    after = sign_in_person(session, replace(BORIS, role=Role.PUBLISHER, display_name="Boris C."), MORNING)
    assert (after.member.role, after.member.display_name) == (Role.PUBLISHER, "Boris C.")
    seen_before = member_of_session(session, before.token, StaffSettings(), MORNING)
    assert seen_before is not None
    assert seen_before.may(Right.PUBLISH)
    assert trail(session)[2] == ("role_changed", "identity provider", "boris")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "role_changed")).one()
    assert entry.details == {"before": "editor", "after": "publisher", "method": "single_sign_on"}


def test_another_name_to_be_shown_is_taken_over_and_entered(session: Session) -> None:
    sign_in_person(session, BORIS, MORNING)
    sign_in_person(session, replace(BORIS, display_name="Boris C."), MORNING)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "display_name_changed")).one()
    assert (entry.details["before"], entry.details["after"]) == ("Boris B.", "Boris C.")


def test_a_lesser_role_is_taken_over_too_even_from_the_last_administrator(session: Session) -> None:
    sign_in_person(session, replace(BORIS, role=Role.ADMINISTRATOR), MORNING)
    assert sign_in_person(session, BORIS, MORNING).member.role is Role.EDITOR


@pytest.mark.parametrize(
    "other",
    [
        replace(BORIS, subject="other"),
        replace(BORIS, issuer="https://other.example"),
        replace(BORIS, issuer="https://id.example/8", subject="f2c"),
    ],
    ids=["another subject", "another issuer", "the same text cut elsewhere"],
)
def test_the_same_name_and_address_of_somebody_else_lead_elsewhere(session: Session, other: Person) -> None:
    first = sign_in_person(session, BORIS, MORNING).member
    second = sign_in_person(session, other, MORNING).member
    assert first.account_id != second.account_id
    assert (first.name, second.name) == ("boris", "boris-2")


def test_a_local_account_is_never_taken_over_by_its_name(session: Session) -> None:
    new = NewAccount("boris", "The other Boris", Role.ADMINISTRATOR, "four words without sense")
    local = add_account(session, new, "tests", MORNING)
    session.commit()
    signed_in = sign_in_person(session, BORIS, MORNING).member
    assert signed_in.account_id != local.id
    assert (signed_in.name, signed_in.role) == ("boris-2", Role.EDITOR)
    assert (local.role, local.display_name, local.issuer) == (Role.ADMINISTRATOR, "The other Boris", None)


def test_who_is_called_otherwise_by_now_keeps_the_name_that_the_record_knows(session: Session) -> None:
    sign_in_person(session, BORIS, MORNING)
    assert sign_in_person(session, replace(BORIS, wished_name="bobby"), MORNING).member.name == "boris"


def test_a_disabled_account_stays_out_and_gets_no_second_one(session: Session) -> None:
    sign_in_person(session, BORIS, MORNING)
    session.scalars(select(Account)).one().disabled_at = MORNING
    session.commit()
    with pytest.raises(AccountDisabled, match="Ask an administrator"):
        sign_in_person(session, replace(BORIS, role=Role.ADMINISTRATOR), MORNING)
    assert names(session) == ["boris"]
    assert trail(session)[-1] == ("sign_in_failed", "boris", "boris")
    assert session.scalars(select(Account.role)).one() is Role.EDITOR


def test_the_trail_tells_of_a_member_whom_the_provider_gives_no_role_any_more_but_not_of_strangers(
    session: Session,
) -> None:
    sign_in_person(session, BORIS, MORNING)
    before = len(trail(session))
    record_person_without_role(session, "https://id.example", "stranger", MORNING)
    assert len(trail(session)) == before
    record_person_without_role(session, BORIS.issuer, BORIS.subject, MORNING)
    assert trail(session)[-1] == ("sign_in_failed", "boris", "boris")
    assert last_details(session) == {"method": "single_sign_on", "reason": "no_role"}


def test_somebody_who_signs_in_twice_at_once_for_the_first_time_gets_one_account(own_engine: Engine) -> None:
    found: list[int] = []

    def come() -> None:
        with Session(own_engine) as session:
            found.append(sign_in_person(session, BORIS, MORNING).member.account_id)

    comings = [Thread(target=come) for _ in range(4)]
    for each in comings:
        each.start()
    for each in comings:
        each.join()
    assert len(found) == 4
    assert len(set(found)) == 1

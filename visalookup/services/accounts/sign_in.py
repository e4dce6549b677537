"""Sign in with a name, a password and, if two-factor authentication is on, a code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.accounts.names import typed_name
from visalookup.domain.accounts.roles import Member
from visalookup.domain.errors import DomainError
from visalookup.services.accounts.passwords import PasswordCheck, check_against
from visalookup.services.accounts.sign_in_throttle import admit_attempt
from visalookup.services.accounts.staff_sessions import begin_session, member_of
from visalookup.services.accounts.two_factor import accept_code
from visalookup.storage.accounts.accounts import find_account, lock_accounts, mark_succeeded
from visalookup.storage.accounts.models import Account, SignInMethod
from visalookup.storage.audit.chain import append_entry

UNKNOWN_NAME = "(a name nobody has)"
"""Stands in the audit trail for a name without account, which may be a password typed into the wrong field."""


class SignInRefused(DomainError):
    """The name, the password or the code was wrong; the message does not reveal which."""

    def __init__(self) -> None:
        super().__init__(
            "The name, the password or the code is wrong. Check all three. The code is needed only if you have"
            " switched it on, and each code works once."
        )


class WrongPassword(DomainError):
    """A signed-in member of staff gave a wrong password."""

    def __init__(self) -> None:
        super().__init__("This is not your current password: check it and try again.")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials typed in the sign-in form, and the address they came from."""

    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The member who signed in, and the token for their browser."""

    member: Member
    token: str = field(repr=False)


def sign_in(session: Session, given: Credentials, now: datetime) -> SignedIn:
    """Start a session for the member with these credentials.

    It commits, so that attempts count even if the request fails. Raise SignInRefused or TooManyAttempts.
    """
    name = typed_name(given.name)
    attempt = admit_attempt(session, name, given.address, now)
    checked = _check_password(session, name, given.password)
    lock_accounts(session)
    account = find_account(session, name)
    if not _is_authenticated(session, account, checked, given.code, now):
        _record_failure(session, account, given.address, now)
        raise SignInRefused
    assert account is not None  # noqa: S101 - only an existing account is authenticated
    _record_success(session, account, checked, attempt)
    token = begin_session(session, account.id, SignInMethod.PASSWORD, now)
    signed_in = SignedIn(member_of(account), token)
    session.commit()
    return signed_in


def confirm_password(session: Session, member: Member, password: str, address: str, now: datetime) -> None:
    """Confirm the identity of a signed-in member; a wrong password counts as a failed attempt.

    It commits. Raise WrongPassword or TooManyAttempts.
    """
    attempt = admit_attempt(session, member.name, address, now)
    checked = _check_password(session, member.name, password)
    lock_accounts(session)
    account = find_account(session, member.name)
    if account is None or not checked.is_correct:
        _record_failure(session, account, address, now)
        raise WrongPassword
    _record_success(session, account, checked, attempt)
    session.commit()


def _check_password(session: Session, name: str, password: str) -> PasswordCheck:
    """Compare the password without holding a lock: hashing is slow on purpose."""
    account = find_account(session, name)
    stored_hash = account.password_hash if account else None
    session.rollback()
    return check_against(stored_hash, password)


def _is_authenticated(
    session: Session, account: Account | None, checked: PasswordCheck, code: str, now: datetime
) -> bool:
    if account is None or account.disabled_at is not None or not checked.is_correct:
        return False
    return accept_code(session, account, code, now)


def _record_success(session: Session, account: Account, checked: PasswordCheck, attempt: int) -> None:
    mark_succeeded(session, attempt)
    if checked.new_hash is not None:
        account.password_hash = checked.new_hash


def _record_failure(session: Session, account: Account | None, address: str, now: datetime) -> None:
    """Record it in the audit trail and commit: the attempt stays counted as failed."""
    subject = account.name if account else UNKNOWN_NAME
    append_entry(
        session, action="sign_in_failed", actor=subject, subject=subject, details={"address": address}, now=now
    )
    session.commit()

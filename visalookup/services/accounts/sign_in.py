"""Sign in with a name, a password and, where it is switched on, a code."""

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
"""What the trail calls a name that is no account's: it may have been a password in the wrong field."""


class SignInRefused(DomainError):
    """The name, the password or the code was wrong; which of them is not told."""

    def __init__(self) -> None:
        super().__init__(
            "The name, the password or the code is not right. Check all three; the code is needed only if you"
            " have switched it on, and each is good once."
        )


class WrongPassword(DomainError):
    """A member of staff, signed in already, gave a wrong password."""

    def __init__(self) -> None:
        super().__init__("This is not your present password: check it and try again.")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed to sign in, and the address it came from."""

    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and the token for their browser."""

    member: Member
    token: str = field(repr=False)


def sign_in(session: Session, given: Credentials, now: datetime) -> SignedIn:
    """Begin a session for whoever these credentials are of.

    It commits: attempts count even if the request fails. Raise SignInRefused or TooManyAttempts.
    """
    name = typed_name(given.name)
    attempt = admit_attempt(session, name, given.address, now)
    checked = _check_password(session, name, given.password)
    lock_accounts(session)
    account = find_account(session, name)
    if not _is_proven(session, account, checked, given.code, now):
        _record_failure(session, account, given.address, now)
        raise SignInRefused
    assert account is not None  # noqa: S101 - only an account is proven
    _succeeded(session, account, checked, attempt)
    token = begin_session(session, account.id, SignInMethod.PASSWORD, now)
    signed_in = SignedIn(member_of(account), token)
    session.commit()
    return signed_in


def confirm_password(session: Session, member: Member, password: str, address: str, now: datetime) -> None:
    """Make sure that it is they who are at the keyboard; a wrong password counts as a failed attempt.

    It commits. Raise WrongPassword or TooManyAttempts.
    """
    attempt = admit_attempt(session, member.name, address, now)
    checked = _check_password(session, member.name, password)
    lock_accounts(session)
    account = find_account(session, member.name)
    if account is None or not checked.right:
        _record_failure(session, account, address, now)
        raise WrongPassword
    _succeeded(session, account, checked, attempt)
    session.commit()


def _check_password(session: Session, name: str, password: str) -> PasswordCheck:
    """Compare the password while no lock is held: it takes long on purpose."""
    account = find_account(session, name)
    kept = account.password_hash if account else None
    session.rollback()
    return check_against(kept, password)


def _is_proven(session: Session, account: Account | None, checked: PasswordCheck, code: str, now: datetime) -> bool:
    if account is None or account.disabled_at is not None or not checked.right:
        return False
    return accept_code(session, account, code, now)


def _succeeded(session: Session, account: Account, checked: PasswordCheck, attempt: int) -> None:
    mark_succeeded(session, attempt)
    if checked.new_hash is not None:
        account.password_hash = checked.new_hash


def _record_failure(session: Session, account: Account | None, address: str, now: datetime) -> None:
    """Enter it in the trail, and commit: the attempt stays counted as failed."""
    subject = account.name if account else UNKNOWN_NAME
    append_entry(
        session, action="sign_in_failed", actor=subject, subject=subject, details={"address": address}, now=now
    )
    session.commit()

"""Rows of accounts, their sessions and their sign-in attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from visalookup.domain.accounts.roles import Role
from visalookup.storage.accounts.models import Account, SignInAttempt, StaffSession
from visalookup.storage.engine import begin_writing

_ACCOUNTS_LOCK_KEY = 7_115_311
"""Key of the PostgreSQL advisory lock for changes of accounts and the counting of sign-in attempts."""


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account as the list shows it."""

    name: str
    display_name: str
    role: Role
    has_password: bool
    two_factor: bool
    disabled_at: datetime | None
    last_seen_at: datetime | None


def lock_accounts(session: Session) -> None:
    """Allow one writer of accounts at a time, until the caller commits.

    It starts a new transaction, because earlier reads may be outdated after waiting for the lock.
    """
    begin_writing(session)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ACCOUNTS_LOCK_KEY})


def find_account(session: Session, name: str) -> Account | None:
    """Return the account with this name, if any."""
    return session.scalar(select(Account).where(Account.name == name))


def read_account(session: Session, account_id: int) -> Account:
    """Return the account of a member of staff, which must exist."""
    return session.get_one(Account, account_id)


def insert_account(session: Session, account: Account) -> Account:
    """Store a new account; its id is known afterwards."""
    session.add(account)
    session.flush()
    return account


def summarise_accounts(session: Session) -> list[AccountSummary]:
    """Return a summary of all accounts, by name."""
    seen = select(StaffSession.account_id, func.max(StaffSession.last_seen_at).label("last_seen_at"))
    last = seen.group_by(StaffSession.account_id).subquery()
    query = select(Account, last.c.last_seen_at).outerjoin(last, last.c.account_id == Account.id)
    return [
        AccountSummary(
            name=account.name,
            display_name=account.display_name,
            role=account.role,
            has_password=account.password_hash is not None,
            two_factor=account.totp_secret is not None,
            disabled_at=account.disabled_at,
            last_seen_at=last_seen_at,
        )
        for account, last_seen_at in session.execute(query.order_by(Account.name))
    ]


def count_administrators_besides(session: Session, account_id: int) -> int:
    """Return how many other enabled administrators there are."""
    others = select(func.count()).where(
        Account.role == Role.ADMINISTRATOR, Account.disabled_at.is_(None), Account.id != account_id
    )
    return session.execute(others).scalar_one()


def use_time_step(session: Session, account_id: int, step: int) -> bool:
    """Record the use of a code's time step. Return False if it, or a later one, was used before."""
    used = (
        update(Account)
        .where(Account.id == account_id, func.coalesce(Account.totp_last_step, -1) < step)
        .values(totp_last_step=step)
        .returning(Account.id)
    )
    return session.scalar(used) is not None


def insert_session(session: Session, new: StaffSession) -> None:
    """Store a new session."""
    session.add(new)
    session.flush()


def find_session(session: Session, digest: str) -> tuple[StaffSession, Account] | None:
    """Return the session with this digest, and its account."""
    query = select(StaffSession, Account).join(Account, Account.id == StaffSession.account_id)
    row = session.execute(query.where(StaffSession.digest == digest)).first()
    return (row[0], row[1]) if row else None


def touch_session(session: Session, digest: str, now: datetime) -> None:
    """Update the time of last use; the caller commits."""
    seen = update(StaffSession).where(StaffSession.digest == digest, StaffSession.last_seen_at < now)
    session.execute(seen.values(last_seen_at=now))


def open_sessions(session: Session, account_id: int) -> Sequence[StaffSession]:
    """Return the sessions of an account that were not ended, the newest first."""
    query = select(StaffSession).where(StaffSession.account_id == account_id, StaffSession.ended_at.is_(None))
    return session.scalars(query.order_by(StaffSession.began_at.desc())).all()


def prune_sessions(session: Session, before: datetime) -> None:
    """Delete sessions not used since; the audit trail keeps who signed in when."""
    session.execute(delete(StaffSession).where(StaffSession.last_seen_at < before))


def prune_attempts(session: Session, before: datetime) -> None:
    """Delete attempts that no longer count."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.attempted_at < before))


def failures_of_account(session: Session, account_key: str, since: datetime, limit: int) -> Sequence[datetime]:
    """Return the times of the latest failures since the last success, the newest first, at limit `limit`."""
    of_account = SignInAttempt.account_name == account_key
    success = select(func.max(SignInAttempt.id)).where(of_account, SignInAttempt.succeeded).scalar_subquery()
    failed = select(SignInAttempt.attempted_at).where(
        of_account, ~SignInAttempt.succeeded, SignInAttempt.attempted_at > since
    )
    newest = failed.where(SignInAttempt.id > func.coalesce(success, 0)).order_by(SignInAttempt.id.desc())
    return session.scalars(newest.limit(limit)).all()


def failures_of_address(session: Session, address: str, since: datetime, limit: int) -> Sequence[datetime]:
    """Return the times of the latest failures from an address, the newest first, at limit `limit`."""
    failed = select(SignInAttempt.attempted_at).where(
        SignInAttempt.address == address, ~SignInAttempt.succeeded, SignInAttempt.attempted_at > since
    )
    return session.scalars(failed.order_by(SignInAttempt.id.desc()).limit(limit)).all()


def insert_attempt(session: Session, account_key: str, address: str, now: datetime) -> int:
    """Store an attempt as failed, and return its id for `mark_succeeded`."""
    attempt = SignInAttempt(account_name=account_key, address=address, attempted_at=now, succeeded=False)
    session.add(attempt)
    session.flush()
    return attempt.id


def mark_succeeded(session: Session, attempt_id: int) -> None:
    """Mark an attempt as successful."""
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(succeeded=True))

"""Sessions of staff. The browser holds a token; the database holds only its digest."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from visalookup.config import StaffSettings
from visalookup.domain.accounts.roles import Member
from visalookup.storage.accounts.accounts import (
    find_session,
    insert_session,
    lock_accounts,
    open_sessions,
    prune_sessions,
    read_account,
    touch_session,
)
from visalookup.storage.accounts.models import Account, SignInMethod, StaffSession
from visalookup.storage.audit.chain import append_entry

_TOKEN_BYTES = 32
_TOUCH_INTERVAL = timedelta(minutes=1)
_RETENTION = timedelta(days=30)
"""How long sessions are kept after their last use."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it; `key` identifies it and grants no access."""

    key: str
    method: SignInMethod
    began_at: datetime
    last_seen_at: datetime
    is_this: bool


def begin_session(session: Session, account_id: int, method: SignInMethod, now: datetime) -> str:
    """Start a session, record `signed_in` in the audit trail, and return the token for the cookie.

    The caller has called `lock_accounts`, has authenticated the account, and commits.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    staff_session = StaffSession(
        digest=_digest(token), account_id=account_id, method=method, began_at=now, last_seen_at=now
    )
    prune_sessions(session, now - _RETENTION)
    insert_session(session, staff_session)
    _record(session, "signed_in", read_account(session, account_id), now, method=method.value)
    return token


def member_of_session(session: Session, token: str, staff: StaffSettings, now: datetime) -> Member | None:
    """Return the member with this token; None if the session has ended or expired, or the account is disabled.

    The time of the last use is written, and committed, at most once a minute.
    """
    found = find_session(session, _digest(token))
    if found is None or not _is_active(found[0], staff, now) or found[1].disabled_at is not None:
        return None
    staff_session, account = found
    member = member_of(account)
    if now - staff_session.last_seen_at >= _TOUCH_INTERVAL:
        _touch(session, staff_session.digest, now)
    return member


def member_of(account: Account) -> Member:
    """Return the member of staff with this account, with all rights of their role."""
    return Member(account.id, account.name, account.display_name, account.role, account.role.rights)


def end_session(session: Session, token: str, now: datetime) -> None:
    """End the session of this token when its owner signs out; the caller commits."""
    lock_accounts(session)
    found = find_session(session, _digest(token))
    if found is not None and found[0].ended_at is None:
        found[0].ended_at = now
        _record(session, "signed_out", found[1], now)


def list_sessions(
    session: Session, member: Member, token: str, staff: StaffSettings, now: datetime
) -> tuple[OpenSession, ...]:
    """Return the active sessions of a member, the newest first; `token` is that of the current session."""
    current = _digest(token)
    return tuple(
        _open_session(staff_session, current)
        for staff_session in open_sessions(session, member.account_id)
        if _is_active(staff_session, staff, now)
    )


def end_own_session(session: Session, member: Member, key: str, now: datetime) -> bool:
    """End one of a member's own sessions. Return False if they have no such session open. The caller commits."""
    lock_accounts(session)
    for staff_session in open_sessions(session, member.account_id):
        if staff_session.digest == key:
            staff_session.ended_at = now
            _record(session, "session_ended", read_account(session, member.account_id), now)
            return True
    return False


def end_all_sessions(session: Session, account: Account, now: datetime, *, except_token: str | None = None) -> int:
    """End all sessions of an account, or all but one, and return how many; the caller commits."""
    kept = _digest(except_token) if except_token else None
    ended = [staff_session for staff_session in open_sessions(session, account.id) if staff_session.digest != kept]
    for staff_session in ended:
        staff_session.ended_at = now
    return len(ended)


def _open_session(staff_session: StaffSession, current: str) -> OpenSession:
    return OpenSession(
        key=staff_session.digest,
        method=staff_session.method,
        began_at=staff_session.began_at,
        last_seen_at=staff_session.last_seen_at,
        is_this=staff_session.digest == current,
    )


def _is_active(staff_session: StaffSession, staff: StaffSettings, now: datetime) -> bool:
    return (
        staff_session.ended_at is None
        and now < staff_session.last_seen_at + staff.idle
        and now < staff_session.began_at + staff.longest_session
    )


def _touch(session: Session, digest: str, now: datetime) -> None:
    lock_accounts(session)
    touch_session(session, digest, now)
    session.commit()


def _record(session: Session, action: str, account: Account, now: datetime, **details: str) -> None:
    append_entry(session, action=action, actor=account.name, subject=account.name, details=details, now=now)


def _digest(token: str) -> str:
    """A plain digest is enough: the token is 256 random bits, far too many to guess."""
    return hashlib.sha256(token.encode()).hexdigest()

"""Sessions of members of staff: kept here, known to the browser by a token of which we keep the digest only."""

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
"""So long after they were last used sessions are forgotten."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it; `key` names it and opens nothing."""

    key: str
    method: SignInMethod
    began_at: datetime
    last_seen_at: datetime
    is_this: bool


def begin_session(session: Session, account_id: int, method: SignInMethod, now: datetime) -> str:
    """Begin a session and return the token for the cookie; the trail gets `signed_in`.

    The caller has called `lock_accounts`, knows who it is, and commits.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    begun = StaffSession(digest=_digest(token), account_id=account_id, method=method, began_at=now, last_seen_at=now)
    prune_sessions(session, now - _RETENTION)
    insert_session(session, begun)
    _record(session, "signed_in", read_account(session, account_id), now, method=method.value)
    return token


def member_of_session(session: Session, token: str, staff: StaffSettings, now: datetime) -> Member | None:
    """Who holds the token; None where the session has ended, ran out, or the account is disabled.

    That they were seen is written, and committed, at most once a minute.
    """
    found = find_session(session, _digest(token))
    if found is None or not _is_active(found[0], staff, now) or found[1].disabled_at is not None:
        return None
    begun, account = found
    member = member_of(account)
    if now - begun.last_seen_at >= _TOUCH_INTERVAL:
        _touch(session, begun.digest, now)
    return member


def member_of(account: Account) -> Member:
    """The member of staff whose account it is, with all rights of their role."""
    return Member(account.id, account.name, account.display_name, account.role, account.role.rights)


def end_session(session: Session, token: str, now: datetime) -> None:
    """End the session of this token, as its owner signs out; the caller commits."""
    lock_accounts(session)
    found = find_session(session, _digest(token))
    if found is not None and found[0].ended_at is None:
        found[0].ended_at = now
        _record(session, "signed_out", found[1], now)


def list_sessions(
    session: Session, member: Member, token: str, staff: StaffSettings, now: datetime
) -> tuple[OpenSession, ...]:
    """The sessions of a member that go on, the newest first; `token` is that of the session at hand."""
    here = _digest(token)
    return tuple(
        OpenSession(each.digest, each.method, each.began_at, each.last_seen_at, each.digest == here)
        for each in open_sessions(session, member.account_id)
        if _is_active(each, staff, now)
    )


def end_own_session(session: Session, member: Member, key: str, now: datetime) -> bool:
    """End one of a member's own sessions; False where they have no such session open. The caller commits."""
    lock_accounts(session)
    for each in open_sessions(session, member.account_id):
        if each.digest == key:
            each.ended_at = now
            _record(session, "session_ended", read_account(session, member.account_id), now)
            return True
    return False


def end_all_sessions(session: Session, account: Account, now: datetime, *, except_token: str | None = None) -> int:
    """End the sessions of an account, all or all but one, and return how many; the caller commits."""
    kept = _digest(except_token) if except_token else None
    ended = [each for each in open_sessions(session, account.id) if each.digest != kept]
    for each in ended:
        each.ended_at = now
    return len(ended)


def _is_active(begun: StaffSession, staff: StaffSettings, now: datetime) -> bool:
    return (
        begun.ended_at is None
        and now < begun.last_seen_at + staff.idle
        and now < begun.began_at + staff.longest_session
    )


def _touch(session: Session, digest: str, now: datetime) -> None:
    lock_accounts(session)
    touch_session(session, digest, now)
    session.commit()


def _record(session: Session, action: str, account: Account, now: datetime, **details: str) -> None:
    append_entry(session, action=action, actor=account.name, subject=account.name, details=details, now=now)


def _digest(token: str) -> str:
    """A plain digest is enough: the token is 256 bits drawn at random, so nobody tries them one by one."""
    return hashlib.sha256(token.encode()).hexdigest()

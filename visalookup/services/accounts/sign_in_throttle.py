"""Throttling of sign-in attempts, counted in the database and so shared by all processes.

Failures count against the account (NIST SP 800-63B, section 5.2.2), and here against the address too, until a sign-in
succeeds. A throttled client learns how long to wait, and its passwords are not checked until then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from visalookup.domain.agencies.client_address import subscriber_of
from visalookup.domain.errors import DomainError
from visalookup.storage.accounts.accounts import (
    failures_of_account,
    failures_of_address,
    find_account,
    insert_attempt,
    lock_accounts,
    prune_attempts,
)

WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_ACCOUNT = 5
MAX_FAILURES_PER_ADDRESS = 20


class TooManyAttempts(DomainError):
    """The next attempt is allowed only after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        minutes = -(-wait // timedelta(minutes=1))
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(
            f"There were too many failed attempts. Wait {minutes} {unit}, then try again; attempts before then are"
            " not checked."
        )

    @property
    def retry_after(self) -> str:
        """The wait in whole seconds, for the header `Retry-After` (RFC 9110, section 10.2.3)."""
        return str(-(-self.wait // timedelta(seconds=1)))


def admit_attempt(session: Session, name: str, address: str, now: datetime) -> int:
    """Record an attempt as failed, commit, and return its id for `mark_succeeded`; or raise TooManyAttempts.

    It is counted before the password is checked, so that concurrent attempts cannot evade the limit.
    """
    lock_accounts(session)
    prune_attempts(session, now - WINDOW)
    account_key, subscriber = _account_key(session, name), subscriber_of(address)
    start = now - WINDOW
    _check(failures_of_account(session, account_key, start, MAX_FAILURES_PER_ACCOUNT), MAX_FAILURES_PER_ACCOUNT, now)
    _check(failures_of_address(session, subscriber, start, MAX_FAILURES_PER_ADDRESS), MAX_FAILURES_PER_ADDRESS, now)
    attempt = insert_attempt(session, account_key, subscriber, now)
    session.commit()
    return attempt


def _check(failures: Sequence[datetime], allowed: int, now: datetime) -> None:
    if len(failures) >= allowed:
        raise TooManyAttempts(failures[allowed - 1] + WINDOW - now)


def _account_key(session: Session, name: str) -> str:
    """The key that attempts are counted under. An unknown name is hashed: it may be a password in the wrong field."""
    if find_account(session, name) is not None:
        return name
    return f"unknown:{hashlib.sha256(name.encode()).hexdigest()}"

"""How often somebody may try to sign in: counted in the database, so that all processes count together.

NIST SP 800-63B, section 5.2.2: failures count against the account, and here against the address too, until the
account is signed in to. Who has to wait is told how long, and no password is looked at meanwhile.
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
    """Somebody has to wait before the next attempt; `wait` says how long."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        minutes = -(-wait // timedelta(minutes=1))
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(
            f"There were too many failed attempts. Wait {minutes} {unit}, then try again; nothing that is tried"
            " before then is looked at."
        )

    @property
    def retry_after(self) -> str:
        """The wait in whole seconds, as `Retry-After` wants it (RFC 9110, section 10.2.3)."""
        return str(-(-self.wait // timedelta(seconds=1)))


def admit_attempt(session: Session, name: str, address: str, now: datetime) -> int:
    """Count an attempt as failed until it proves right, commit, and return its id; or raise TooManyAttempts.

    It counts before the password is looked at, so that a hundred attempts at the same moment are a hundred.
    """
    lock_accounts(session)
    prune_attempts(session, now - WINDOW)
    account_key, site = _account_key(session, name), subscriber_of(address)
    _check(
        failures_of_account(session, account_key, now - WINDOW, MAX_FAILURES_PER_ACCOUNT), MAX_FAILURES_PER_ACCOUNT, now
    )
    _check(failures_of_address(session, site, now - WINDOW, MAX_FAILURES_PER_ADDRESS), MAX_FAILURES_PER_ADDRESS, now)
    attempt = insert_attempt(session, account_key, site, now)
    session.commit()
    return attempt


def _check(failures: Sequence[datetime], allowed: int, now: datetime) -> None:
    if len(failures) >= allowed:
        raise TooManyAttempts(failures[allowed - 1] + WINDOW - now)


def _account_key(session: Session, name: str) -> str:
    """What attempts are counted under; a name that nobody has may be a password in the wrong field."""
    if find_account(session, name) is not None:
        return name
    return f"unknown:{hashlib.sha256(name.encode()).hexdigest()}"

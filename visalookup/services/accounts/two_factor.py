"""The second factor: time-based codes of an authenticator app (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp
from sqlalchemy.orm import Session

from visalookup.domain.accounts.roles import Member
from visalookup.domain.errors import InvalidValue
from visalookup.storage.accounts.accounts import lock_accounts, read_account, use_time_step
from visalookup.storage.accounts.models import Account
from visalookup.storage.audit.chain import append_entry

SECONDS_PER_STEP = 30
_MAX_DRIFT_STEPS = 1
"""How many steps the clock of the app may be ahead or behind (RFC 6238, section 6)."""
_SERVICE = "Visa Lookup"


def new_secret() -> str:
    """Draw a secret to share with an authenticator app: 160 random bits in base 32 (RFC 4226, section 4)."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, account_name: str) -> str:
    """Return the `otpauth:` URI that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name=_SERVICE)


def time_step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step of this code, at most one away from now; None if the code is wrong."""
    digits = "".join(code.split())
    current = int(now.timestamp()) // SECONDS_PER_STEP
    totp = pyotp.TOTP(secret)
    for step in range(current - _MAX_DRIFT_STEPS, current + _MAX_DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    return None


def accept_code(session: Session, account: Account, code: str, now: datetime) -> bool:
    """Use up a code: return whether it is correct and was never used before (RFC 6238, section 5.2).

    The caller has called `lock_accounts` and commits.
    """
    if account.totp_secret is None:
        return True
    step = time_step_of(account.totp_secret, code, now)
    return step is not None and use_time_step(session, account.id, step)


def turn_on(session: Session, member: Member, secret: str, code: str, now: datetime) -> None:
    """Turn on two-factor authentication; raise InvalidValue if the first code is wrong.

    The caller commits.
    """
    step = time_step_of(secret, code, now)
    if step is None:
        raise InvalidValue(
            "This is not the code the app shows now: check that the clock of the phone is right, and enter"
            " the six digits it shows."
        )
    lock_accounts(session)
    account = read_account(session, member.account_id)
    account.totp_secret, account.totp_last_step = secret, step
    _record(session, "two_factor_on", member.name, account, now)


def turn_off(session: Session, account_id: int, actor: str, now: datetime) -> None:
    """Turn off two-factor authentication; the caller has checked the right to do so, and commits."""
    lock_accounts(session)
    account = read_account(session, account_id)
    if account.totp_secret is None:
        raise InvalidValue(f"{account.name} uses no authenticator app, so there is nothing to switch off.")
    account.totp_secret = account.totp_last_step = None
    _record(session, "two_factor_off", actor, account, now)


def _record(session: Session, action: str, actor: str, account: Account, now: datetime) -> None:
    append_entry(session, action=action, actor=actor, subject=account.name, details={}, now=now)

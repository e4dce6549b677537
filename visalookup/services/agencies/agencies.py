"""Agencies: add one, say how much it may ask, shut it out, and give it keys.

A key is `vla_` and 256 random bits; only its SHA-256 digest is kept, as of a token of staff (`services.tokens`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from visalookup.domain.agencies.agency import (
    Agency,
    AgencyKey,
    NoSuchAgency,
    NoSuchKey,
    check_agency_name,
    check_may_have_another,
    check_questions,
    check_title,
)
from visalookup.domain.errors import InvalidValue, quoted
from visalookup.services.accounts.tokens import digest_of
from visalookup.storage.agencies import agencies as stored
from visalookup.storage.audit.chain import append_entry, lock_chain

PREFIX = "vla_"
"""What every key begins with, so that programs which look for lost secrets know ours."""
_BYTES = 32
_VISIBLE_LENGTH = len(PREFIX) + 6
MAX_KEY_DAYS = 3660


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which is shown once and never kept."""

    key: AgencyKey
    secret: str = field(repr=False)


def add_agency(session: Session, name: str, title: str, actor: str, now: datetime) -> Agency:
    """Add an agency; the caller commits. Raise InvalidValue for a name or title that cannot be, or is taken."""
    check_agency_name(name)
    lock_chain(session)
    if stored.agency_by_name(session, name) is not None:
        raise InvalidValue(f"There is, or was, an agency {quoted(name)}; choose another name.")
    agency = stored.add_agency(session, name, check_title(title), now)
    _record(session, "agency_added", agency, actor, now, title=agency.title)
    return agency


def list_agencies(session: Session) -> list[Agency]:
    """All agencies, by name."""
    return stored.read_agencies(session)


def agency_named(session: Session, name: str) -> Agency:
    """The agency of this name; raise NoSuchAgency."""
    agency = stored.agency_by_name(session, name)
    if agency is None:
        raise NoSuchAgency(f"There is no agency {quoted(name)}; `visalookup agency list` names them all.")
    return agency


def change_limits(
    session: Session, name: str, per_minute: int | None, per_day: int | None, actor: str, now: datetime
) -> Agency:
    """Let an agency ask so many questions, None for what is usual; the caller commits.

    Raise NoSuchAgency, or InvalidValue for a number that cannot be.
    """
    check_questions(per_minute, "a minute")
    check_questions(per_day, "a day")
    lock_chain(session)
    agency = agency_named(session, name)
    stored.set_limits(session, agency.id, per_minute, per_day)
    _record(session, "agency_limits_changed", agency, actor, now, per_minute=per_minute, per_day=per_day)
    return replace(agency, per_minute=per_minute, per_day=per_day)


def disable_agency(session: Session, name: str, actor: str, now: datetime) -> bool:
    """Let nobody in with a key of this agency; false where that was so. The caller commits."""
    return _set_disabled(session, name, True, actor, now)


def enable_agency(session: Session, name: str, actor: str, now: datetime) -> bool:
    """Let the keys of this agency be good again; false where they were. The caller commits."""
    return _set_disabled(session, name, False, actor, now)


def issue_key(session: Session, name: str, days: int | None, actor: str, now: datetime) -> IssuedKey:
    """Make a key that is good for so many days, or until it is revoked; the caller commits.

    Raise NoSuchAgency, or InvalidValue where the agency has two that are good already.
    """
    if days is not None and not 1 <= days <= MAX_KEY_DAYS:
        raise InvalidValue(f"Write 1 to {MAX_KEY_DAYS} days, or nothing for a key without an end.")
    lock_chain(session)
    agency = agency_named(session, name)
    check_may_have_another(stored.count_live_keys(session, agency.id, now), name)
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    expires_at = None if days is None else now + timedelta(days=days)
    key = stored.add_key(session, agency, secret[:_VISIBLE_LENGTH], digest_of(secret), expires_at, now)
    _record(session, "agency_key_issued", agency, actor, now, key=key.beginning, expires_at=expires_at)
    return IssuedKey(key, secret)


def list_keys(session: Session, agency: Agency | None = None) -> list[AgencyKey]:
    """The keys of an agency, or of all; the newest first."""
    return stored.read_keys(session, agency.id if agency else None)


def revoke_key(session: Session, name: str, key_id: int, actor: str, now: datetime) -> AgencyKey:
    """Take a key back; the caller commits. One that was revoked before stays as it is.

    Raise NoSuchAgency or NoSuchKey.
    """
    lock_chain(session)
    agency = agency_named(session, name)
    key = next((each for each in stored.read_keys(session, agency.id) if each.id == key_id), None)
    if key is None:
        raise NoSuchKey(f"{name} has no key {key_id}; `visalookup agency key list {name}` names them all.")
    if not stored.revoke_key(session, key.id, now):
        return key
    _record(session, "agency_key_revoked", agency, actor, now, key=key.beginning)
    return replace(key, revoked_at=now)


def _set_disabled(session: Session, name: str, disabled: bool, actor: str, now: datetime) -> bool:
    lock_chain(session)
    agency = agency_named(session, name)
    if (agency.disabled_at is not None) is disabled:
        return False
    stored.set_disabled(session, agency.id, now if disabled else None)
    _record(session, "agency_disabled" if disabled else "agency_enabled", agency, actor, now)
    return True


def _record(session: Session, action: str, agency: Agency, actor: str, now: datetime, **details: Any) -> None:
    append_entry(session, action=action, actor=actor, subject=agency.name, details=details, now=now)

"""Agencies: add them, set their limits, disable them, and issue their keys.

A key is `vla_` and 256 random bits; only its SHA-256 digest is stored, as for a token (`services.accounts.tokens`).
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
    check_agency_name,
    check_may_have_another,
    check_questions,
    check_title,
)
from visalookup.domain.errors import InvalidValue, NotFound, quoted
from visalookup.services.accounts.tokens import digest_of
from visalookup.storage.agencies import agencies as stored
from visalookup.storage.audit.chain import append_entry, lock_chain

PREFIX = "vla_"
"""The prefix of every key, by which secret scanners can recognise ours."""
_SECRET_BYTES = 32
_VISIBLE_LENGTH = len(PREFIX) + 6
MAX_KEY_DAYS = 3660


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which is shown once and never kept."""

    key: AgencyKey
    secret: str = field(repr=False)


def add_agency(session: Session, name: str, title: str, actor: str, now: datetime) -> Agency:
    """Add an agency; the caller commits. Raise InvalidValue for a malformed or taken name, or a malformed title."""
    check_agency_name(name)
    lock_chain(session)
    if stored.agency_by_name(session, name) is not None:
        raise InvalidValue(f"There is, or was, an agency {quoted(name)}; choose another name.")
    agency = stored.add_agency(session, name, check_title(title), now)
    _record(session, "agency_added", agency, actor, now, title=agency.title)
    return agency


def list_agencies(session: Session) -> list[Agency]:
    """Return all agencies, by name."""
    return stored.read_agencies(session)


def agency_named(session: Session, name: str) -> Agency:
    """Return the agency with this name; raise NotFound."""
    agency = stored.agency_by_name(session, name)
    if agency is None:
        raise NotFound(
            "agency", name, f"There is no agency {quoted(name)}", "`visalookup agency list` shows all agencies"
        )
    return agency


def change_limits(
    session: Session, name: str, per_minute: int | None, per_day: int | None, actor: str, now: datetime
) -> Agency:
    """Set how many questions an agency may ask, None for the default; the caller commits.

    Raise NotFound, or InvalidValue for a number out of range.
    """
    check_questions(per_minute, "a minute")
    check_questions(per_day, "a day")
    lock_chain(session)
    agency = agency_named(session, name)
    stored.set_limits(session, agency.id, per_minute, per_day)
    _record(session, "agency_limits_changed", agency, actor, now, per_minute=per_minute, per_day=per_day)
    return replace(agency, per_minute=per_minute, per_day=per_day)


def disable_agency(session: Session, name: str, actor: str, now: datetime) -> bool:
    """Disable an agency and its keys. Return False if it is already disabled. The caller commits."""
    return _set_disabled(session, name, True, actor, now)


def enable_agency(session: Session, name: str, actor: str, now: datetime) -> bool:
    """Enable an agency and its keys. Return False if it is not disabled. The caller commits."""
    return _set_disabled(session, name, False, actor, now)


def issue_key(session: Session, name: str, days: int | None, actor: str, now: datetime) -> IssuedKey:
    """Issue a key that is valid for `days`, or until it is revoked; the caller commits.

    Raise NotFound, or InvalidValue if the agency already has two valid keys.
    """
    if days is not None and not 1 <= days <= MAX_KEY_DAYS:
        raise InvalidValue(f"Write 1 to {MAX_KEY_DAYS} days, or nothing for a key that does not expire.")
    lock_chain(session)
    agency = agency_named(session, name)
    check_may_have_another(stored.count_live_keys(session, agency.id, now), name)
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    expires_at = None if days is None else now + timedelta(days=days)
    key = stored.add_key(session, agency, secret[:_VISIBLE_LENGTH], digest_of(secret), expires_at, now)
    _record(session, "agency_key_issued", agency, actor, now, key=key.beginning, expires_at=expires_at)
    return IssuedKey(key, secret)


def list_keys(session: Session, agency: Agency | None = None) -> list[AgencyKey]:
    """Return the keys of an agency, or of all agencies; the newest first."""
    return stored.read_keys(session, agency.id if agency else None)


def revoke_key(session: Session, name: str, key_id: int, actor: str, now: datetime) -> AgencyKey:
    """Revoke a key; the caller commits. A revoked key stays as it is.

    Raise NotFound.
    """
    lock_chain(session)
    agency = agency_named(session, name)
    key = next((candidate for candidate in stored.read_keys(session, agency.id) if candidate.id == key_id), None)
    if key is None:
        raise NotFound(
            "key", key_id, f"{name} has no key {key_id}", f"`visalookup agency key list {name}` shows its keys"
        )
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

"""Rows of agencies and their keys, which hold a digest, never a secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from visalookup.domain.agencies.agency import Agency, AgencyKey
from visalookup.storage.agencies.models import AgencyKeyRow, AgencyRow, AgencyUsage


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key, its agency, and how many questions the agency has asked on one day."""

    key: AgencyKey
    agency: Agency
    asked: int


def add_agency(session: Session, name: str, title: str, now: datetime) -> Agency:
    """Store an agency under a name that was never used before."""
    row = AgencyRow(name=name, title=title, created_at=now)
    session.add(row)
    session.flush()
    return _agency(row)


def read_agencies(session: Session) -> list[Agency]:
    """Return all agencies, by name."""
    return [_agency(row) for row in session.scalars(select(AgencyRow).order_by(AgencyRow.name))]


def agency_by_name(session: Session, name: str) -> Agency | None:
    """Return the agency with this name; None if there is none."""
    row = session.scalars(select(AgencyRow).where(AgencyRow.name == name)).one_or_none()
    return None if row is None else _agency(row)


def set_limits(session: Session, agency_id: int, per_minute: int | None, per_day: int | None) -> None:
    """Set how many questions an agency may ask."""
    query = update(AgencyRow).where(AgencyRow.id == agency_id)
    session.execute(query.values(per_minute=per_minute, per_day=per_day))


def set_disabled(session: Session, agency_id: int, disabled_at: datetime | None) -> None:
    """Disable an agency, or enable it."""
    session.execute(update(AgencyRow).where(AgencyRow.id == agency_id).values(disabled_at=disabled_at))


def add_key(
    session: Session, agency: Agency, beginning: str, digest: str, expires_at: datetime | None, now: datetime
) -> AgencyKey:
    """Store a key."""
    row = AgencyKeyRow(agency_id=agency.id, beginning=beginning, digest=digest, created_at=now, expires_at=expires_at)
    session.add(row)
    session.flush()
    return _key(row, agency.name)


def count_live_keys(session: Session, agency_id: int, now: datetime) -> int:
    """Return how many keys of an agency are valid now."""
    unexpired = or_(AgencyKeyRow.expires_at.is_(None), AgencyKeyRow.expires_at > now)
    query = select(func.count()).where(
        AgencyKeyRow.agency_id == agency_id, AgencyKeyRow.revoked_at.is_(None), unexpired
    )
    return session.execute(query).scalar_one()


def read_keys(session: Session, agency_id: int | None = None) -> list[AgencyKey]:
    """Return the keys of an agency, or of all, the newest first."""
    query = select(AgencyKeyRow, AgencyRow.name).join(AgencyRow, AgencyRow.id == AgencyKeyRow.agency_id)
    if agency_id is not None:
        query = query.where(AgencyKeyRow.agency_id == agency_id)
    return [_key(row, name) for row, name in session.execute(query.order_by(AgencyKeyRow.id.desc()))]


def revoke_key(session: Session, key_id: int, now: datetime) -> bool:
    """Revoke a key. Return False if it was already revoked."""
    query = update(AgencyKeyRow).where(AgencyKeyRow.id == key_id, AgencyKeyRow.revoked_at.is_(None))
    return bool(session.execute(query.values(revoked_at=now).returning(AgencyKeyRow.id)).all())


def key_by_digest(session: Session, digest: str, today: date) -> HeldKey | None:
    """Return the key whose secret has this digest, valid or not, with its agency's usage today; None if none."""
    query = select(AgencyKeyRow, AgencyRow).join(AgencyRow, AgencyRow.id == AgencyKeyRow.agency_id)
    found = session.execute(query.where(AgencyKeyRow.digest == digest)).one_or_none()
    if found is None:
        return None
    row, agency = found
    return HeldKey(_key(row, agency.name), _agency(agency), _asked(session, agency.id, today))


def _asked(session: Session, agency_id: int, day: date) -> int:
    keys: Sequence[int] = session.scalars(select(AgencyKeyRow.id).where(AgencyKeyRow.agency_id == agency_id)).all()
    query = select(func.coalesce(func.sum(AgencyUsage.questions), 0))
    return int(session.execute(query.where(AgencyUsage.key_id.in_(keys), AgencyUsage.day == day)).scalar_one())


def _agency(row: AgencyRow) -> Agency:
    return Agency(row.id, row.name, row.title, row.created_at, row.per_minute, row.per_day, row.disabled_at)


def _key(row: AgencyKeyRow, agency: str) -> AgencyKey:
    return AgencyKey(row.id, agency, row.beginning, row.created_at, row.expires_at, row.revoked_at)

"""Tables of agencies, their keys, and the usage of each key."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Identity, Text
from sqlalchemy.orm import Mapped, mapped_column

from visalookup.storage.models import Base, Instant, RowId


class AgencyRow(Base):
    """An organisation whose programs use our API. Never deleted, so that no name is reused."""

    __tablename__ = "agency"
    __table_args__ = (CheckConstraint("per_minute > 0 AND per_day > 0", name="may_ask"),)

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    per_minute: Mapped[int | None]
    per_day: Mapped[int | None]
    """How many questions are allowed; NULL for the default."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class AgencyKeyRow(Base):
    """A key of an agency; only its digest and its first characters are stored."""

    __tablename__ = "agency_key"

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    beginning: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class AgencyUsage(Base):
    """The usage of a key on one day in UTC."""

    __tablename__ = "agency_usage"

    key_id: Mapped[int] = mapped_column(ForeignKey("agency_key.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    requests: Mapped[int] = mapped_column(BigInteger)
    questions: Mapped[int] = mapped_column(BigInteger)

"""Tables of staff accounts, their sessions and tokens, and sign-in attempts.

Unlike the ledger, these rows change: a session ends, a password is replaced. The audit trail records such changes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from visalookup.domain.accounts.roles import Role
from visalookup.storage.models import Base, Instant, RowId, enumerated


class SignInMethod(StrEnum):
    """How a member authenticated."""

    PASSWORD = "password"  # noqa: S105 - a name, not a password
    SINGLE_SIGN_ON = "single_sign_on"


class Account(Base):
    """A member of staff. Without a password hash they can use single sign-on only."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="identity_is_whole"),
    )

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    """The name for signing in and in all records; lower case, and never reused for another person."""
    display_name: Mapped[str] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(enumerated(Role, "role"))
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_last_step: Mapped[int | None]
    """The time step of the last accepted code: no code works twice (RFC 6238, section 5.2)."""
    issuer: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    """The identity at the identity provider (OpenID Connect Core, section 2: `iss` and `sub`)."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class StaffSession(Base):
    """A session, identified by the digest of the token in the browser's cookie."""

    __tablename__ = "staff_session"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    method: Mapped[SignInMethod] = mapped_column(enumerated(SignInMethod, "sign_in_method"))
    began_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInAttempt(Base):
    """A sign-in attempt, kept as long as it counts towards the limits."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account_name", "account_name", "attempted_at"),
        Index("ix_sign_in_attempt_address", "address", "attempted_at"),
    )

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    account_name: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    attempted_at: Mapped[datetime] = mapped_column(Instant)
    succeeded: Mapped[bool]


class ApiToken(Base):
    """An API token for scripts of a member of staff; only its digest is stored."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text, unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)

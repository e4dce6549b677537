"""Rows of API tokens, which hold a digest, never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from visalookup.domain.accounts.roles import Member, Right
from visalookup.domain.accounts.tokens import Token, TokenOrder, expiry
from visalookup.storage.accounts.models import Account, ApiToken
from visalookup.storage.engine import begin_writing

MIN_INTERVAL_BETWEEN_USES = timedelta(minutes=1)
"""The use of a token is recorded at most this often."""


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token and its holder, with all rights of the holder's role."""

    token: Token
    holder: Member
    holder_disabled: bool


def has_token_named(session: Session, account_id: int, name: str) -> bool:
    """Return whether the account has, or had, a token with this name."""
    query = select(ApiToken.id).where(ApiToken.account_id == account_id, ApiToken.name == name)
    return session.execute(query).first() is not None


def add_token(session: Session, owner: Member, order: TokenOrder, digest: str, now: datetime) -> Token:
    """Store a token under a name that the owner has not used before."""
    row = ApiToken(
        account_id=owner.account_id,
        name=order.name,
        digest=digest,
        scopes=sorted(order.scopes),
        created_at=now,
        expires_at=expiry(order, now),
    )
    session.add(row)
    session.flush()
    return _token(row, owner.name)


def read_tokens(session: Session, account_id: int | None = None) -> list[Token]:
    """Return the tokens of an account, or of all, the newest first."""
    query = _select_held().order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
    if account_id is not None:
        query = query.where(ApiToken.account_id == account_id)
    return [_token(row, account.name) for row, account in session.execute(query)]


def token_by_digest(session: Session, digest: str) -> HeldToken | None:
    """Return the token whose secret has this digest, usable or not; None if there is none.

    The lookup is by digest, not by secret, so its timing reveals nothing about a secret.
    """
    return _one(session, _select_held().where(ApiToken.digest == digest))


def token_by_id(session: Session, token_id: int) -> HeldToken | None:
    """Return the token with this number; None if there is none."""
    return _one(session, _select_held().where(ApiToken.id == token_id))


def token_by_name(session: Session, owner: str, name: str) -> HeldToken | None:
    """Return an account's token by name; None if there is none."""
    return _one(session, _select_held().where(Account.name == owner, ApiToken.name == name))


def revoke(session: Session, token_id: int, now: datetime) -> bool:
    """Revoke a token. Return False if it was already revoked."""
    query = update(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
    return bool(session.execute(query.values(revoked_at=now).returning(ApiToken.id)).all())


def note_use(session: Session, token: Token, now: datetime) -> None:
    """Record when a token was last used, unless that was recorded within the last minute.

    It commits immediately, in a separate transaction that starts as a write: on SQLite, a transaction that starts
    with a read may be unable to write later.
    """
    latest = now - MIN_INTERVAL_BETWEEN_USES
    if token.last_used_at is not None and token.last_used_at > latest:
        return
    begin_writing(session)
    is_outdated = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= latest)
    session.execute(update(ApiToken).where(ApiToken.id == token.id, is_outdated).values(last_used_at=now))
    session.commit()


def _select_held() -> Select[ApiToken, Account]:
    return select(ApiToken, Account).join(Account, Account.id == ApiToken.account_id)


def _one(session: Session, query: Select[ApiToken, Account]) -> HeldToken | None:
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, account = found
    holder = Member(account.id, account.name, account.display_name, account.role, account.role.rights)
    return HeldToken(_token(row, account.name), holder, account.disabled_at is not None)


def _token(row: ApiToken, owner: str) -> Token:
    return Token(
        id=row.id,
        owner=owner,
        name=row.name,
        scopes=frozenset(Right(scope) for scope in row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )

"""API tokens for scripts of staff: issue, list, revoke, and find the holder.

A secret is `vl_` and 256 random bits. Only its SHA-256 digest is stored: 256 random bits cannot be guessed, so the
slow, salted hash that passwords need would add no protection and slow down each request.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.accounts.roles import Member, Right
from visalookup.domain.accounts.tokens import Token, TokenStatus, UnusableToken, checked_order
from visalookup.domain.errors import InvalidValue, NotFound, quoted
from visalookup.services.accounts.accounts import account_named
from visalookup.services.accounts.staff_sessions import member_of
from visalookup.storage.accounts import tokens as stored
from visalookup.storage.accounts.tokens import HeldToken
from visalookup.storage.audit.chain import append_entry, lock_chain

PREFIX = "vl_"
"""The prefix of every secret, by which secret scanners can recognise ours."""
_SECRET_BYTES = 32


class TokenRefused(Exception):
    """The token gives no access; the message says why and what to do."""


class UnknownToken(TokenRefused):
    """No token has this secret."""


class ExpiredToken(TokenRefused):
    """The token has expired."""


class RevokedToken(TokenRefused):
    """The token was revoked."""


class HolderDisabled(TokenRefused):
    """The account of the token's owner is disabled."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its secret, which is shown once and never kept."""

    token: Token
    secret: str = field(repr=False)


def issue_token(
    session: Session,
    owner: Member,
    name: str,
    scopes: Collection[str],
    days: int,
    now: datetime,
    actor: str | None = None,
) -> IssuedToken:
    """Issue a token; the caller commits. `actor` is who issued it, if that is not the owner.

    Raise UnusableToken with what is wrong with the name, the scopes or the days.
    """
    order = checked_order(name, scopes, days, owner.role)
    lock_chain(session)
    if stored.has_token_named(session, owner.account_id, order.name):
        raise UnusableToken({"name": "This account has, or had, a token of that name; choose another name."})
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    token = stored.add_token(session, owner, order, digest_of(secret), now)
    details = {"token": token.name, "scopes": sorted(token.scopes), "expires_at": token.expires_at}
    append_entry(
        session, action="token_issued", actor=actor or owner.name, subject=owner.name, details=details, now=now
    )
    return IssuedToken(token, secret)


def owner_named(session: Session, name: str) -> Member:
    """Return the member of staff with this name, as the owner of tokens.

    Raise NotFound, or InvalidValue if the account is disabled.
    """
    account = account_named(session, name)
    if account.disabled_at is not None:
        raise InvalidValue(f"The account {account.name} is disabled, so its tokens do not work; enable it first.")
    return member_of(account)


def list_tokens(session: Session, owner: Member | None = None) -> list[Token]:
    """Return the tokens of one member, or of all; the newest first."""
    return stored.read_tokens(session, owner.account_id if owner else None)


def revoke_token(session: Session, token_id: int, member: Member, now: datetime) -> Token:
    """Revoke a token: one's own, or, with the right to administer, anyone's. The caller commits.

    Raise NotFound for a token that does not exist or is not theirs. A revoked token stays as it is.
    """
    lock_chain(session)
    held = stored.token_by_id(session, token_id)
    if held is None or not _may_revoke(member, held):
        raise NotFound(
            "token", token_id, "There is no such token among those you may revoke", "choose one from the list"
        )
    return _revoke(session, held, member.name, now)


def revoke_token_named(session: Session, owner: str, name: str, actor: str, now: datetime) -> Token:
    """Revoke an account's token by name, on behalf of `actor`; the caller commits. Raise NotFound."""
    lock_chain(session)
    held = stored.token_by_name(session, owner, name)
    if held is None:
        raise NotFound(
            "token", name, f"{quoted(owner)} has no token named {quoted(name)}", "`visalookup token list` shows them"
        )
    return _revoke(session, held, actor, now)


def member_of_token(session: Session, secret: str, now: datetime) -> Member:
    """Return the holder of a token, with the rights that both their role and the token's scopes give now.

    The time of use is written and committed, at most once a minute. Raise UnknownToken, ExpiredToken,
    RevokedToken or HolderDisabled.
    """
    held = stored.token_by_digest(session, digest_of(secret))
    if held is None:
        raise UnknownToken("No token has this secret; use the whole text as it was shown when it was made.")
    _refuse_unusable(held, now)
    stored.note_use(session, held.token, now)
    return replace(held.holder, rights=held.holder.rights & held.token.scopes)


def _refuse_unusable(held: HeldToken, now: datetime) -> None:
    match held.token.status(now):
        case TokenStatus.REVOKED:
            raise RevokedToken("This token was revoked; use another, or make one at /staff/account/tokens.")
        case TokenStatus.EXPIRED:
            raise ExpiredToken("This token has expired; use a new one, made at /staff/account/tokens.")
        case TokenStatus.USABLE if held.holder_disabled:
            raise HolderDisabled("The account of this token is disabled; use another token.")


def _may_revoke(member: Member, held: HeldToken) -> bool:
    return member.account_id == held.holder.account_id or member.may(Right.ADMINISTER)


def _revoke(session: Session, held: HeldToken, actor: str, now: datetime) -> Token:
    if not stored.revoke(session, held.token.id, now):
        return held.token
    append_entry(
        session,
        action="token_revoked",
        actor=actor,
        subject=held.token.owner,
        details={"token": held.token.name},
        now=now,
    )
    return replace(held.token, revoked_at=now)


def digest_of(secret: str) -> str:
    """Return the SHA-256 digest of a secret, which is all that is stored of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

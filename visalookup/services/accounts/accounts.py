"""Manage staff accounts and their roles. The caller commits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from visalookup.domain.accounts.names import check_account_name, check_display_name
from visalookup.domain.accounts.passwords import check_password
from visalookup.domain.accounts.roles import Member, Role
from visalookup.domain.changes.proposals import NotAllowed
from visalookup.domain.errors import InvalidValue, NotFound, quoted
from visalookup.services.accounts.passwords import hash_password
from visalookup.services.accounts.staff_sessions import end_all_sessions
from visalookup.storage.accounts.accounts import (
    AccountSummary,
    count_administrators_besides,
    find_account,
    insert_account,
    lock_accounts,
    summarise_accounts,
)
from visalookup.storage.accounts.models import Account
from visalookup.storage.audit.chain import append_entry


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's identity at an identity provider (OpenID Connect Core, section 2: `iss` and `sub`)."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to add. It signs in with a password, or through single sign-on as `identity`."""

    name: str
    display_name: str
    role: Role
    password: str | None = field(default=None, repr=False)
    identity: Identity | None = None


def add_account(session: Session, new: NewAccount, actor: str, now: datetime) -> Account:
    """Add an account; raise InvalidValue for a taken or malformed name, or a weak password."""
    name, display_name = check_account_name(new.name), check_display_name(new.display_name)
    if (new.password is None) == (new.identity is None):
        raise InvalidValue("An account has either a password or an identity at the identity provider.")
    hashed = hash_password(check_password(new.password, name)) if new.password is not None else None
    lock_accounts(session)
    if find_account(session, name) is not None:
        raise InvalidValue(f"There is already an account {quoted(name)}: choose another name.")
    account = Account(
        name=name,
        display_name=display_name,
        role=new.role,
        password_hash=hashed,
        issuer=new.identity.issuer if new.identity else None,
        subject=new.identity.subject if new.identity else None,
        created_at=now,
    )
    insert_account(session, account)
    _record(session, "account_added", actor, account, now, role=new.role.value, display_name=display_name)
    return account


def list_accounts(session: Session) -> list[AccountSummary]:
    """All accounts by name."""
    return summarise_accounts(session)


def check_is_another(member: Member, name: str) -> None:
    """Raise NotAllowed if the account is the member's own."""
    if member.name == name:
        raise NotAllowed("This is your own account: ask another administrator to change it.")


def change_role(session: Session, name: str, role: Role, actor: str, now: datetime) -> bool:
    """Change the role of an account. Return False if it already has that role."""
    account = _locked(session, name)
    if account.role == role:
        return False
    _check_other_administrator(session, account)
    before, account.role = account.role, role
    _record(session, "role_changed", actor, account, now, before=before.value, after=role.value)
    return True


def disable_account(session: Session, name: str, actor: str, now: datetime) -> bool:
    """Disable an account and end its sessions. Return False if it is already disabled."""
    account = _locked(session, name)
    if account.disabled_at is not None:
        return False
    _check_other_administrator(session, account)
    account.disabled_at = now
    ended = end_all_sessions(session, account, now)
    _record(session, "account_disabled", actor, account, now, sessions_ended=ended)
    return True


def enable_account(session: Session, name: str, actor: str, now: datetime) -> bool:
    """Enable a disabled account. Return False if it is not disabled."""
    account = _locked(session, name)
    if account.disabled_at is None:
        return False
    account.disabled_at = None
    _record(session, "account_enabled", actor, account, now)
    return True


def set_password(
    session: Session, name: str, password: str, actor: str, now: datetime, *, kept_token: str | None = None
) -> None:
    """Change the password of an account and end its sessions, except the one of `kept_token`.

    Raise InvalidValue for a weak password, and for an account that uses single sign-on.
    """
    hashed = hash_password(check_password(password, name))
    account = _locked(session, name)
    if account.issuer is not None:
        raise InvalidValue(f"{name} signs in by single sign-on: change the password at the identity provider.")
    account.password_hash = hashed
    ended = end_all_sessions(session, account, now, except_token=kept_token)
    _record(session, "password_changed", actor, account, now, sessions_ended=ended)


def account_named(session: Session, name: str) -> Account:
    """Return the account with this name; raise NotFound."""
    account = find_account(session, name) if name.isprintable() else None
    if account is None:
        raise NotFound(
            "account", name, f"No account is named {quoted(name)}", "`visalookup user list` shows all accounts"
        )
    return account


def _locked(session: Session, name: str) -> Account:
    lock_accounts(session)
    return account_named(session, name)


def _check_other_administrator(session: Session, account: Account) -> None:
    if account.role != Role.ADMINISTRATOR or account.disabled_at is not None:
        return
    if count_administrators_besides(session, account.id) == 0:
        raise NotAllowed(f"{account.name} is the last administrator: make another account one first.")


def _record(session: Session, action: str, actor: str, account: Account, now: datetime, **details: Any) -> None:
    append_entry(session, action=action, actor=actor, subject=account.name, details=details, now=now)

"""Single sign-on: create the account on the first sign-in, and keep it up to date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from visalookup.domain.accounts.identities import Person, free_name
from visalookup.domain.errors import DomainError
from visalookup.services.accounts.sign_in import SignedIn
from visalookup.services.accounts.staff_sessions import begin_session, member_of
from visalookup.storage.accounts.accounts import insert_account, lock_accounts
from visalookup.storage.accounts.identities import account_names_starting_with, find_account_by_identity
from visalookup.storage.accounts.models import Account, SignInMethod
from visalookup.storage.audit.chain import append_entry

PROVIDER = "identity provider"
"""The actor in the audit trail where a sign-in created an account or changed its role."""


class AccountDisabled(DomainError):
    """The provider authenticated a person whose account here is disabled."""

    def __init__(self) -> None:
        super().__init__("Your account here is disabled. Ask an administrator of this service to enable it.")


def sign_in_person(session: Session, person: Person, now: datetime) -> SignedIn:
    """Start a session for this person; it commits.

    An account is found by issuer and subject only: a name or an e-mail address can pass to another person. The
    role is the one the provider gives now. Raise AccountDisabled.
    """
    lock_accounts(session)
    account = find_account_by_identity(session, person.issuer, person.subject)
    if account is not None and account.disabled_at is not None:
        _record(session, "sign_in_failed", account, account.name, now, reason="disabled")
        session.commit()
        raise AccountDisabled
    if account is None:
        account = _add(session, person, now)
    else:
        _update(session, account, person, now)
    token = begin_session(session, account.id, SignInMethod.SINGLE_SIGN_ON, now)
    signed_in = SignedIn(member_of(account), token)
    session.commit()
    return signed_in


def record_person_without_role(session: Session, issuer: str, subject: str, now: datetime) -> None:
    """Record in the audit trail that a person was refused because the provider gives them no role; it commits.

    People without an account are not recorded: there may be any number of them.
    """
    lock_accounts(session)
    account = find_account_by_identity(session, issuer, subject)
    if account is not None:
        _record(session, "sign_in_failed", account, account.name, now, reason="no_role")
    session.commit()


def _add(session: Session, person: Person, now: datetime) -> Account:
    name = free_name(person.wished_name, account_names_starting_with(session, person.wished_name.partition("@")[0]))
    account = Account(
        name=name,
        display_name=person.display_name,
        role=person.role,
        issuer=person.issuer,
        subject=person.subject,
        created_at=now,
    )
    insert_account(session, account)
    details = {"role": account.role.value, "display_name": account.display_name, "issuer": person.issuer}
    _record(session, "account_added", account, PROVIDER, now, **details)
    return account


def _update(session: Session, account: Account, person: Person, now: datetime) -> None:
    if account.role != person.role:
        before, account.role = account.role, person.role
        changed = {"before": before.value, "after": person.role.value}
        _record(session, "role_changed", account, PROVIDER, now, **changed)
    if account.display_name != person.display_name:
        renamed = {"before": account.display_name, "after": person.display_name}
        account.display_name = person.display_name
        _record(session, "display_name_changed", account, PROVIDER, now, **renamed)


def _record(session: Session, action: str, account: Account, actor: str, now: datetime, **details: Any) -> None:
    details = {**details, "method": SignInMethod.SINGLE_SIGN_ON.value}
    append_entry(session, action=action, actor=actor, subject=account.name, details=details, now=now)

"""Accounts by identity at the identity provider."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from visalookup.storage.accounts.models import Account


def find_account_by_identity(session: Session, issuer: str, subject: str) -> Account | None:
    """Return the account with this issuer and subject, if any."""
    return session.scalar(select(Account).where(Account.issuer == issuer, Account.subject == subject))


def account_names_starting_with(session: Session, prefix: str) -> set[str]:
    """Return the names of accounts that start with a text."""
    return set(session.scalars(select(Account.name).where(Account.name.startswith(prefix, autoescape=True))))

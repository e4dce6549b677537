"""Accounts by who somebody is at the identity provider."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from visalookup.storage.accounts.models import Account


def find_account_by_identity(session: Session, issuer: str, subject: str) -> Account | None:
    """The account of whom this issuer knows by this subject."""
    return session.scalar(select(Account).where(Account.issuer == issuer, Account.subject == subject))


def account_names_starting_with(session: Session, beginning: str) -> set[str]:
    """The names of accounts that begin so."""
    return set(session.scalars(select(Account.name).where(Account.name.startswith(beginning, autoescape=True))))

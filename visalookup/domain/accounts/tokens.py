"""Tokens with which scripts of staff use the JSON interface: what they may do, and until when."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from visalookup.domain.accounts.roles import Right, Role
from visalookup.domain.errors import DomainError, quoted

SCOPES = (Right.READ, Right.PROPOSE, Right.PUBLISH)
"""What a token may be for; looking after accounts stays with people."""
USUAL_DAYS = 90
LONGEST_DAYS = 366
"""Days a token lives: usually, and at most."""
LONGEST_NAME = 60

_WELL_FORMED_NAME = re.compile(r"[^\W_](?:[\w .:@/-]*\w)?")


class UnusableToken(DomainError):
    """What was asked of a new token cannot be; `faults` names each field at fault: name, scopes, days."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(" ".join(self.faults.values()))


class TokenStatus(StrEnum):
    """Whether a token is good."""

    USABLE = "usable"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """What is asked of a new token: its name, its scopes, and how many days it lives."""

    name: str
    scopes: frozenset[Right]
    days: int


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it: everything but the secret, which is not stored."""

    id: int
    owner: str
    name: str
    scopes: frozenset[Right]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def status(self, now: datetime) -> TokenStatus:
        """Whether it is good at this moment; it is good before `expires_at`, not at it."""
        if self.revoked_at is not None:
            return TokenStatus.REVOKED
        return TokenStatus.USABLE if now < self.expires_at else TokenStatus.EXPIRED


def checked_order(name: str, scopes: Collection[str], days: int, role: Role) -> TokenOrder:
    """What a person of this role may be given; raise UnusableToken with every field at fault."""
    name = name.strip()
    found = {
        "name": _fault_of_name(name),
        "scopes": _fault_of_scopes(scopes, role),
        "days": None if 1 <= days <= LONGEST_DAYS else f"Write 1 to {LONGEST_DAYS} days.",
    }
    faults = {field: fault for field, fault in found.items() if fault}
    if faults:
        raise UnusableToken(faults)
    return TokenOrder(name, frozenset(Right(scope) for scope in scopes), days)


def _fault_of_name(name: str) -> str | None:
    if not name:
        return "Write a name that says what the token is for."
    if len(name) > LONGEST_NAME:
        return f"Write a name of at most {LONGEST_NAME} characters."
    if not _WELL_FORMED_NAME.fullmatch(name):
        return "Write a name of letters, digits, spaces and . : @ / - _, beginning with a letter or digit."
    return None


def _fault_of_scopes(scopes: Collection[str], role: Role) -> str | None:
    offered = scopes_of(role)
    if not scopes:
        return f"Choose at least one scope: {_listed(offered)}."
    for scope in scopes:
        if scope not in SCOPES:
            return f"There is no scope {quoted(scope)}; choose from {_listed(offered)}."
        if scope not in offered:
            return f"A token cannot do more than its owner: as {role} choose from {_listed(offered)}."
    return None


def _listed(scopes: Collection[Right]) -> str:
    return ", ".join(scopes)


def scopes_of(role: Role) -> tuple[Right, ...]:
    """The scopes that a person of this role may give a token."""
    return tuple(scope for scope in SCOPES if scope in role.rights)


def expiry(order: TokenOrder, now: datetime) -> datetime:
    """When the token ends: so many days of 24 hours from now."""
    return now + timedelta(days=order.days)

"""A person's identity at an identity provider, and the role it gives them here (OpenID Connect Core, section 5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from visalookup.domain.accounts.roles import Role
from visalookup.domain.errors import DomainError

Claims = Mapping[str, Any]
"""What a provider states about a person, by the name of the claim."""

_LONGEST_NAME = 60
_LONGEST_DISPLAY_NAME = 100
_NAMING = ("preferred_username", "email")
_DISPLAYING = ("name", "preferred_username", "email")


class NoRole(DomainError):
    """The provider knows the person, but states nothing that makes them a member of staff."""

    def __init__(self, claim: str) -> None:
        super().__init__(
            f"Your identity provider says who you are, but its claim “{claim}” names no role in this service. Ask"
            " an administrator of this service which group or role you need, and have it given to you there."
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A person the provider vouches for, and the role that gives them."""

    issuer: str
    subject: str
    wished_name: str
    display_name: str
    role: Role


def person_of(claims: Claims, role_claim: str, roles: Mapping[str, Role]) -> Person:
    """Whom these claims are about; `roles` says which value of the claim stands for which role.

    The highest role wins. Raise NoRole where no value stands for one.
    """
    found = [roles[value] for value in values_of(claims, role_claim) if value in roles]
    if not found:
        raise NoRole(role_claim)
    return Person(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        wished_name=_account_name(_first(claims, _NAMING)),
        display_name=_display_name(_first(claims, _DISPLAYING)),
        role=max(found, key=list(Role).index),
    )


def values_of(claims: Claims, name: str) -> tuple[str, ...]:
    """The values of a claim that is a text or a list of texts.

    A claim that is not there by its whole name is looked for along its dots: some providers put `roles` in
    `realm_access`.
    """
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    values = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return tuple(value for value in values if isinstance(value, str))


def says_enough(claims: Claims, role_claim: str) -> bool:
    """Whether the claims name a role and a person, so that the provider need not be asked for more."""
    return bool(values_of(claims, role_claim)) and any(isinstance(claims.get(claim), str) for claim in _NAMING)


def free_name(wished: str, taken: Collection[str]) -> str:
    """The preferred name, or the first of name-2, name-3, ... that is free."""
    if wished not in taken:
        return wished
    return next(name for number in count(2) if (name := _numbered(wished, number)) not in taken)


def _numbered(name: str, number: int) -> str:
    words, at, host = name.partition("@")
    return f"{words}-{number}{at}{host}"


def _first(claims: Claims, names: Collection[str]) -> str:
    return next((text for name in names if isinstance(text := claims.get(name), str) and text.strip()), "")


def _account_name(text: str) -> str:
    """The text as an account's name: lower case, letters and digits of ASCII, single marks between them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words, _, host = plain.strip().partition("@")
    words, host = _joined(words, "._+-"), _joined(host, ".-")
    name = f"{words}@{host}" if words and host else words
    return name if 0 < len(name) <= _LONGEST_NAME else _joined(words[:_LONGEST_NAME], "._+-") or "member"


def _joined(text: str, marks: str) -> str:
    """What is left of the text when all but letters, digits and single marks between them is a hyphen."""
    marked = re.sub(rf"[^a-z0-9{re.escape(marks)}]+", "-", text)
    single = re.sub(rf"([{re.escape(marks)}])[{re.escape(marks)}]+", r"\1", marked)
    return single.strip(marks)


def _display_name(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:_LONGEST_DISPLAY_NAME].strip() or "Member of staff"

"""Members of staff: their roles, and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """Something a member of staff, or a token of theirs, may do."""

    READ = "read"
    """See the console: proposals, history, what needs a person."""
    PROPOSE = "propose"
    """Propose a change, and take back one's own."""
    PUBLISH = "publish"
    """Publish what another person proposed, or return it."""
    ADMINISTER = "administer"
    """Look after accounts, everybody's tokens, and agencies."""


class Role(StrEnum):
    """What a member of staff is here to do."""

    EDITOR = "editor"
    PUBLISHER = "publisher"
    ADMINISTRATOR = "administrator"

    @property
    def rights(self) -> frozenset[Right]:
        """What the role may do."""
        return RIGHTS[self]


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.EDITOR: frozenset({Right.READ, Right.PROPOSE}),
    Role.PUBLISHER: frozenset({Right.READ, Right.PROPOSE, Right.PUBLISH}),
    Role.ADMINISTRATOR: frozenset(Right),
}
"""Each role may do what the one before it may, and more."""


@dataclass(frozen=True, slots=True)
class Member:
    """Who acts: a member of staff at the console, or a script with a token of theirs.

    `rights` are those of the role, cut down to the scopes of the token where a script acts.
    """

    account_id: int
    name: str
    display_name: str
    role: Role
    rights: frozenset[Right]

    def may(self, right: Right) -> bool:
        """Whether they have this right."""
        return right in self.rights

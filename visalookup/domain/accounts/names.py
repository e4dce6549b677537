"""Names that members of staff sign in with, and by which the record knows them."""

from __future__ import annotations

import re

from visalookup.domain.errors import InvalidValue, quoted

_WORDS = r"[a-z0-9]+(?:[._+-][a-z0-9]+)*"
_NAME = re.compile(rf"{_WORDS}(?:@[a-z0-9]+(?:[.-][a-z0-9]+)*)?")
_LONGEST = 100


def check_account_name(text: str) -> str:
    """The text, if it can name an account; raise InvalidValue otherwise."""
    if len(text) > _LONGEST or not _NAME.fullmatch(text):
        raise InvalidValue(
            f"{quoted(text)} cannot be an account's name: use lower case letters and digits, with single dots,"
            " hyphens or underscores between them, or an e-mail address."
        )
    return text


def typed_name(text: str) -> str:
    """The name that is meant when it is typed with capitals or blanks around it; invisible characters are left out."""
    return "".join(character for character in text if character.isprintable()).strip().lower()


def check_display_name(text: str) -> str:
    """The name that pages show, with single blanks; raise InvalidValue where it is empty or too long."""
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise InvalidValue(f"Write the name of the person as pages show it, in 1 to {_LONGEST} characters.")
    return name

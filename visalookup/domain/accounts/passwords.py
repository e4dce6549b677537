"""Which passwords members of staff may choose: NIST SP 800-63B, section 5.1.1.2.

Long enough, and not among those that are guessed first. No mixture of kinds of characters is demanded, no password
expires, and any character counts.
"""

from __future__ import annotations

import re
import unicodedata

from visalookup.domain.errors import InvalidValue

SHORTEST = 12
LONGEST = 500
_SHORTEST_NAME = 3

_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "01234567890123456789",
    "98765432109876543210",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
"""Rows of keys and of the alphabet, along which passwords are guessed."""

_GUESSED_FIRST = """
    password password1 password12 password123 password1234 password12345 password123456 passw0rd p@ssw0rd
    passwort passwort123 motdepasse contrasena administrator administrator1 administrator123 admin
    admin123 adminadmin letmein letmein123 letmeinplease changeme changeme123 changemenow welcome
    welcome123 welcome12345 qwerty123456 qwertyuiop123 iloveyou iloveyou123 iloveyouforever
    trustno1trustno1 unbelievable christopher correcthorsebatterystaple thisismypassword mypassword
    mypassword1 mypassword123 secretpassword supersecret nopassword defaultpassword temporarypassword
    newpassword newpassword1 newpassword123 liverpoolfc manchesterunited visalookup visalookup1
    visalookup12 visalookup123 visalookup1234 visa-lookup visarequired visafree
"""
_COMMON = frozenset(_GUESSED_FIRST.split())
"""Passwords that are guessed first, in lower case and without blanks; those below twelve count when repeated."""


def canonical_password(text: str) -> str:
    """The password as it is hashed: in one normal form of Unicode, independent of the keyboard (section 5.1.1.2)."""
    return unicodedata.normalize("NFKC", text)


def check_password(text: str, account_name: str) -> str:
    """The password in canonical form; raise InvalidValue, saying why, for one that is too easy to guess."""
    password = canonical_password(text)
    if len(password) < SHORTEST:
        raise InvalidValue(f"The password is too short: use at least {SHORTEST} characters, such as four words.")
    if len(password) > LONGEST:
        raise InvalidValue(f"The password is too long: use at most {LONGEST} characters.")
    weakness = _weakness("".join(password.lower().split()), account_name)
    if weakness:
        raise InvalidValue(f"The password {weakness}: choose another, such as four words without a connection.")
    return password


def _weakness(password: str, account_name: str) -> str | None:
    unit = _repeated(password)
    if len(unit) < SHORTEST // 2:
        return "repeats the same few characters"
    if unit in _COMMON or unit.rstrip("0123456789!.?") in _COMMON:
        return "is among the commonest, which are guessed first"
    if _is_run(unit):
        return "follows the alphabet or a row of keys"
    if _is_made_of_name(password, account_name):
        return "is made of the account's name"
    return None


def _repeated(text: str) -> str:
    """The shortest text of which this one is a repetition; itself where it repeats nothing."""
    for length in range(1, len(text) // 2 + 1):
        if (text[:length] * (len(text) // length + 1))[: len(text)] == text:
            return text[:length]
    return text


def _is_run(text: str) -> bool:
    return any(text in run or text[::-1] in run for run in _RUNS)


def _is_made_of_name(password: str, account_name: str) -> bool:
    """Whether little is left once the account's name, or a word of it, is taken away."""
    names = (account_name, *re.split(r"[^a-z0-9]+", account_name))
    return any(
        len(name) >= _SHORTEST_NAME and name in password and len(password.replace(name, "")) < SHORTEST // 2
        for name in names
    )

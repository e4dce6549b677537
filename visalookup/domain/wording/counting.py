"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural where it takes one: "1 rule", "2 timeline entries"."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """A noun of ours in the plural."""
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"

"""What the domain refuses, in words a person can act on."""

from __future__ import annotations

_LONGEST_QUOTED = 60


def quoted(text: str) -> str:
    """A value as a refusal names it: in quotes, and not longer than one reads."""
    return repr(text if len(text) <= _LONGEST_QUOTED else f"{text[: _LONGEST_QUOTED - 1]}…")


class DomainError(Exception):
    """A rule of the domain was broken; the message says which and what to do."""


class InvalidValue(DomainError):
    """A value that cannot be what its field means."""


class NotFound(DomainError):
    """There is no such record, or none that the person may see: what was looked for, its id if one was given."""

    def __init__(self, noun: str, id_: str | int | None, fault: str, advice: str) -> None:
        super().__init__(f"{fault}; {advice}.")
        self.noun = noun
        self.id = id_


class StepRefused(DomainError):
    """A regime cannot take this step of its lifecycle from where it stands."""

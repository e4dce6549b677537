"""What the domain refuses, in words a person can act on."""

from __future__ import annotations


class DomainError(Exception):
    """A rule of the domain was broken; the message says which and what to do."""


class InvalidValue(DomainError):
    """A value that cannot be what its field means."""


class StepRefused(DomainError):
    """A regime cannot take this step of its lifecycle from where it stands."""

"""What is wrong in a data file, and where."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault, in a file (relative to the data folder) at a line counted from 1.

    `path` leads to the value at fault within the content, for who sent the content and not a file.
    """

    file: str
    line: int
    message: str
    path: tuple[str | int, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class FaultyData(Exception):
    """The files cannot be used as they stand; `faults` lists why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} fault{'' if len(faults) == 1 else 's'} found")
        self.faults = sorted(faults)
